"""The gate in front of everything over HTTP and WebSocket: host and origin, then who it is.

A token comes as ``Authorization: Bearer``, of a WebSocket from a browser, which can set no headers, as a subprotocol
``csoundd.bearer.<base64url of the token>``. What a browser fetches by itself comes with a ticket (``?ticket=``) or a
cookie, which are good for reading alone. Behind the gate an endpoint asks :func:`grant_of`.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from csoundd.access import HOW_TO_MAKE_ONE, NOTHING, AuditLog, Authenticator, Grant
from csoundd.access.audit import who_of
from csoundd.access.service import PAIRING_PATH
from csoundd.access.tickets import Vouchers
from csoundd.codec import JSON
from csoundd.errors import CsounddError, Forbidden, Unauthorized
from csoundd.limits import COOKIE_SECONDS
from csoundd.messages import Failure
from csoundd.metrics import Counts
from csoundd.transport.certificates import DOWNLOAD, PAGE
from csoundd.transport.conditions import READING, STATUS, failed
from csoundd.transport.origin import OriginPolicy
from csoundd.transport.proxies import prefix_of

BEARER: Final = "csoundd.bearer."
"""How the subprotocol begins that carries a token."""

COOKIE: Final = "csoundd"
COOKIE_PATH: Final = "/cookie"
OPEN: Final = frozenset({"/healthz", "/readyz", PAGE, DOWNLOAD, PAIRING_PATH})
"""The paths that need no token: what probes ask, which have none, and what comes before one: authority and pairing."""

CONNECTION_KEY: Final = "csoundd.connection"
"""Where ``scope["state"]`` holds the protocol of the connection."""

GRANT_KEY: Final = "csoundd.grant"

_CHALLENGE: Final = {"www-authenticate": 'Bearer realm="csoundd"'}
_OWN_SITE: Final = frozenset({"same-origin", "none"})
"""Values of Sec-Fetch-Site of what a page of the daemon's own, or the person at the browser, asks for."""


def grant_of(scope: Scope) -> Grant:
    """What the caller of a request may do; nothing where it did not come through the gate."""
    grant = scope.get(GRANT_KEY, NOTHING)
    return grant if isinstance(grant, Grant) else NOTHING


