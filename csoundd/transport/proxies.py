"""Reverse proxies: whose word is taken for where a request comes from, and what nobody's word is taken for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn._types import ASGI3Application
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from csoundd.access.authenticator import is_loopback

_FORWARDING: Final = frozenset(
    {b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"}
)


class TrustedProxies:
    """Has ``app`` see the address and the scheme that proxies in ``networks`` say they forward for.

    Who came through a proxy is never taken for this machine itself, whatever is said of the address: neither through
    one that is trusted, as a proxy may hand on what a client has made up, nor through another, which stands before the
    daemon without the daemon knowing it, so that everybody seems to come from this machine.
    """

    def __init__(self, app: ASGIApp, networks: Iterable[str]) -> None:
        self._app = app
        self._believing = ProxyHeadersMiddleware(cast("ASGI3Application", self._elsewhere), list(networks))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one WebSocket."""
        client = scope.get("client")
        if client is not None and client[0] in self._believing.trusted_hosts:
            await cast("ASGIApp", self._believing)(scope, receive, send)
        elif any(name in _FORWARDING for name, _ in scope["headers"]):
            await self._elsewhere(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _elsewhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client is not None and is_loopback(client[0]):
            scope["client"] = (f"a proxy at {client[0]}", 0)
        await self._app(scope, receive, send)
