"""HTTP: ``POST /rpc`` for a call without a connection, documents to look at, and the server on its sockets.

A call over HTTP has no session: what needs one answers WrongState. Of uvicorn the server takes the protocols; signals,
logging, the event loop and the way to stop are the daemon's.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from csoundd.codec import JSON, MSGPACK, Codec
from csoundd.errors import CsounddError, Forbidden, InvalidRequest, LimitExceeded, NotFound
from csoundd.limits import ACCEPT_BACKLOG, HTTP_GRACE_SECONDS, SWALLOWED_BODY_FACTOR
from csoundd.messages import Failure, Incoming, Scope, State
from csoundd.messages import Request as Call
from csoundd.messages import Response as Answer
from csoundd.ports import RequestHandler
from csoundd.states import LIVE
from csoundd.transport.connection import WebSocketProtocol
from csoundd.transport.origin import OriginPolicy
from csoundd.transport.websocket import WebSocketEndpoint

_JSON_TYPE: Final = "application/json"
_CODECS: Final[dict[str, Codec]] = {_JSON_TYPE: JSON, "application/msgpack": MSGPACK}


@dataclass(frozen=True, slots=True)
class AnonymousCaller:
    """A caller over HTTP, which has no session."""

    scopes: frozenset[Scope]
    id: str | None = None
    receipts: bool = False


class RpcEndpoint:
    """``POST /rpc``: one message in, its answer out, in the encoding of the Content-Type."""

    def __init__(
        self, dispatcher: RequestHandler, policy: OriginPolicy, scopes: frozenset[Scope], max_body: int
    ) -> None:
        self._dispatcher = dispatcher
        self._policy = policy
        self._caller = AnonymousCaller(scopes)
        self._max_body = max_body

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        try:
            self._policy.admit(request.scope)
        except Forbidden as forbidden:
            return failed(HTTPStatus.FORBIDDEN, forbidden)
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        codec = _CODECS.get(content_type)
        if codec is None:
            unknown = InvalidRequest("the Content-Type has to be one of " + ", ".join(_CODECS))
            return failed(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, unknown)
        try:
            body = await self._body(request)
        except LimitExceeded as exceeded:
            return failed(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, exceeded, codec, content_type)
        return await self._answered(request, codec.decode(body), codec, content_type)

    async def _body(self, request: Request) -> bytes:
        body, size = bytearray(), 0
        async for chunk in request.stream():
            size += len(chunk)
            if size <= self._max_body:
                body += chunk
            elif size > self._max_body * SWALLOWED_BODY_FACTOR:
                break
        if size > self._max_body:
            raise LimitExceeded(f"a body of more than {self._max_body} bytes", limit=self._max_body)
        return bytes(body)

    async def _answered(self, request: Request, incoming: Incoming, codec: Codec, content_type: str) -> Response:
        answered: asyncio.Future[Answer | list[Answer]] = asyncio.get_running_loop().create_future()

        def answer(response: Answer | list[Answer]) -> None:
            if not answered.done():
                answered.set_result(response)

        self._dispatcher.dispatch(self._caller, incoming, answer)
        if not wants_answer(incoming):
            return Response(status_code=HTTPStatus.NO_CONTENT)
        if not answered.done():
            await _until(answered, request)
        return Response(codec.encode(answered.result()), media_type=content_type)


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


def failed(status: HTTPStatus, error: CsounddError, codec: Codec = JSON, content_type: str = _JSON_TYPE) -> Response:
    """``error`` as the answer to what was not even a call, with an HTTP status that says so too."""
    return Response(codec.encode(Failure(None, error)), status_code=status, media_type=content_type)


def application(
    websocket: WebSocketEndpoint,
    rpc: RpcEndpoint,
    state: Callable[[], State],
    documents: Mapping[str, Callable[[], bytes]],
    routes: Iterable[BaseRoute] = (),
) -> Starlette:
    """The whole HTTP side. ``documents`` make JSON by path (``/openrpc.json``), ``routes`` what else there is."""

    async def healthz(_: Request) -> Response:
        return _json({"status": "ok"})

    async def readyz(_: Request) -> Response:
        now = state()
        return _json({"state": now}, HTTPStatus.OK if now in LIVE else HTTPStatus.SERVICE_UNAVAILABLE)

    return Starlette(
        routes=[
            WebSocketRoute("/ws", websocket),
            Route("/rpc", _function(rpc), methods=["POST"]),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *(Route(path, _document(content)) for path, content in documents.items()),
            *routes,
        ],
        exception_handlers={HTTPException: _http_error, ClientDisconnect: _nobody},
    )


def _function(rpc: RpcEndpoint) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        return await rpc(request)

    return endpoint


def _document(content: Callable[[], bytes]) -> Callable[[Request], object]:
    async def document(_: Request) -> Response:
        return Response(content(), media_type=_JSON_TYPE)

    return document


def _json(value: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(json.dumps(value), status_code=status, media_type=_JSON_TYPE, headers={"cache-control": "no-store"})


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    headers = error.headers if isinstance(error, HTTPException) else None
    what: CsounddError = NotFound(f"there is nothing at {request.url.path}")
    if status != HTTPStatus.NOT_FOUND:
        what = InvalidRequest(f"{request.method} {request.url.path}: {HTTPStatus(status).phrase}")
    response = failed(HTTPStatus(status), what)
    response.headers.update(headers or {})
    return response


async def _nobody(_request: Request, _error: Exception) -> Response:
    return Response(status_code=HTTPStatus.NO_CONTENT)


_TICK: Final = 1.0


class HttpServer:
    """Serves ``app`` on ``sockets``, which the caller has bound, while it is entered.

    ``max_frame`` bounds an incoming WebSocket message. Leaving closes the sockets, tells WebSocket clients that
    the server goes away (1001), and cuts off who does not answer.
    """

    def __init__(self, app: ASGIApp, sockets: list[socket.socket], *, max_frame: int) -> None:
        self._config = uvicorn.Config(
            app,
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
        self._sockets = sockets
        self._servers: list[asyncio.Server] = []
        self._clock: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._tick()
        for sock in self._sockets:
            self._servers.append(await loop.create_server(self._protocol, sock=sock, backlog=ACCEPT_BACKLOG))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._clock is not None:
            self._clock.cancel()
        for server in self._servers:
            server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            _, late = await asyncio.wait(self._state.tasks, timeout=HTTP_GRACE_SECONDS)
            for task in late:
                task.cancel()
        for connection in list(self._state.connections):
            connection.transport.abort()

    def _protocol(self) -> asyncio.Protocol:
        protocol: Callable[..., asyncio.Protocol] = self._config.http_protocol_class
        loop = asyncio.get_running_loop()
        return protocol(config=self._config, server_state=self._state, app_state={}, _loop=loop)

    def _tick(self) -> None:
        """Keep the Date header right."""
        self._state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
        self._clock = asyncio.get_running_loop().call_later(_TICK, self._tick)
