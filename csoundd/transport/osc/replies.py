"""OSC replies: what goes back for a packet, and how values of the API become arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from csoundd.codec import json
from csoundd.codec.osc import Part, blob, double, doubles, float32, floats, int32, message, text
from csoundd.errors import CsounddError, InternalError, LimitExceeded
from csoundd.limits import AMPLIFICATION, ERROR_CHARACTERS
from csoundd.messages import Failure, Handle, Receipt, Response
from csoundd.transport.osc.senders import ReplyTypes, Sender

_OVERHEAD: Final = 32
"""Bytes of an ``/error`` beside its address and its text."""


class ReplyBudget:
    """The bytes that may go back for one packet of ``size`` bytes; to a proven address, any number."""

    __slots__ = ("room", "sender")

    def __init__(self, sender: Sender, size: int) -> None:
        self.sender = sender
        self.room = sender.limit if sender.proven else min(sender.limit, AMPLIFICATION * size)

    def send(self, packet: bytes) -> bool:
        """Send ``packet`` back; whether it fitted."""
        if len(packet) > self.room:
            return False
        if not self.sender.proven:
            self.room -= len(packet)
        self.sender.deliver(packet)
        return True


class ReplyContext:
    """A message to ``address`` that came in, and what may go back to its ``sender`` for it."""

    __slots__ = ("_budget", "address", "sender")

    def __init__(self, budget: ReplyBudget, address: str) -> None:
        self._budget = budget
        self.sender = budget.sender
        self.address = address

    def send(self, packet: bytes) -> None:
        """Send ``packet`` back, or where it is too large an error."""
        if not self._budget.send(packet):
            advice = "too many for UDP from another machine"
            if self.sender.proven:
                advice = f"a packet has at most {self.sender.limit}; ask for less, or over TCP or WebSocket"
            self.fail(LimitExceeded(f"the answer has {len(packet)} bytes", hint=advice))

    def reply(self, *results: object) -> None:
        """Answer ``/reply ,s… <address> results…``."""
        try:
            packet = message("/reply", text(self.address), *_parts(results, self.sender.reply_types))
        except (TypeError, ValueError, OverflowError, RecursionError):
            self.fail(InternalError("the result cannot travel as OSC"))
            return
        self.send(packet)

    def number(self, value: float) -> Part:
        """``value`` in 64 bits, or in the 32 that the sender prefers."""
        return float32(value) if self.sender.reply_types == "standard" else double(value)

    def value(self, held: object) -> None:
        """Answer what the channel at this address holds."""
        self.send(channel_packet(self.address, held))

    def late(self, receipt: Receipt) -> None:
        """Tell ``/late ,sdi``, with seconds and 1 for what was dropped, to a sender that asked for it."""
        if self.sender.wants_late:
            self._budget.send(message("/late", text(self.address), self.number(receipt.late), int32(receipt.dropped)))

    def fail(self, error: CsounddError) -> None:
        """Answer ``/error ,sis <address> <code> <text>``, the text as long as there is room for it."""
        said = error.message if error.hint is None else f"{error.message} ({error.hint})"
        room = self._budget.room - _OVERHEAD - len(self.address.encode("utf-8", "replace"))
        while said and len(said.encode("utf-8", "replace")) > room:
            said = said[: min(len(said) - 1, max(0, room))]
        self._budget.send(message("/error", text(self.address), int32(error.code), text(said[:ERROR_CHARACTERS])))

    def failed(self, response: Response | list[Response]) -> bool:
        """Answer an error if ``response`` is one; whether it was."""
        if isinstance(response, Failure):
            self.fail(response.error)
            return True
        return False


def channel_packet(address: str, held: object) -> bytes:
    """The packet that says what the channel at ``address`` holds: numbers as ``f``, which every controller reads."""
    match held:
        case np.ndarray():
            return message(address, floats(held))
        case int() | float():
            return message(address, float32(held))
    return message(address, *_parts(held, "full"))


def _parts(result: object, types: ReplyTypes) -> Iterator[Part]:
    """``result`` as arguments: numbers ``d``, texts and handles ``s``, structs as JSON, lists one after another.

    In standard types numbers are ``f``, or ``i`` where they are whole numbers that fit, as are true and false; nothing
    is an empty text.
    """
    match result:
        case list() | tuple():
            for inner in result:
                yield from _parts(inner, types)
        case np.ndarray():
            yield floats(result) if types == "standard" else doubles(result)
        case np.generic():
            yield _part(result.item(), types)
        case _:
            yield _part(result, types)


def _part(result: object, types: ReplyTypes) -> Part:
    build = (_STANDARD_BUILDERS if types == "standard" else _BUILDERS).get(type(result))
    return text(json.pack(result).decode()) if build is None else build(result)


def _whole(result: int) -> Part:
    return int32(result) if -(2**31) <= result < 2**31 else float32(result)


_BUILDERS: Final[dict[type, Callable[[Any], Part]]] = {
    type(None): lambda _: ("N", b""),
    bool: lambda result: ("T" if result else "F", b""),
    int: double,
    float: double,
    str: text,
    bytes: blob,
    Handle: lambda handle: text(handle.id),
}
_STANDARD_BUILDERS: Final[dict[type, Callable[[Any], Part]]] = _BUILDERS | {
    type(None): lambda _: text(""),
    bool: int32,
    int: _whole,
    float: float32,
}