class Authentication:
    """Lets to ``app`` whom ``policy`` and ``authenticator`` let in, with a grant.

    Whoever passes the policy may read the paths in ``readable``, and nobody else writes to them.
    """

    def __init__(  # noqa: PLR0913 - what is behind the gate, who decides, and what is open
        self,
        app: ASGIApp,
        authenticator: Authenticator,
        policy: OriginPolicy,
        *,
        tickets: Vouchers,
        cookies: Vouchers,
        readable: frozenset[str] = frozenset(),
        audit: AuditLog | None = None,
        counts: Counts | None = None,
    ) -> None:
        self._audit = AuditLog() if audit is None else audit
        self._counts = Counts() if counts is None else counts
        self._app = app
        self._readable = readable
        self._authenticator = authenticator
        self._policy = policy
        self._tickets, self._cookies = tickets, cookies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one WebSocket."""
        is_http = scope["type"] == "http"
        reason = "origin"
        try:
            self._policy.admit(scope)
            reason = "token"
            grant = await self._grant(scope)
            if is_http and not grant.scopes and not self._is_open(scope):
                raise Unauthorized(f"{scope['method']} needs a token here", hint=HOW_TO_MAKE_ONE)
        except CsounddError as refusal:
            self._counts.refused(reason)
            self._audit.refused(_address(scope), _asked(scope), refusal.message)
            if is_http:
                await _refusal(refusal)(scope, receive, send)
            else:
                await receive()
                await refuse_websocket(send, refusal)
            return
        scope[GRANT_KEY] = grant
        if is_http:
            send = self._noting(scope, grant, send)
        if grant.token is None or not is_http:
            # A WebSocket's session sees itself that it ends with the token.
            await self._app(scope, receive, send)
            return
        connection = scope["state"][CONNECTION_KEY]
        release = self._authenticator.hold(grant, connection.transport.abort)
        try:
            await self._app(scope, receive, send)
        finally:
            release()

    def _is_open(self, scope: Scope) -> bool:
        path = scope["path"]
        return path in OPEN or (path in self._readable and scope["method"] in READING)

    def _noting(self, scope: Scope, grant: Grant, send: Send) -> Send:
        """``send``, which takes note of a refusal by the endpoint: it is what knows the scope that is needed."""

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.FORBIDDEN:
                self._counts.refused("scope")
                self._audit.refused(who_of(grant, _address(scope)), _asked(scope), "it may not")
            await send(message)

        return noting

    async def _grant(self, scope: Scope) -> Grant:
        headers = Headers(scope=scope)
        address = scope["client"][0] if scope.get("client") else None
        token = _from_authorization(headers) or _from_subprotocols(scope)
        if token is not None:
            who = str(address)
            return await self._authenticator.with_token(token, scope["state"][CONNECTION_KEY], who)
        grant = self._authenticator.without_token(address)
        if not grant.scopes and scope["type"] == "http" and scope["method"] in READING:
            grant = self._voucher(scope, headers) or grant
        return grant

    def _voucher(self, scope: Scope, headers: Headers) -> Grant | None:
        """What a ticket or a cookie stands for, of what it allows as much as is good for reading."""
        ticket = parse_qs(scope["query_string"].decode("latin-1")).get("ticket")
        grant = None if ticket is None else self._tickets.take(ticket[0], scope["path"])
        if grant is None and headers.get("sec-fetch-site", "none") in _OWN_SITE:
            # A cookie comes along from every port of a host. A browser says where a request has its origin.
            cookie = _cookie(headers)
            grant = None if cookie is None else self._cookies.grant(cookie)
        if grant is None:
            return None
        return Grant(grant.scopes & {"read"}, grant.channels, grant.token, grant.name)


class CookieEndpoint:
    """``POST /cookie`` gives a browser a cookie for the token that it shows, ``DELETE`` takes it away."""

    def __init__(self, cookies: Vouchers) -> None:
        self._cookies = cookies

    def routes(self) -> list[BaseRoute]:
        """The route that the HTTP server adds."""
        return [Route(COOKIE_PATH, self._answer, methods=["POST", "DELETE"])]

    async def _answer(self, request: Request) -> Response:
        response = Response(status_code=HTTPStatus.NO_CONTENT, headers={"cache-control": "no-store"})
        known = _cookie(request.headers)
        if known is not None:
            self._cookies.drop(known)
        grant = grant_of(request.scope)
        text, seconds = "", 0
        if request.method == "POST":
            if grant.token is None:
                return failed(Forbidden("a cookie is for who shows a token", hint="send it as Authorization: Bearer"))
            text, seconds = self._cookies.issue(grant), COOKIE_SECONDS
        set_cookie(response, request, text, seconds)
        return response


def set_cookie(response: Response, request: Request, text: str, seconds: int = COOKIE_SECONDS) -> None:
    """Have a browser keep ``text`` as its cookie for ``seconds``, of pages and of other sites unseen."""
    response.set_cookie(
        COOKIE,
        text,
        max_age=seconds,
        path=f"{prefix_of(request.scope)}/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def _address(scope: Scope) -> str:
    return str(scope["client"][0]) if scope.get("client") else "somebody"


def _asked(scope: Scope) -> str:
    """The request in a word; what stands behind the path may be a ticket."""
    return f"{scope.get('method', 'WebSocket')} {scope['path']}"


def _from_authorization(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _from_subprotocols(scope: Scope) -> str | None:
    """The token among the subprotocols offered, which is taken from them: it is not one to choose, nor to answer."""
    offered = scope.get("subprotocols") or []
    bearers = [name for name in offered if name.startswith(BEARER)]
    if not bearers:
        return None
    scope["subprotocols"] = [name for name in offered if not name.startswith(BEARER)]
    encoded = bearers[0].removeprefix(BEARER)
    try:
        return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode("ascii")
    except (ValueError, binascii.Error):
        return ""


def _cookie(headers: Headers) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return None if found is None else found.value


def _refusal(error: CsounddError) -> Response:
    return failed(error, headers=_CHALLENGE if isinstance(error, Unauthorized) else None)


async def refuse_websocket(send: Send, error: CsounddError, status: HTTPStatus | None = None) -> None:
    """Answer an upgrade, once it has been received, with ``error``."""
    headers = [(b"content-type", b"application/json")]
    if isinstance(error, Unauthorized):
        headers += [(name.encode(), value.encode()) for name, value in _CHALLENGE.items()]
    code = STATUS[type(error)] if status is None else status
    await send({"type": "websocket.http.response.start", "status": code, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": JSON.encode(Failure(None, error))})
