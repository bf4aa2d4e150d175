"""Stage 1, OSCQuery service: an ASGI application for HTTP and WebSocket on a port of its own.

Takes paths of the OSC address space and answers with what is there; ``/`` is also where WebSockets are opened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from typing import Final, Protocol
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from csoundd.codec.osc import Message
from csoundd.errors import Forbidden, InvalidParams
from csoundd.transport.origin import OriginPolicy
from csoundd.transport.osc.ports import Method
from csoundd.transport.osc.receiver import Receiver
from csoundd.transport.osc.sender import Sender
from csoundd.transport.oscquery.attributes import EXTENSIONS, HOST_INFO, HTML, SERVED, asked_for
from csoundd.transport.oscquery.listeners import Listener
from csoundd.transport.oscquery.methods import fixed_nodes, method_nodes
from csoundd.transport.oscquery.nodes import ABSENT, Node
from csoundd.transport.oscquery.page import page
from csoundd.transport.oscquery.roster import EnginePort, Roster
from csoundd.transport.oscquery.tree import Changes, Tree
from csoundd.transport.protocol import STATE_KEY, WebSocketProtocol

_WILDCARDS: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, never bound to
_numbers = count(1)


class Osc(Protocol):
    """The OSC server that is told about here."""

    @property
    def receiver(self) -> Receiver:
        """Where packets go."""

    @property
    def addresses(self) -> Iterable[str]:
        """Every address but those of channels."""

    def may_read(self, host: str) -> bool:
        """Whether somebody at the IP address ``host`` may know what there is."""

    def admit(self, name: str, host: str, deliver: Callable[[bytes], None], limit: int) -> Sender:
        """A sender that is connected by other means. Raises Forbidden for one that may do nothing."""

    def follow(self, sender: Sender, told: Callable[[bytes], None]) -> None:
        """Tell ``told`` of every channel's value, and of each change that ``sender`` did not make."""

    def dismiss(self, sender: Sender) -> None:
        """``sender`` is no more."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What the daemon is called, and where its OSC over UDP is bound."""

    name: str
    osc_host: str
    osc_port: int


class OscQuery:
    """The application, to be served by an HttpServer; ``close`` it after that."""

    def __init__(  # noqa: PLR0913 - the neighbours
        self,
        engine: EnginePort,
        osc: Osc,
        methods: Iterable[Method],
        whereabouts: Whereabouts,
        policy: OriginPolicy,
        *,
        max_frame: int,
    ) -> None:
        self._osc = osc
        self._where = whereabouts
        self._policy = policy
        self._max_frame = max_frame
        self._tree = Tree([*method_nodes(methods, osc.addresses), *fixed_nodes()])
        self._roster = Roster(engine, self._tree, self._changed)
        self._listeners: set[Listener] = set()
        osc.receiver.overheard = self._overheard

    def close(self) -> None:
        """Let go of the engine."""
        self._roster.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one WebSocket."""
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            response = await self._answer(Request(scope, receive))
            await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            self._check(request.scope)
            names = asked_for(request.url.query)
        except Forbidden as refusal:
            return Response(refusal.message, HTTPStatus.FORBIDDEN)
        except InvalidParams as refusal:
            return Response(refusal.message, HTTPStatus.BAD_REQUEST)
        if request.method not in {"GET", "HEAD"}:
            return Response(status_code=HTTPStatus.METHOD_NOT_ALLOWED, headers={"allow": "GET, HEAD"})
        if HOST_INFO in names:
            return _shared(_json(self._host_info(request)), request)
        await self._roster.refresh()
        node = self._node(request.scope)
        if node is None:
            return Response("there is no such address", HTTPStatus.NOT_FOUND)
        response = Response(page(node), media_type="text/html") if HTML in names else _said(node, names)
        return _shared(response, request)

    def _check(self, scope: Scope) -> None:
        client = scope.get("client")
        self._policy.admit(scope)
        if not self._osc.may_read(client[0] if client else ""):
            raise Forbidden("this address may do nothing here")

    def _node(self, scope: Scope) -> Node | None:
        """The node at the decoded path, or, as names are percent-encoded in addresses too, at the path as it came."""
        raw = scope["raw_path"].decode("latin-1").partition("?")[0]
        return self._tree.find(unquote(raw)) or self._tree.find(raw)

    def _host_info(self, request: Request) -> dict[str, object]:
        server = request.scope.get("server") or ("127.0.0.1", 0)
        bound = self._where.osc_host
        return {
            "NAME": self._where.name,
            "EXTENSIONS": EXTENSIONS,
            "OSC_IP": server[0] if bound in _WILDCARDS else bound,
            "OSC_PORT": self._where.osc_port,
            "OSC_TRANSPORT": "UDP",
            "WS_IP": server[0],
            "WS_PORT": server[1],
        }

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        listener = Listener(self._osc.receiver, lambda path: self._tree.find(path) is not None, self._left)
        try:
            self._check(scope)
            self._admit(listener, scope)
        except Forbidden as refusal:
            await _refuse(send, refusal)
            return
        await send({"type": "websocket.accept"})
        self._join(listener, scope)
        while (await receive())["type"] != "websocket.disconnect":
            pass

    def _admit(self, listener: Listener, scope: Scope) -> None:
        host, port = scope["client"]
        name = f"osc:ws:{host}:{port}:{next(_numbers)}"
        listener.sender = self._osc.admit(name, host, listener.reply, self._max_frame)

    def _join(self, listener: Listener, scope: Scope) -> None:
        protocol = scope["state"][STATE_KEY]
        if not isinstance(protocol, WebSocketProtocol):
            raise TypeError(f"OSCQuery needs a {WebSocketProtocol.__name__} below it")
        self._listeners.add(listener)
        self._osc.follow(listener.sender, listener.hear)
        self._roster.watch()
        listener.open(protocol.take_over(listener))

    def _left(self, listener: Listener) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)
            self._osc.dismiss(listener.sender)
            self._roster.unwatch()

    def _changed(self, changes: Changes, renewed: bool) -> None:  # noqa: FBT001 - a callback's argument
        for listener in self._listeners:
            listener.tell(changes, renewed=renewed)

    def _overheard(self, message: Message, sender: Sender) -> None:
        for listener in self._listeners:
            listener.overhear(message, sender)


def _said(node: Node, names: list[str]) -> Response:
    """``node`` as a whole, or the attributes ``names`` of it; no content where one cannot be had."""
    if not names:
        return _json(node.whole())
    if any(name not in SERVED or (name == "VALUE" and not node.readable) for name in names):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return _json({name: said for name in names if (said := node.get(name)) is not ABSENT})


def _json(value: object) -> Response:
    body = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})


def _shared(response: Response, request: Request) -> Response:
    """Let a page of another origin, which was checked before, read the answer."""
    origin = request.headers.get("origin")
    if origin is not None:
        response.headers["access-control-allow-origin"] = origin
        response.headers["vary"] = "origin"
    return response


async def _refuse(send: Send, error: Forbidden) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "websocket.http.response.start", "status": HTTPStatus.FORBIDDEN, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": error.message.encode()})
