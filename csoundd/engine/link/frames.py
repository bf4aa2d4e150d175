"""What front and engine host say to each other: framed msgpack over one stream socket.

A frame is a four-byte little-endian length and a msgpack array. To the host go calls,
``[id, method, args, session, at, late]``; back come replies, failures and events, told apart by their
first item. The kinds of event mirror those of :mod:`csoundd.messages`.

A large frame of output travels in parts, so that an answer need not wait for its end: each part has a length with
the bit PART set, the last one with LAST_PART as well, and other frames may stand between two of them.
"""

from __future__ import annotations

import signal
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, cast

from csoundd.codec.msgpack import pack, unpack
from csoundd.errors import CsounddError, error_of
from csoundd.messages import (
    At,
    CallbackEvent,
    Command,
    EngineEvent,
    Frames,
    MessagePrinted,
    Outcome,
    PollResult,
    Receipt,
    Seconds,
    StateChanged,
)

INTERRUPT: Final = getattr(signal, "SIGUSR1", None)
"""The signal by which the front has a host interrupt its engine, where there are such signals."""

CLOSE: Final = "host.close"
"""The call that ends a host in good order."""

_LENGTH: Final = struct.Struct("<I")
PART: Final = 1 << 31
LAST_PART: Final = 1 << 30
PART_BYTES: Final = 16 * 1024
"""What a part holds: a front takes that much in well under a millisecond."""


class Kind(IntEnum):
    """The first item of what the host sends."""

    REPLY = 0
    FAILURE = 1
    MESSAGES = 2
    STATE = 3
    POLL = 4
    AUDIO = 5
    CALLBACK = 6
    READY = 7
    LOST = 8
    """The engine is gone and the host is not: what happened. What it was doing still stands in the ring's header."""
    SNAPSHOT = 9
    """What the orchestra has changed by itself."""
    FORMAT = 10
    """The rates of a Csound that has been started: the members of AudioFormat."""


@dataclass(frozen=True, slots=True)
class Hello:
    """What a host says of itself when it is ready."""

    backend: str
    version: int
    unsupported: dict[str, str]
    scheduling: str
    interruptible: bool = False


_REPLY: Final = int(Kind.REPLY)
OUTCOMES: Final = frozenset({Kind.REPLY, Kind.FAILURE})
"""The kinds that answer a call."""

OUTPUT: Final = frozenset({Kind.MESSAGES, Kind.POLL, Kind.CALLBACK})
"""The kinds that there may be too many of: the others go ahead of them."""


def frame(message: list[object]) -> bytes:
    """The bytes of ``message`` on the link."""
    body = pack(message)
    return _LENGTH.pack(len(body)) + body


def parts(framed: bytes) -> Iterator[bytes]:
    """A frame in parts of at most PART_BYTES, which is itself where it is no larger."""
    if len(framed) <= PART_BYTES:
        yield framed
        return
    for start in range(_LENGTH.size, len(framed), PART_BYTES):
        part = framed[start : start + PART_BYTES]
        last = LAST_PART if start + PART_BYTES >= len(framed) else 0
        yield _LENGTH.pack(len(part) | PART | last) + part


class Unframer:
    """Takes bytes as they come and gives whole messages."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._parts = bytearray()
        self._wanted = _LENGTH.size

    def feed(self, data: bytes) -> list[list[object]]:
        """The messages that ``data`` completes."""
        if self._rest:
            self._rest += data
            if len(self._rest) < self._wanted:
                return []
            data = bytes(self._rest)
            self._rest.clear()
        return self._whole(data)

    def _whole(self, data: bytes) -> list[list[object]]:
        """The messages in ``data``, of which the beginning of one more may be left over."""
        messages: list[list[object]] = []
        start, end, wanted = 0, len(data), _LENGTH.size
        while start + wanted <= end:
            body = start + _LENGTH.size
            (head,) = _LENGTH.unpack_from(data, start)
            length = head & (LAST_PART - 1)
            if body + length > end:
                wanted = _LENGTH.size + length
                break
            start = body + length
            if not head & PART:
                messages.append(cast("list[object]", unpack(data[body:start])))
                continue
            self._parts += data[body:start]
            if head & LAST_PART:
                messages.append(cast("list[object]", unpack(bytes(self._parts))))
                self._parts.clear()
        if start < end:
            self._rest += data[start:]
            self._wanted = wanted
        return messages


def call_frame(number: int, command: Command) -> bytes:
    """``command`` as it goes to the host under ``number``."""
    at = None if command.at is None else [command.at.clock, command.at.value]
    return frame([number, command.method, command.args, command.session, at, command.late])


def command_of(message: list[object]) -> tuple[int, Command]:
    """The number and the command of a message made by :func:`call_frame`."""
    number, method, args, session, at, late = cast(
        "tuple[int, str, list[object], str | None, list[object] | None, str]", message
    )
    when = None if at is None else At(*cast("tuple[str, float]", tuple(at)))  # type: ignore[arg-type]
    return number, Command(method, args, session, when, late)  # type: ignore[arg-type]


def outcome_frame(number: int, outcome: Outcome) -> bytes:
    """The reply or failure that answers call ``number``."""
    receipt, error = outcome.receipt, outcome.error
    landed = receipt and [receipt.sample, receipt.cycle, receipt.score_time, receipt.late, receipt.dropped]
    if error is None:
        return frame([_REPLY, number, outcome.result, landed])
    return frame([Kind.FAILURE, number, error.code, error.message, error.data, landed])


def outcome_of(message: list[object]) -> tuple[int, Outcome]:
    """The number and outcome of a message made by :func:`outcome_frame`."""
    landed = cast("tuple[Frames, int, Seconds, Seconds, bool] | None", message[-1])
    receipt = None if landed is None else Receipt(*landed)
    number = cast("int", message[1])
    if message[0] == _REPLY:
        return number, Outcome(message[2], None, receipt)
    _, _, code, text, data, _ = message
    error: CsounddError = error_of(cast("int", code), cast("str", text), cast("dict[str, object]", data))
    return number, Outcome(None, error, receipt)


def printed_frame(lines: list[tuple[str, int]]) -> bytes:
    """Lines that Csound printed, each with its attribute: one frame, as many come at once."""
    return frame([Kind.MESSAGES, lines])


def event_frame(event: EngineEvent) -> bytes:
    """``event`` as the host sends it (audio itself goes through the ring, lines go many at a time)."""
    match event:
        case StateChanged(name, state, epoch, reason, restored):
            return frame([Kind.STATE, name, state, epoch, reason, restored])
        case PollResult(tap, sample, data, lost):
            return frame([Kind.POLL, tap, sample, data, lost])
        case CallbackEvent(topic, sample, data, lost):
            return frame([Kind.CALLBACK, topic, sample, data, lost])
        case _:
            raise TypeError(event)


_EVENTS: Final = {Kind.STATE: StateChanged, Kind.POLL: PollResult, Kind.CALLBACK: CallbackEvent}


def events_of(message: list[object]) -> list[EngineEvent]:
    """The events of a message made by :func:`event_frame` or :func:`printed_frame`."""
    kind = cast("Kind", message[0])
    if kind == Kind.MESSAGES:
        return [MessagePrinted(text, attr) for text, attr in cast("list[tuple[str, int]]", message[1])]
    return [_EVENTS[kind](*message[1:])]
