"""The OSCQuery service: an ASGI application for HTTP and WebSocket on a port of its own.

Takes paths of the OSC address space and answers with what is there, as JSON or (``?HTML``) as a page for a browser;
``/`` is also where WebSockets are opened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from csoundd.codec.osc import Message
from csoundd.errors import CsounddError, Forbidden, InvalidParams, InvalidRequest
from csoundd.limits import QUOTED_CHARACTERS
from csoundd.metrics import Counts
from csoundd.ports import EnginePort
from csoundd.transport.conditions import READING, STATUS, conditional
from csoundd.transport.connection import STATE_KEY, WebSocketProtocol
from csoundd.transport.origin import OriginPolicy
from csoundd.transport.osc.patterns import canonical
from csoundd.transport.osc.senders import Sender
from csoundd.transport.oscquery.clients import Osc, WebSocketClient
from csoundd.transport.oscquery.tree import ABSENT, Changes, ChannelIndex, Node, Tree, address_node
from csoundd.transport.proxies import reached_server

_WILDCARDS: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, never bound to

HOST_INFO: Final = "HOST_INFO"
HTML: Final = "HTML"

ALWAYS: Final = ("FULL_PATH", "CONTENTS", "TYPE")
OPTIONAL: Final = (
    "ACCESS",
    "VALUE",
    "RANGE",
    "DESCRIPTION",
    "TAGS",
    "EXTENDED_TYPE",
    "UNIT",
    "CRITICAL",
    "CLIPMODE",
    "OVERLOADS",
)
SERVED: Final = frozenset((*ALWAYS, *OPTIONAL))

EXTENSIONS: Final[dict[str, bool]] = {
    **dict.fromkeys(OPTIONAL, True),
    HTML: True,
    "LISTEN": True,
    "PATH_CHANGED": True,
    "PATH_ADDED": True,
    "PATH_REMOVED": True,
    # Csound cannot rename a channel.
    "PATH_RENAMED": False,
}
"""The optional parts of the protocol, as ``HOST_INFO`` tells them."""

_NO_ATTRIBUTES: Final = frozenset(EXTENSIONS) - SERVED - {HTML} | {"IGNORE"}
"""Names of the protocol that no node has."""


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """The name of the daemon, and the address that its OSC over UDP is bound to."""

    name: str
    osc_host: str
    osc_port: int


class OscQuery:
    """The application, to be served by an HttpServer; ``close`` it after that."""

    def __init__(  # noqa: PLR0913 - each is a part of its own
        self,
        engine: EnginePort,
        osc: Osc,
        info: ServiceInfo,
        policy: OriginPolicy,
        *,
        max_frame: int,
        counts: Counts | None = None,
    ) -> None:
        self._counts = Counts() if counts is None else counts
        self._osc = osc
        self._info = info
        self._policy = policy
        self._max_frame = max_frame
        self._tree = Tree(map(address_node, osc.addresses.values()))
        self._index = ChannelIndex(engine, self._tree, self._changed)
        self._clients: set[WebSocketClient] = set()
        osc.observe(self._message_sent)

    def close(self) -> None:
        """Let go of the engine."""
        self._index.close()

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
        except (InvalidParams, InvalidRequest) as refusal:
            return Response(refusal.message, HTTPStatus.BAD_REQUEST)
        if request.method not in READING:
            allowed = {"allow": "GET, HEAD, OPTIONS"}
            asks = request.method == "OPTIONS"
            return Response(
                status_code=HTTPStatus.NO_CONTENT if asks else HTTPStatus.METHOD_NOT_ALLOWED, headers=allowed
            )
        if HOST_INFO in names:
            return conditional(request, _json(self._host_info(request)))
        await self._index.refresh()
        node = self._node(request.scope)
        if node is None:
            return Response("there is no such address", HTTPStatus.NOT_FOUND)
        response = Response(page(node), media_type="text/html") if HTML in names else _said(node, names)
        return conditional(request, response)

    def _check(self, scope: Scope) -> None:
        client = scope.get("client")
        self._policy.admit(scope)
        if not self._osc.may_read(client[0] if client else ""):
            raise Forbidden("this address may do nothing here")

    def _node(self, scope: Scope) -> Node | None:
        """The node at the decoded path, or, as names are percent-encoded in addresses too, at the path as it came."""
        raw = scope["raw_path"].decode("latin-1").partition("?")[0]
        return self._tree.find(unquote(raw)) or self._tree.find(raw) or self._tree.find(canonical(raw))

    def _host_info(self, request: Request) -> dict[str, object]:
        server = reached_server(request.scope)
        bound = self._info.osc_host
        return {
            "NAME": self._info.name,
            "EXTENSIONS": EXTENSIONS,
            "OSC_IP": server[0] if bound in _WILDCARDS else bound,
            "OSC_PORT": self._info.osc_port,
            "OSC_TRANSPORT": "UDP",
            "WS_IP": server[0],
            "WS_PORT": server[1],
        }

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._check(scope)
            client = WebSocketClient(
                self._osc, scope["client"], self._exists, self._left, limit=self._max_frame, counts=self._counts
            )
        except (Forbidden, InvalidRequest) as refusal:
            await _refuse(send, refusal)
            return
        await send({"type": "websocket.accept"})
        protocol = scope["state"][STATE_KEY]
        if not isinstance(protocol, WebSocketProtocol):
            raise TypeError(f"OSCQuery needs a {WebSocketProtocol.__name__} below it")
        self._clients.add(client)
        self._osc.follow(client.sender, client.channel_changed, client.unfed)
        self._index.watch()
        client.open(protocol.take_over(client))
        while (await receive())["type"] != "websocket.disconnect":
            pass

    def _exists(self, path: str) -> bool:
        return self._tree.find(path) is not None

    def _left(self, client: WebSocketClient) -> None:
        if client in self._clients:
            self._clients.remove(client)
            self._osc.dismiss(client.sender)
            self._index.unwatch()

    def _changed(self, changes: Changes, renewed: bool) -> None:  # noqa: FBT001 - a callback's argument
        for client in self._clients:
            client.tell(changes, renewed=renewed)

    def _message_sent(self, message: Message, sender: Sender) -> None:
        for client in self._clients:
            client.message_sent(message, sender)


def asked_for(query: str) -> list[str]:
    """The attributes that a query string names, none where it is empty; ``NAME``, ``NAME=`` and ``NAME=1`` are one.

    One that the protocol knows and a node cannot have is left out of SERVED. Raises InvalidParams for anything else.
    """
    names = [unquote(name.partition("=")[0]) for name in query.split("&")] if query else []
    for name in names:
        if name not in SERVED | _NO_ATTRIBUTES | {HOST_INFO, HTML}:
            raise InvalidParams(f"there is no attribute {name[:QUOTED_CHARACTERS]!r}")
    return names


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


async def _refuse(send: Send, error: CsounddError) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "websocket.http.response.start", "status": STATUS[type(error)], "headers": headers})
    await send({"type": "websocket.http.response.body", "body": error.message.encode()})


_HEAD: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }}
td, th {{ padding: .1rem .8rem .1rem 0; text-align: left; vertical-align: top }}
td:first-child {{ font-family: ui-monospace, monospace }}
</style>
<h1>{title}</h1>
"""
_ACCESS: Final = ("", "read", "write", "read, write")


def page(node: Node) -> str:
    """HTML about ``node``."""
    nodes = [node, *(node.contents or {}).values()] if node.type is not None else (node.contents or {}).values()
    table = "<table>\n<tr><th>address<th>type<th>access<th>value<th>range<th>\n" + "".join(map(_row, nodes))
    return _HEAD.format(title=escape(node.path)) + "".join(_above(node)) + table + "</table>\n</html>\n"


def _above(node: Node) -> Iterator[str]:
    if node.path != "/":
        parent = node.path.rpartition("/")[0] or "/"
        yield f'<p><a href="{_link(parent)}">{escape(parent)}</a>\n'


def _row(node: Node) -> str:
    name = f'<a href="{_link(node.path)}">{escape(node.path)}</a>'
    said = (
        node.type or "",
        _ACCESS[node.access],
        _json_text(node.value if node.readable else None),
        _json_text(node.attributes.get("RANGE")),
        str(node.attributes.get("DESCRIPTION", "")),
    )
    return f"<tr><td>{name}" + "".join(f"<td>{escape(cell)}" for cell in said) + "\n"


def _json_text(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _link(path: str) -> str:
    return escape(quote(path) + "?HTML")
