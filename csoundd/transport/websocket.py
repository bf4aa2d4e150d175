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
from csoundd.ports import RequestHandler
from csoundd.transport.authentication import grant_of, refuse_websocket
from csoundd.transport.conditions import failed
from csoundd.transport.connection import STATE_KEY, WebSocketProtocol
from csoundd.transport.session import MessageHandler, SessionRegistry


class WebSocketEndpoint:
    """Accepts connections and gives each a session with the grant that it came with."""

    def __init__(self, registry: SessionRegistry, dispatcher: RequestHandler) -> None:
        self._registry = registry
        self._dispatcher = dispatcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, from the upgrade to its end."""
        await receive()
        try:
            subprotocol = self._admit(scope)
        except CsounddError as error:
            busy = HTTPStatus.SERVICE_UNAVAILABLE if isinstance(error, LimitExceeded) else None
            await refuse_websocket(send, error, busy)
            return
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        self._start(scope, CODECS.get(subprotocol or "", JSON))
        while (await receive())["type"] != "websocket.disconnect":
            pass

    def _admit(self, scope: Scope) -> str | None:
        self._registry.make_room(grant_of(scope))
        return choose(scope["subprotocols"])

    def _start(self, scope: Scope, codec: Codec) -> None:
        protocol = scope["state"][STATE_KEY]
        if not isinstance(protocol, WebSocketProtocol):
            raise TypeError(f"/ws needs a {WebSocketProtocol.__name__} below it")
        client = scope.get("client")
        session = self._registry.create(codec, grant_of(scope), client[0] if client else "")
        handler = MessageHandler(session, self._registry, self._dispatcher)
        handler.open(protocol.take_over(handler))


def choose(offered: Iterable[str]) -> str | None:
    """The first subprotocol of ``offered`` that is spoken here, None where none is offered.

    Raises InvalidRequest where only unknown ones are. A browser that offers a token alone would end the connection,
    as it wants one of what it offers to be chosen.
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
