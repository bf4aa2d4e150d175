"""HTTP: ``POST /rpc`` for a call without a connection, documents to look at, and the server on its sockets.

A call over HTTP has no session: what needs one answers WrongState. Of uvicorn the server takes the protocols; signals,
logging, the event loop and the way to stop are the daemon's.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from functools import partial
from hashlib import blake2b
from http import HTTPStatus
from math import ceil
from types import TracebackType
from typing import Final, Protocol, Self, cast

import uvicorn
from httptools import parse_url
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Asgi
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from csoundd.access import Grant, Quotas
from csoundd.access.authenticator import is_loopback
from csoundd.codec import JSON, MSGPACK, Codec
from csoundd.errors import CsounddError, InvalidRequest, LimitExceeded, NotFound
from csoundd.limits import (
    FIRST_REQUEST_SECONDS,
    HTTP_CONNECTIONS,
    HTTP_GRACE_SECONDS,
    HTTP_SOURCE_CONNECTIONS,
    REQUEST_HEAD_BYTES,
    SLOW_BODY_SECONDS,
    SLOWEST_BODY_BYTES,
    SOURCE_CONNECTING,
    SWALLOWED_BODY_FACTOR,
)
from csoundd.messages import Incoming, State
from csoundd.messages import Request as Call
from csoundd.messages import Response as Answer
from csoundd.metrics import Counts
from csoundd.ports import RequestHandler
from csoundd.states import LIVE
from csoundd.transport.authentication import CONNECTION_KEY, grant_of
from csoundd.transport.conditions import JSON_TYPE, RequestRules, conditional, failed, precondition_failed, unmet
from csoundd.transport.connection import SLOWEST_KEY, WebSocketProtocol
from csoundd.transport.origin import CrossOrigin, OriginPolicy
from csoundd.transport.proxies import public_url
from csoundd.transport.sockets import ConnectionLimits, Listener
from csoundd.transport.websocket import WebSocketEndpoint, not_there

CODECS: Final[dict[str, Codec]] = {
    JSON_TYPE: JSON,
    # JSON-RPC over HTTP names both of these beside application/json.
    "application/json-rpc": JSON,
    "application/jsonrequest": JSON,
    "application/msgpack": MSGPACK,
    # What libraries sent before the type was registered in 2024, and after.
    "application/x-msgpack": MSGPACK,
    "application/vnd.msgpack": MSGPACK,
}
"""The content types of a message. None is one that a page of another origin can send without asking first."""


@dataclass(frozen=True, slots=True)
class AnonymousCaller:
    """A caller over HTTP, which has no session."""

    grant: Grant
    peer: str = ""
    url: str = ""
    """The URL at which it reaches the daemon."""
    id: str | None = None
    receipts: bool = False


class RpcEndpoint:
    """``POST /rpc``: one message in, its answer out, in the encoding of the Content-Type."""

    def __init__(
        self,
        dispatcher: RequestHandler,
        max_body: int,
        quotas: Quotas | None = None,
        counts: Counts | None = None,
    ) -> None:
        self._dispatcher = dispatcher
        self._max_body = max_body
        self._quotas = Quotas() if quotas is None else quotas
        self._counts = Counts() if counts is None else counts

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        codec = CODECS.get(content_type)
        if codec is None:
            unknown = InvalidRequest("the Content-Type has to be one of " + ", ".join(CODECS))
            return failed(unknown, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        if unmet("POST", request.headers, exists=False) is not None:
            return precondition_failed()
        try:
            body = await self._body(request)
            incoming = codec.decode(body)
            grant, peer = grant_of(request.scope), request.client.host if request.client else ""
            # There is no session: who shows a token is counted by it, and everybody else by the address.
            self._quotas.of(grant.token or peer).take(len(incoming) if isinstance(incoming, list) else 1)
        except LimitExceeded as exceeded:
            self._counts.limited(exceeded.details.get("name"))
            wait = exceeded.details.get("retryAfter")
            if not isinstance(wait, float):
                return failed(exceeded, codec=codec, content_type=content_type)
            headers = {"retry-after": str(ceil(wait))}
            status = HTTPStatus.TOO_MANY_REQUESTS
            return failed(exceeded, status, codec=codec, content_type=content_type, headers=headers)
        return await self._answered(
            request, AnonymousCaller(grant, peer, public_url(request.scope)), incoming, codec, content_type
        )

    async def _body(self, request: Request) -> bytes:
        body, size = bytearray(), 0
        async for chunk in request.stream():
            size += len(chunk)
            if size <= self._max_body:
                body += chunk
            elif size > self._max_body * SWALLOWED_BODY_FACTOR:
                break
        if size > self._max_body:
            raise LimitExceeded(f"a body of more than {self._max_body} bytes", name="frame", limit=self._max_body)
        return bytes(body)

    async def _answered(
        self, request: Request, caller: AnonymousCaller, incoming: Incoming, codec: Codec, content_type: str
    ) -> Response:
        answered: asyncio.Future[Answer | list[Answer]] = asyncio.get_running_loop().create_future()

        def answer(response: Answer | list[Answer]) -> None:
            if not answered.done():
                answered.set_result(response)

        self._dispatcher.dispatch(caller, incoming, answer)
        if not wants_answer(incoming):
            return Response(status_code=HTTPStatus.NO_CONTENT)
        if not answered.done():
            await _until(answered, request)
        result = answered.result()
        # What takes long is done beside the event loop, which serves everybody.
        body = await asyncio.to_thread(codec.encode, result) if codec.takes_long(result) else codec.encode(result)
        return Response(body, media_type=content_type)


def wants_answer(incoming: Incoming) -> bool:
    """Whether there is anything in ``incoming`` that will be answered."""
    if isinstance(incoming, list):
        return any(wants_answer(item) for item in incoming)
    return not (isinstance(incoming, Call) and incoming.is_notification)


async def _until(answered: asyncio.Future[Answer | list[Answer]], request: Request) -> None:
    """Wait for the answer; raises ClientDisconnect once nobody wants it any more."""
    gone = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait((answered, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
    if not answered.done():
        answered.cancel()
        raise ClientDisconnect


Condition = Callable[[], tuple[State, str | None]]
"""The state of the engine, and why there is none to answer, where that is known."""


def application(
    websocket: WebSocketEndpoint,
    rpc: RpcEndpoint,
    condition: Condition,
    documents: Mapping[str, Callable[[str], bytes]],
    routes: Iterable[BaseRoute] = (),
) -> Starlette:
    """The whole HTTP side. ``routes`` are what else there is.

    ``documents`` make JSON by path (``/openrpc.json``), for who reaches the daemon at a URL.
    """

    async def upgrade(_: Request) -> Response:
        error = InvalidRequest("this is a WebSocket", hint="connect to it with a client for WebSocket")
        headers = {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-version": "13"}
        return failed(error, HTTPStatus.UPGRADE_REQUIRED, headers=headers)

    async def healthz(request: Request) -> Response:
        now, reason = condition()
        if now in LIVE:
            return conditional(request, _json({"status": "ok"}))
        told: dict[str, object] = {"status": "down", "state": now}
        if "read" in grant_of(request.scope).scopes:
            told["reason"] = reason
        return _json(told, HTTPStatus.SERVICE_UNAVAILABLE)

    async def readyz(request: Request) -> Response:
        now, _ = condition()
        status = HTTPStatus.OK if now in LIVE else HTTPStatus.SERVICE_UNAVAILABLE
        return conditional(request, _json({"state": now}, status))

    return Starlette(
        routes=[
            WebSocketRoute("/ws", websocket),
            Route("/ws", upgrade),
            Route("/rpc", _function(rpc), methods=["POST"]),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *(Route(path, _document(content)) for path, content in documents.items()),
            *routes,
            WebSocketRoute("/{path:path}", not_there),
        ],
        exception_handlers={HTTPException: _http_error, ClientDisconnect: _nobody},
    )


def _function(rpc: RpcEndpoint) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        return await rpc(request)

    return endpoint


def _document(content: Callable[[str], bytes]) -> Callable[[Request], object]:
    async def document(request: Request) -> Response:
        try:
            grant_of(request.scope).permit("read", request.url.path)
        except CsounddError as refusal:
            return failed(refusal)
        body = await asyncio.to_thread(content, public_url(request.scope))
        etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        headers = {"etag": etag, "cache-control": "no-cache"}
        return conditional(request, Response(body, media_type=JSON_TYPE, headers=headers))

    return document


def _json(value: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(json.dumps(value), status_code=status, media_type=JSON_TYPE, headers={"cache-control": "no-store"})


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = f"{headers.get('Allow', '')}, OPTIONS"
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
    what: CsounddError = NotFound(f"there is nothing at {request.url.path}")
    if status != HTTPStatus.NOT_FOUND:
        what = InvalidRequest(f"{request.method} {request.url.path}: {HTTPStatus(status).phrase}")
    return failed(what, HTTPStatus(status), headers=headers)


async def _nobody(_request: Request, _error: Exception) -> Response:
    return Response(status_code=HTTPStatus.NO_CONTENT)


_TICK: Final = 1.0

CONNECTIONS: Final = ConnectionLimits("HTTP", HTTP_CONNECTIONS, HTTP_SOURCE_CONNECTIONS)

_NO_ROOM: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-type: text/plain\r\n"
    b"content-length: 21\r\n\r\ntoo many connections\n"
)


_HEAD_TOO_LONG: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-type: text/plain\r\n"
    b"content-length: 24\r\n\r\nthe headers are too long"
)


class _Address(Protocol):
    """What httptools finds in an address; its own types know of nothing that may be missing."""

    host: bytes | None
    port: int | None
    path: bytes | None
    query: bytes | None


_TOO_SLOW: Final = (
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-type: text/plain\r\n"
    b"content-length: 25\r\n\r\nthe body came too slowly\n"
)

_LOOK: Final = SLOW_BODY_SECONDS / 6

COUNTS_KEY: Final = "csoundd.counts"
"""Where the state of a connection holds what is counted."""


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol, but that who asks for nothing is not waited for without end, nor a head read without end.

    And a client of HTTP/1.0 gets no chunks: docs/upstream-faults.md#uvicorn-chunks-1-0.
    """

    _awaited: asyncio.TimerHandle | None = None
    """Ends the wait for the head of a request, or looks how fast its body comes."""
    _head = _body = 0
    _slow = 0.0
    _is_in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begin, and wait for a request."""
        super().connection_made(transport)
        self.app_state[CONNECTION_KEY] = self
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came: of httptools a head is as long as it likes, and kept whole."""
        self._head += len(data)
        self._body += len(data)
        if self._awaited is None and self._is_in_head:
            self._await_head()
        super().data_received(data)
        if not self._is_in_head:
            self._head = 0
        elif self._head > REQUEST_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_HEAD_TOO_LONG)
            self.transport.close()

    def on_headers_complete(self) -> None:
        """Serve a request."""
        self._wait_no_longer()
        self._is_in_head, self._slow = False, 0.0
        self._await_body()
        if b"://" in self.url and not self.url.startswith(b"/"):
            self._take_apart()
        super().on_headers_complete()

    def _take_apart(self) -> None:
        """Serve a request for an absolute address as one for its path on its host (RFC 9112, 3.2.2).

        What stands in the header Host does not count then: it is not to let in what the address would not.
        """
        asked = cast("_Address", parse_url(self.url))
        port = b"" if asked.port is None else b":%d" % asked.port
        host = asked.host or b""
        named = b"[%s]" % host if b":" in host else host
        for place, (name, _) in enumerate(self.headers):
            if name == b"host":
                self.headers[place] = (name, named + port)
        query = b"" if asked.query is None else b"?" + asked.query
        self.url = (asked.path or b"/") + query

    def _should_upgrade(self) -> bool:
        """Whether it becomes a WebSocket. A client of HTTP/1.0 does not know of that (RFC 9110, 7.8)."""
        return self.parser.get_http_version() != "1.0" and super()._should_upgrade()

    def on_message_complete(self) -> None:
        """Wait for the head of another one; what came with the end of this one counts for little."""
        self._wait_no_longer()
        self._is_in_head, self._head = True, 0
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over: nothing is waited for here any more."""
        self._wait_no_longer()
        super().handle_websocket_upgrade()

    def _await_head(self) -> None:
        self._awaited = self.loop.call_later(FIRST_REQUEST_SECONDS, self._give_up)

    def _await_body(self) -> None:
        self._body = 0
        self._awaited = self.loop.call_later(_LOOK, self._look_at_body)

    def _look_at_body(self) -> None:
        """Give up a client whose body comes too slowly, and not because nobody takes it."""
        slowest: float = self.app_state.get(SLOWEST_KEY, SLOWEST_BODY_BYTES)
        if self.flow.read_paused or self._body >= _LOOK * slowest:
            self._slow = 0.0
        else:
            self._slow += _LOOK
        if self._slow < SLOW_BODY_SECONDS:
            self._await_body()
            return
        if not self.cycle.response_started:
            self.transport.write(_TOO_SLOW)
        self._give_up()

    def _give_up(self) -> None:
        counts: Counts | None = self.app_state.get(COUNTS_KEY)
        if counts is not None and (self._head or not self._is_in_head):
            # Browsers open connections that they may need, and send nothing: that is no fault.
            counts.limited("sending")
        self.transport.close()

    def _wait_no_longer(self) -> None:
        if self._awaited is not None:
            self._awaited.cancel()
            self._awaited = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if cycle.scope["http_version"] == "1.0":
            app = cast("ASGI3Application", partial(_without_chunks, cast("ASGIApp", app), cycle))
        super()._start_asgi_task(cycle, app)


async def _without_chunks(app: ASGIApp, cycle: RequestResponseCycle, scope: Asgi, receive: Receive, send: Send) -> None:
    """Serve with a body of unknown length that ends with the connection (RFC 9112, 6.3)."""
    endless = False

    async def unchunked(message: Message) -> None:
        nonlocal endless
        if message["type"] == "http.response.start":
            endless = "content-length" not in Headers(raw=list(message["headers"]))
            if endless:
                cycle.chunked_encoding, cycle.expected_content_length = False, sys.maxsize
        elif endless and not message.get("more_body", False):
            cycle.expected_content_length = len(message.get("body", b""))
        await send(message)

    await app(scope, receive, unchunked)


class HttpServer:
    """Serves ``app`` on ``sockets``, which the caller has bound, while it is entered.

    ``max_frame`` bounds an incoming WebSocket message; pages of the origins of ``policy`` may use it. With ``tls``
    connections are encrypted, but for those from addresses of which ``plain`` says that they need not be. A body or a
    message comes at least at ``slowest`` bytes a second, and an IP address connects ``connecting`` times a second.
    Leaving closes the sockets, tells WebSocket clients that the server goes away (1001), and cuts off who does not
    answer.
    """

    def __init__(  # noqa: PLR0913 - the sockets and the rules for them
        self,
        app: ASGIApp,
        sockets: list[socket.socket],
        *,
        max_frame: int,
        policy: OriginPolicy | None = None,
        limits: ConnectionLimits = CONNECTIONS,
        tls: Callable[[], ssl.SSLContext] | None = None,
        plain: Callable[[str], bool] = is_loopback,
        slowest: float = SLOWEST_BODY_BYTES,
        counts: Counts | None = None,
        connecting: float = SOURCE_CONNECTING,
    ) -> None:
        self._counts = Counts() if counts is None else counts
        self._slowest = slowest
        self._config = uvicorn.Config(
            CrossOrigin(RequestRules(app), policy or OriginPolicy()),
            http=HttpProtocol,
            ws=WebSocketProtocol,
            ws_max_size=max_frame,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
        )
        self._config.load()
        self._state = ServerState()
        self._listeners = [
            Listener(
                sock,
                self._protocol,
                limits,
                _NO_ROOM,
                tls=tls,
                plain=plain,
                counts=self._counts,
                connecting=connecting,
            )
            for sock in sockets
        ]
        self._clock: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._tick()
        for listener in self._listeners:
            await listener.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._clock is not None:
            self._clock.cancel()
        for listener in self._listeners:
            listener.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            _, late = await asyncio.wait(self._state.tasks, timeout=HTTP_GRACE_SECONDS)
            for task in late:
                task.cancel()
        for connection in list(self._state.connections):
            connection.transport.abort()

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return sum(listener.connections for listener in self._listeners)

    def _protocol(self) -> asyncio.Protocol:
        protocol: Callable[..., asyncio.Protocol] = self._config.http_protocol_class
        loop = asyncio.get_running_loop()
        kept = {COUNTS_KEY: self._counts, SLOWEST_KEY: self._slowest}
        return protocol(config=self._config, server_state=self._state, app_state=kept, _loop=loop)

    def _tick(self) -> None:
        """Keep the Date header right."""
        self._state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
        self._clock = asyncio.get_running_loop().call_later(_TICK, self._tick)
