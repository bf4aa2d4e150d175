"""The WebSocket endpoint ``/ws``, a bare ASGI application.

Takes an upgrade, hands each frame to the codec of the chosen subprotocol and what it asks for to the dispatcher.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from starlette.types import Receive, Scope, Send

from csoundd.codec import CODECS, JSON, Codec
from csoundd.errors import CsounddError, Forbidden, InvalidRequest, LimitExceeded, ParseError
from csoundd.messages import Failure
from csoundd.ports import RequestHandler
from csoundd.transport.connection import NO_STATUS, NORMAL, STATE_KEY, WebSocketConnection, WebSocketProtocol
from csoundd.transport.origin import OriginPolicy
from csoundd.transport.session import Session, SessionRegistry

_GOODBYES: Final = frozenset({NORMAL, NO_STATUS})

_STATUS: Final[dict[type[CsounddError], HTTPStatus]] = {
    Forbidden: HTTPStatus.FORBIDDEN,
    InvalidRequest: HTTPStatus.BAD_REQUEST,
    LimitExceeded: HTTPStatus.SERVICE_UNAVAILABLE,
}


class MessageHandler:
    """Handles the messages of one WebSocket."""

    def __init__(self, session: Session, registry: SessionRegistry, dispatcher: RequestHandler) -> None:
        self._first = session
        self._codec = session.codec
        self._registry = registry
        self._dispatcher = dispatcher
        self._connection: WebSocketConnection | None = None

    @property
    def session(self) -> Session:
        """Whose connection this is, by what the client has said so far."""
        session = self._first
        while session.resumed is not None:
            session = session.resumed
        return session

    def open(self, connection: WebSocketConnection) -> None:
        """Speak over ``connection`` from now on."""
        self._connection = connection
        self._first.attach(connection)

    def message(self, data: bytes, *, text: bool) -> None:
        """Have done what a frame asks for."""
        if text is self._codec.binary:
            kind = "text" if text else "binary"
            self._refuse(ParseError(f"this connection speaks {self._codec.name}, and a {kind} frame came"))
        else:
            session = self.session
            self._dispatcher.dispatch(session, self._codec.decode(data), session.answer)

    def oversized(self, limit: int) -> None:
        """Say that a frame was too big to be looked at."""
        self._refuse(LimitExceeded(f"a frame of more than {limit} bytes", limit=limit))

    def writable(self) -> None:
        """Write what had to wait."""
        self.session.queue.flush()

    def lost(self, code: int) -> None:
        """Leave the session waiting for its client, unless that has said goodbye."""
        if self._connection is not None:
            self._registry.lost(self._first, self._connection, goodbye=code in _GOODBYES)

    def _refuse(self, error: CsounddError) -> None:
        self.session.answer(Failure(None, error))


class WebSocketEndpoint:
    """Accepts connections from whom ``policy`` lets in and gives each a session."""

    def __init__(self, registry: SessionRegistry, dispatcher: RequestHandler, policy: OriginPolicy) -> None:
        self._registry = registry
        self._dispatcher = dispatcher
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, from the upgrade to its end."""
        await receive()
        try:
            subprotocol = self._admit(scope)
        except CsounddError as error:
            await _refuse(send, error)
            return
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        self._start(scope, CODECS.get(subprotocol or "", JSON))
        while (await receive())["type"] != "websocket.disconnect":
            pass

    def _admit(self, scope: Scope) -> str | None:
        self._policy.admit(scope)
        self._registry.make_room()
        return choose(scope["subprotocols"])

    def _start(self, scope: Scope, codec: Codec) -> None:
        protocol = scope["state"][STATE_KEY]
        if not isinstance(protocol, WebSocketProtocol):
            raise TypeError(f"/ws needs a {WebSocketProtocol.__name__} below it")
        session = self._registry.create(codec)
        handler = MessageHandler(session, self._registry, self._dispatcher)
        handler.open(protocol.take_over(handler))


def choose(offered: Iterable[str]) -> str | None:
    """The first subprotocol of ``offered`` that is spoken here, None where none is offered.

    Raises InvalidRequest where only unknown ones are.
    """
    offers = list(offered)
    for name in offers:
        if name in CODECS:
            return name
    if offers:
        raise InvalidRequest("none of the subprotocols offered is spoken here", supported=list(CODECS))
    return None


async def _refuse(send: Send, error: CsounddError) -> None:
    body = JSON.encode(Failure(None, error))
    headers = [(b"content-type", b"application/json")]
    status = _STATUS[type(error)]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
