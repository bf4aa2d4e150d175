"""Stage 1, OSC replies: results and errors of calls to the packets that answer them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from csoundd.codec import json
from csoundd.codec.osc import Part, blob, double, doubles, float32, floats, int32, message, text
from csoundd.errors import CsounddError, InternalError, LimitExceeded
from csoundd.messages import Failure, Handle, Receipt, Response
from csoundd.transport.osc.sender import Exchange

_TEXT: Final = 1000
"""The longest text of an error, in characters."""

_OVERHEAD: Final = 32
"""Bytes of an ``/error`` beside its address and its text."""


def reply(exchange: Exchange, address: str, result: object, *, nothing: bool = False) -> None:
    """Answer ``/reply ,s… <address> results…``; with ``nothing`` there is no result to tell."""
    try:
        packet = message("/reply", text(address), *(() if nothing else _parts(result)))
    except (TypeError, ValueError, OverflowError, RecursionError):
        fail(exchange, address, InternalError("the result cannot travel as OSC"))
        return
    _send(exchange, address, packet)


def value(exchange: Exchange, address: str, result: object) -> None:
    """Answer ``address value``, with numbers as ``f``: what a channel holds."""
    _send(exchange, address, channel(address, result))


def channel(address: str, result: object) -> bytes:
    """The packet that says what a channel holds."""
    match result:
        case str():
            return message(address, text(result))
        case np.ndarray():
            return message(address, floats(result))
        case list() | tuple():
            return message(address, *_parts(result))
        case int() | float():
            return message(address, float32(result))
    return message(address, *_parts(result))


def fail(exchange: Exchange, address: str, error: CsounddError) -> None:
    """Answer ``/error ,sis <address> <code> <text>``, the text as long as there is room for it."""
    said = error.message if error.hint is None else f"{error.message} ({error.hint})"
    room = exchange.room - _OVERHEAD - len(address.encode("utf-8", "replace"))
    while said and len(said.encode("utf-8", "replace")) > room:
        said = said[: min(len(said) - 1, max(0, room))]
    exchange.send(message("/error", text(address), int32(error.code), text(said[:_TEXT])))


def late(exchange: Exchange, address: str, receipt: Receipt) -> None:
    """Tell how many seconds too late something came, to whoever asked to be told; 1 for what was dropped."""
    if exchange.sender.late:
        exchange.send(message("/late", text(address), double(receipt.late), int32(receipt.dropped)))


def failed(exchange: Exchange, address: str, response: Response | list[Response]) -> bool:
    """Answer an error if ``response`` is one; says whether it was."""
    if isinstance(response, Failure):
        fail(exchange, address, response.error)
        return True
    return False


def _send(exchange: Exchange, address: str, packet: bytes) -> None:
    if not exchange.send(packet):
        fail(exchange, address, LimitExceeded(f"the answer has {len(packet)} bytes", hint=_advice(exchange)))


def _advice(exchange: Exchange) -> str:
    if exchange.sender.proven:
        return f"a packet has at most {exchange.sender.limit}; ask for less, or over TCP or WebSocket"
    return "too many for UDP from another machine"


def _parts(result: object) -> Iterator[Part]:
    """``result`` as arguments: numbers ``d``, texts and handles ``s``, structs as JSON, lists one after another."""
    match result:
        case list() | tuple():
            for inner in result:
                yield from _parts(inner)
        case np.ndarray():
            yield doubles(result)
        case np.generic():
            yield _part(result.item())
        case _:
            yield _part(result)


def _part(result: object) -> Part:
    build = _BUILDERS.get(type(result))
    return text(json.pack(result).decode()) if build is None else build(result)


_BUILDERS: Final[dict[type, Callable[[Any], Part]]] = {
    type(None): lambda _: ("N", b""),
    bool: lambda result: ("T" if result else "F", b""),
    int: double,
    float: double,
    str: text,
    bytes: blob,
    Handle: lambda handle: text(handle.id),
}
