"""The WebSocket endpoint ``/ws``, a bare ASGI application.

Takes an upgrade, hands each frame to the codec of the chosen subprotocol and what it asks for to the dispatcher.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from http import HTTPStatus

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from csoundd.access import Quotas
from csoundd.codec import CODECS, JSON, Codec
from csoundd.errors import CsounddError, InvalidRequest, LimitExceeded, NotFound
from csoundd.limits import FRAME_BYTES, QUOTED_CHARACTERS, TOKENLESS_FRAME_BYTES
from csoundd.metrics import Counts
from csoundd.ports import RequestHandler
from csoundd.transport.authentication import grant_of, refuse_websocket
from csoundd.transport.conditions import failed
from csoundd.transport.connection import STATE_KEY, WebSocketProtocol
from csoundd.transport.proxies import public_url
from csoundd.transport.session import MessageHandler, Session, SessionRegistry


class WebSocketEndpoint:
    """Accepts connections and gives each a session with the grant that it came with.

    A message has at most ``max_frame`` bytes, and ``tokenless_frame`` before the token has come that is needed.
    """

    def __init__(  # noqa: PLR0913 - the parts around it and the limits
        self,
        registry: SessionRegistry,
        dispatcher: RequestHandler,
        counts: Counts | None = None,
        quotas: Quotas | None = None,
        *,
        max_frame: int = FRAME_BYTES,
        tokenless_frame: int = TOKENLESS_FRAME_BYTES,
    ) -> None:
        self._registry = registry
        self._dispatcher = dispatcher
        self._counts = Counts() if counts is None else counts
        self._quotas = Quotas() if quotas is None else quotas
        self._max_frame, self._tokenless_frame = max_frame, min(max_frame, tokenless_frame)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, from the upgrade to its end."""
        await receive()
        try:
            subprotocol = self._admit(scope)
        except CsounddError as error:
            busy = None
            if isinstance(error, LimitExceeded):
                busy = HTTPStatus.SERVICE_UNAVAILABLE
                self._counts.limited(error.details.get("name"))
            await refuse_websocket(send, error, busy)
            return
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        self._start(scope, CODECS.get(subprotocol or "", JSON))
        while (await receive())["type"] != "websocket.disconnect":
            pass

    def _admit(self, scope: Scope) -> str | None:
        self._registry.make_room(grant_of(scope), _peer(scope))
        return choose(scope["subprotocols"])

    def _start(self, scope: Scope, codec: Codec) -> None:
        protocol = scope["state"][STATE_KEY]
        if not isinstance(protocol, WebSocketProtocol):
            raise TypeError(f"/ws needs a {WebSocketProtocol.__name__} below it")
        session = self._registry.create(codec, grant_of(scope), _peer(scope), public_url(scope))
        handler = MessageHandler(session, self._registry, self._dispatcher, self._counts, self._quotas)
        limit = None if session.grant.scopes else partial(self._limit_of, session)
        handler.open(protocol.take_over(handler, limit))

    def _limit_of(self, session: Session) -> int:
        return self._max_frame if session.grant.scopes else self._tokenless_frame


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


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
