"""Reverse proxies: whose word is taken for where a request comes from, and what nobody's word is taken for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, cast
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn._types import ASGI3Application
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from csoundd.access.authenticator import is_loopback

_FORWARDING: Final = frozenset(
    {b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-prefix", b"x-forwarded-proto", b"x-real-ip"}
)

_PREFIX: Final = "csoundd.prefix"
_PORTS: Final = {"http": 80, "https": 443}
_SCHEMES: Final = {"ws": "http", "wss": "https"}
_FOLDER: Final = re.compile(r"(/[A-Za-z0-9._~-]{1,100}){1,10}")


def prefix_of(scope: Scope) -> str:
    """The folder of a trusted proxy's address under which the daemon is, as ``/studio``; empty where it is in none."""
    return str(scope.get(_PREFIX, ""))


def public_url(scope: Scope) -> str:
    """The URL, without an end, at which the client of this request or WebSocket reaches the daemon."""
    scheme = _SCHEMES.get(scope["scheme"], scope["scheme"])
    return f"{scheme}://{Headers(scope=scope).get('host', '')}{prefix_of(scope)}"


def reached_server(scope: Scope) -> tuple[str, int]:
    """The host and the port at which the client reaches the daemon: its own, or what a trusted proxy has for it."""
    if _PREFIX not in scope:
        host, port = scope.get("server") or ("127.0.0.1", 0)
        return str(host), int(port or 0)
    parts = urlsplit(public_url(scope))
    return parts.hostname or "", parts.port or _PORTS[parts.scheme]


class TrustedProxies:
    """Has ``app`` see the address, the scheme and the folder that proxies in ``networks`` say they forward for.

    A folder (``X-Forwarded-Prefix``) is what the proxy has taken from the path before it handed the request on.

    Who came through a proxy is never taken for this machine itself, whatever is said of the address: neither through
    one that is trusted, as a proxy may hand on what a client has made up, nor through another, which stands before the
    daemon without the daemon knowing it, so that everybody seems to come from this machine. With ``told`` a trusted one
    always says that it forwards, and who comes from its address without a word of that comes by itself.
    """

    def __init__(self, app: ASGIApp, networks: Iterable[str], *, told: bool = False) -> None:
        self._app = app
        self._told = told
        self._believing = ProxyHeadersMiddleware(cast("ASGI3Application", self._elsewhere), list(networks))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one WebSocket."""
        client = scope.get("client")
        says_so = any(name in _FORWARDING for name, _ in scope["headers"])
        if client is not None and client[0] in self._believing.trusted_hosts and (says_so or not self._told):
            folder = Headers(scope=scope).get("x-forwarded-prefix", "").rstrip("/")
            is_good = _FOLDER.fullmatch(folder) is not None and {".", ".."}.isdisjoint(folder.split("/"))
            scope[_PREFIX] = folder if is_good else ""
            await cast("ASGIApp", self._believing)(scope, receive, send)
        elif says_so:
            await self._elsewhere(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _elsewhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client is not None and is_loopback(client[0]):
            scope["client"] = (f"a proxy at {client[0]}", 0)
        await self._app(scope, receive, send)
