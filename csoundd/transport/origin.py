"""The check of the Host and Origin headers, and what lets pages of other origins read the answers.

A web page can make a browser call a server on the same machine. Its Origin gives it away, or Sec-Fetch-Site where it
embeds an image, a sound or a frame; and where a foreign name has been made to point at this machine (DNS rebinding),
the Host does.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from csoundd.errors import Forbidden, InvalidRequest
from csoundd.limits import REFUSALS_LOGGED

log = logging.getLogger("csoundd.transport")

EVERY_PAGE: Final = "*"
"""Stands among the origins for pages of whatever origin."""

EXPOSED_HEADERS: Final = (
    "Accept-Ranges", "Allow", "Content-Length", "Content-Range", "ETag", "Last-Modified", "Retry-After",
)  # fmt: skip
"""What a page may read of an answer beside what browsers always show it."""

_TOLD: Final = frozenset({b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest"})
"""The headers in which a browser tells where a request has its origin, and what for; no page can set them."""

_ELSEWHERE: Final = frozenset({"cross-site", "same-site"})

_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_WILDCARDS: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, never bound to


@dataclass(frozen=True, slots=True)
class OriginPolicy:
    """The names and origins that may call, beside this machine's own: ``bound`` is the host the server listens on.

    ``hosts`` are further names for it, ``origins`` whole origins (``https://synth.example``) of pages that may call,
    written as browsers do; ``*`` is every page. Each refusal is logged once, with the setting that would prevent it.
    """

    bound: str = "127.0.0.1"
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    _logged: set[str] = field(default_factory=set, init=False, compare=False)

    def check(self, headers: Iterable[tuple[bytes, bytes]], scheme: str, arrived_at: str | None) -> None:
        """Let a request with ``headers`` pass, which came in on address ``arrived_at``.

        Raises Forbidden where it may not, InvalidRequest where it does not name one host, as RFC 9112 (3.2) wants.
        """
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        if len(hosts) != 1:
            raise InvalidRequest("a request has one Host header")
        host = _authority(f"{scheme}://{hosts[0]}")
        if host is None or not self._known(host[0], arrived_at):
            self._log("host", host[0] if host else hosts[0])
            raise Forbidden("the Host header does not name this server", hint="add the name to the allowed hosts")
        told = {name: value.decode("latin-1") for name, value in headers if name in _TOLD}
        origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
        for origin in origins:
            self._check_origin(origin, host)
        if not origins and told.get(b"sec-fetch-site") in _ELSEWHERE and not _is_visit(told):
            # A page elsewhere embeds it, an image, a sound or a frame, and the browser does not say which page.
            raise Forbidden(
                "a page of another origin may not embed this",
                hint="with the attribute crossorigin, and its origin among the allowed ones, it may",
            )

    def admit(self, scope: Scope) -> None:
        """Let the request or connection of this ASGI scope pass. Raises what :meth:`check` does."""
        server = scope.get("server")
        self.check(scope["headers"], scope["scheme"], server[0] if server else None)

    def _known(self, name: str, arrived_at: str | None) -> bool:
        if _is_loopback(name) or name in self.hosts:
            return True
        if self.bound in _WILDCARDS:
            return arrived_at is not None and _same_address(name, arrived_at)
        return name == self.bound or _same_address(name, self.bound)

    def _check_origin(self, origin: str, host: tuple[str, int]) -> None:
        if self.origins.isdisjoint((origin, EVERY_PAGE)) and _authority(origin) != host:
            self.refused(origin)
            raise Forbidden("pages of this origin may not call", hint="add it to the allowed origins")

    def refused(self, origin: str) -> None:
        """Take note that a page of ``origin`` was refused."""
        self._log("origin", origin)

    def _log(self, kind: str, name: str) -> None:
        """Say once how ``name`` could be let in; of made-up ones, only so many."""
        name = name[:200]
        if name not in self._logged and len(self._logged) < REFUSALS_LOGGED:
            self._logged.add(name)
            shown = name if name.isascii() and name.isprintable() else repr(name)
            what = "a page of the origin" if kind == "origin" else "a request for the host"
            log.warning("%s %s was refused: --allowed-%s %s lets it in", what, shown, kind, shown)


class CrossOrigin(CORSMiddleware):
    """Lets pages of the allowed origins use ``app`` from a browser.

    Answers what a browser asks first, and marks what the page may read. Who is refused is the business of the
    endpoints, which ask ``policy``.
    """

    def __init__(self, app: ASGIApp, policy: OriginPolicy) -> None:
        self._policy = policy
        super().__init__(
            app,
            allow_origins=policy.origins,
            allow_methods=("GET", "HEAD", "POST", "PUT", "DELETE"),
            allow_headers=("*",),
            allow_private_network=True,
            expose_headers=EXPOSED_HEADERS,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Say what a page may ask for."""
        if not self.is_allowed_origin(request_headers["origin"]):
            self._policy.refused(request_headers["origin"])
        return super().preflight_response(request_headers)


def _authority(url: str) -> tuple[str, int] | None:
    """The host, in lower case, and the port of ``url``; None where it has none or more than an origin has."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    if not parts.hostname or parts.username is not None or parts.path or parts.query or parts.fragment:
        return None
    return parts.hostname.removesuffix("."), port


def _is_visit(told: Mapping[bytes, str]) -> bool:
    """Whether somebody follows a link: the page is seen by itself, and by nobody else."""
    return told.get(b"sec-fetch-mode") == "navigate" and told.get(b"sec-fetch-dest") == "document"


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _same_address(one: str, other: str) -> bool:
    try:
        return ip_address(one) == ip_address(other)
    except ValueError:
        return False
