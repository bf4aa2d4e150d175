"""The check of the Host and Origin headers.

A web page can make a browser call a server on the same machine. Its Origin gives it away; and where a foreign
name has been made to point at this machine (DNS rebinding), the Host does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.types import Scope

from csoundd.errors import Forbidden

_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_WILDCARDS: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, never bound to


@dataclass(frozen=True, slots=True)
class OriginPolicy:
    """The names and origins that may call, beside this machine's own: ``bound`` is the host the server listens on.

    ``hosts`` are further names for it, ``origins`` whole origins (``https://synth.example``) of pages that may call.
    """

    bound: str = "127.0.0.1"
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()

    def check(self, headers: Iterable[tuple[bytes, bytes]], scheme: str, arrived_at: str | None) -> None:
        """Raise Forbidden unless a request with ``headers``, which came in on address ``arrived_at``, may pass."""
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        host = _authority(f"{scheme}://{hosts[0]}") if len(hosts) == 1 else None
        if host is None or not self._known(host[0], arrived_at):
            raise Forbidden("the Host header does not name this server", hint="add the name to the allowed hosts")
        for name, value in headers:
            if name == b"origin":
                self._check_origin(value.decode("latin-1"), host)

    def admit(self, scope: Scope) -> None:
        """Raise Forbidden unless the request or connection of this ASGI scope may pass."""
        server = scope.get("server")
        self.check(scope["headers"], scope["scheme"], server[0] if server else None)

    def _known(self, name: str, arrived_at: str | None) -> bool:
        if _is_loopback(name) or name in self.hosts:
            return True
        if self.bound in _WILDCARDS:
            return arrived_at is not None and _same_address(name, arrived_at)
        return name == self.bound or _same_address(name, self.bound)

    def _check_origin(self, origin: str, host: tuple[str, int]) -> None:
        if origin not in self.origins and _authority(origin) != host:
            raise Forbidden("pages of this origin may not call", hint="add it to the allowed origins")


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
