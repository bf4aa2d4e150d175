"""The WebSocket endpoint ``/ws``, a bare ASGI application.

Takes an upgrade, hands each frame to the codec of the chosen subprotocol and what it asks for to the dispatcher.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from csoundd.codec import CODECS, JSON, Codec
from csoundd.errors import CsounddError, InvalidRequest, LimitExceeded, NotFound
from csoundd.limits import QUOTED_CHARACTERS
from csoundd.messages import Failure
from csoundd.ports import RequestHandler
from csoundd.transport.conditions import STATUS, failed
from csoundd.transport.connection import STATE_KEY, WebSocketProtocol
from csoundd.transport.origin import OriginPolicy
from csoundd.transport.session import MessageHandler, SessionRegistry


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


async def not_there(socket: WebSocket) -> None:
    """Refuse a WebSocket at a path where there is none."""
    refusal = NotFound(f"there is no WebSocket at {socket.url.path[:QUOTED_CHARACTERS]}", hint="it is at /ws")
    await socket.send_denial_response(failed(refusal))


async def _refuse(send: Send, error: CsounddError) -> None:
    body = JSON.encode(Failure(None, error))
    headers = [(b"content-type", b"application/json")]
    status = HTTPStatus.SERVICE_UNAVAILABLE if isinstance(error, LimitExceeded) else STATUS[type(error)]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
