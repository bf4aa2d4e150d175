"""The messages between front and engine host, and the host's end: msgpack over one stream socket.

A message is a four-byte little-endian length and a msgpack array. To the host go calls,
``[id, method, args, session, at, late]``; back come replies, failures and events, told apart by their
first item. The kinds of event are those of :mod:`csoundd.messages`.

Two kinds of messages come back. Control (answers, changes of state) goes first; output (what Csound prints, what
pollers and callbacks deliver) waits in a queue of its own, which the host keeps short. So an answer stands behind
little, however much an orchestra puts out. A large message of output travels in parts, so that an answer need not wait
for its end: each part has a length with the bit PART set, the last one with LAST_PART as well, and other messages may
stand between two of them.
"""

from __future__ import annotations

import select
import signal
import socket
import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from math import inf
from typing import Any, Final, TypedDict

import numpy as np
import numpy.typing as npt

from csoundd.codec.msgpack import Packer, unpack
from csoundd.engine.link.memory import Field, Ring
from csoundd.errors import error_of
from csoundd.limits import IN_ORDER_BYTES, PART_BYTES, RECEIVE_BYTES, UNTAKEN_BYTES, UNTAKEN_SECONDS
from csoundd.messages import (
    At,
    CallbackEvent,
    Command,
    EngineEvent,
    MessagePrinted,
    Outcome,
    PollResult,
    Receipt,
    State,
    StateChanged,
)
from csoundd.syntax import UNDECODED

INTERRUPT: Final = getattr(signal, "SIGUSR1", None)
"""The signal by which the front has a host interrupt its engine, where there are such signals."""

CLOSE: Final = "host.close"
"""The call that ends a host in good order."""

BESIDE: Final = "host.beside"
"""Has Csound look beside a piece for what that reads, before it is compiled again from its text."""

_LENGTH: Final = struct.Struct("<I")
PART: Final = 1 << 31
LAST_PART: Final = 1 << 30


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
    """The description that a host gives of itself when it is ready."""

    backend: str
    version: int
    unsupported: dict[str, str]
    scheduling: str
    interruptible: bool = False
    confined: tuple[str, ...] = ()
    """What the system holds the host off from."""


_REPLY: Final = int(Kind.REPLY)
WITH_MESSAGES: Final = 5
"""Items of a reply that also has what Csound printed."""

OUTCOMES: Final = frozenset({Kind.REPLY, Kind.FAILURE})
"""The kinds that answer a call."""

OUTPUT: Final = frozenset({Kind.MESSAGES, Kind.POLL, Kind.CALLBACK})
"""The kinds that there may be too many of: the others go ahead of them."""


Message = list[Any]
"""A message of the link as it was unpacked: the functions here that decode one give its members their types."""

Points = npt.NDArray[np.float64]
Call = tuple[str, list[object]]
"""A method and its arguments."""

PFields = list[float | str]


ShownNote = tuple[float | str, float, float, list[float | str | None]]
"""Instrument, beginning, end and p-fields from the fourth on of a note that sounds. A text may be unknown."""


class Snapshot(TypedDict, total=False):
    """Everything that has become different in an engine since the snapshot before."""

    channels: dict[str, tuple[str, Any]]
    """The kind and the value of each; of an array its type, its sizes and its data."""

    tables: list[tuple[int, Points | None]]
    """Whole tables with their guard points, None for one that was freed."""

    score: tuple[float, bool | None]
    """The time in the score, and whether it is pending."""

    notes: list[ShownNote]
    """All that sound, where they are others than before."""

    seen: bool
    """The notes that sound are those of ``notes``, or of the last snapshot that had any."""

    cycle: int


class Restoration(TypedDict):
    """The state that an engine is to be brought to, in this order."""

    made: list[Call]
    """What makes tables and the like."""

    event_tables: list[tuple[float, float]]
    """The number and the points of each table that events had made: they count against their limit."""

    acted: list[Call]
    """Calls that start something which nobody has seen yet; the values that they set are among those below."""

    tables: list[tuple[int, Points | None]]
    """Whole tables with their guard points, None for one that was freed."""

    calls: list[Call]
    """What sets channels, points of tables, and whatever else is a value."""

    score_time: float
    offset: float
    pending: bool
    notes: list[PFields]
    """The p-fields of each note that sounds, or is to come."""

    actions: list[Call]
    """Calls whose effects nobody has seen yet."""

    state: State


_pack: Final = Packer(UNDECODED).pack


def encode(message: list[object]) -> bytes:
    """The bytes of ``message`` on the link."""
    body = _pack(message)
    return _LENGTH.pack(len(body)) + body


def decode(encoded: bytes) -> Message:
    """The message that :func:`encode` made these bytes of."""
    message: Message = unpack(encoded[_LENGTH.size :], undecoded=UNDECODED)
    return message


def parts(encoded: bytes) -> Iterator[bytes]:
    """A message in parts of at most PART_BYTES, which is itself where it is no larger."""
    if len(encoded) <= PART_BYTES:
        yield encoded
        return
    for start in range(_LENGTH.size, len(encoded), PART_BYTES):
        part = encoded[start : start + PART_BYTES]
        last = LAST_PART if start + PART_BYTES >= len(encoded) else 0
        yield _LENGTH.pack(len(part) | PART | last) + part


class MessageReader:
    """Takes bytes as they come and gives whole messages."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._parts = bytearray()
        self._wanted = _LENGTH.size

    def feed(self, data: bytes) -> list[Message]:
        """The messages that ``data`` completes."""
        if self._rest:
            self._rest += data
            if len(self._rest) < self._wanted:
                return []
            data = bytes(self._rest)
            self._rest.clear()
        messages: list[Message] = []
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
                messages.append(unpack(data[body:start], undecoded=UNDECODED))
                continue
            self._parts += data[body:start]
            if head & LAST_PART:
                messages.append(unpack(bytes(self._parts), undecoded=UNDECODED))
                self._parts.clear()
        if start < end:
            # The beginning of one more message.
            self._rest += data[start:]
            self._wanted = wanted
        return messages


def encode_call(number: int, command: Command) -> bytes:
    """``command`` as it goes to the host under ``number``."""
    at = None if command.at is None else [command.at.clock, command.at.value]
    body = _pack([number, command.method, command.args, command.session, at, command.late])
    return _LENGTH.pack(len(body)) + body


def decode_call(message: Message) -> tuple[int, Command]:
    """The number and the command of a message made by :func:`encode_call`."""
    number, method, args, session, at, late = message
    return number, Command(method, args, session, None if at is None else At(*at), late)


def encode_outcome(number: int, outcome: Outcome) -> bytes:
    """The reply or failure that answers call ``number``."""
    receipt, error = outcome.receipt, outcome.error
    landed = receipt and [
        receipt.sample,
        receipt.cycle,
        receipt.score_time,
        receipt.late,
        receipt.dropped,
        receipt.spent,
    ]
    if error is None:
        if outcome.messages:
            return encode([_REPLY, number, outcome.result, list(outcome.messages), landed])
        body = _pack([_REPLY, number, outcome.result, landed])
        return _LENGTH.pack(len(body)) + body
    return encode([Kind.FAILURE, number, error.code, error.message, error.data, landed])


def decode_outcome(message: Message) -> tuple[int, Outcome]:
    """The number and outcome of a message made by :func:`encode_outcome`."""
    landed = message[-1]
    receipt = None if landed is None else Receipt(*landed)
    if message[0] == _REPLY:
        messages = message[3] if len(message) == WITH_MESSAGES else ()
        return message[1], Outcome(message[2], None, receipt, messages)
    _, number, code, text, data, _ = message
    return number, Outcome(None, error_of(code, text, data), receipt)


def encode_printed(lines: list[tuple[str, int]]) -> bytes:
    """Lines that Csound printed, each with its attribute: one message, as many come at once."""
    return encode([Kind.MESSAGES, lines])


def encode_event(event: EngineEvent) -> bytes:
    """``event`` as the host sends it (audio itself goes through the ring, lines go many at a time)."""
    match event:
        case StateChanged(name, state, epoch, reason, restored):
            return encode([Kind.STATE, name, state, epoch, reason, restored])
        case PollResult(name, sample, data, lost):
            return encode([Kind.POLL, name, sample, data, lost])
        case CallbackEvent(topic, sample, data, lost):
            return encode([Kind.CALLBACK, topic, sample, data, lost])
        case _:
            raise TypeError(event)


_EVENTS: Final = {Kind.STATE: StateChanged, Kind.POLL: PollResult, Kind.CALLBACK: CallbackEvent}


def decode_events(message: Message) -> list[EngineEvent]:
    """The events of a message made by :func:`encode_event` or :func:`encode_printed`."""
    kind = message[0]
    if kind == Kind.MESSAGES:
        return [MessagePrinted(text, attr) for text, attr in message[1]]
    return [_EVENTS[kind](*message[1:])]


class HostEnd:
    """The host's end of the link: never blocks; what the socket does not take waits here."""

    def __init__(self, connection: socket.socket, ring: Ring) -> None:
        connection.settimeout(0)
        self.socket = connection
        self._header = ring.header
        self._reader = MessageReader()
        self._going = bytearray()
        self._control = bytearray()
        self._output: deque[tuple[bytes, int]] = deque()
        """Parts of messages, each with the size of the message that it is the end of, or 0."""
        self._untaken: deque[int] = deque()
        self._untaken_bytes, self._taken = 0, 0
        self.backlog = 0
        """Bytes of output that wait."""
        self.blocked = False
        """Whether the socket has not taken all that was to go at the last flush."""

    @property
    def pending(self) -> bool:
        """Whether anything waits for the socket to take it."""
        return bool(self._going or self._control) or (bool(self._output) and self._may_send())

    @property
    def wait(self) -> float:
        """Seconds to wait until the front has taken more output, infinite where none waits for that."""
        return UNTAKEN_SECONDS if self._output and not self._may_send() else inf

    def begin(self) -> None:
        """Another engine is made in this process, and the counts in the memory begin anew."""
        self._untaken.clear()
        self._untaken_bytes = self._taken = 0

    def _may_send(self) -> bool:
        """Whether the front has taken so much output that it may have more."""
        taken = self._header[Field.OUTPUT_TAKEN]
        while self._taken < taken and self._untaken:
            self._taken += 1
            self._untaken_bytes -= self._untaken.popleft()
        return self._untaken_bytes < UNTAKEN_BYTES

    def _sending(self, size: int) -> None:
        if size:
            self._untaken.append(size)
            self._untaken_bytes += size

    def receive(self) -> Iterator[tuple[int, Command]]:
        """The commands of one ``recv``.

        Raises EOFError when the front is gone.
        """
        try:
            data = self.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return iter(())
        if not data:
            raise EOFError
        return map(decode_call, self._reader.feed(data))

    def wait_for(self, method: str) -> list[Any]:
        """The arguments of the next call of ``method``; whatever comes before it is dropped, and answered by nobody.

        Raises EOFError when the front is gone, or says that it needs no more.
        """
        while True:
            readable, _, _ = select.select([self.socket], [self.socket] if self.pending else [], [])
            self.flush()
            for _, command in self.receive() if readable else ():
                if command.method == CLOSE:
                    raise EOFError
                if command.method == method:
                    return command.args

    def send(self, encoded: bytes) -> None:
        """Queue control; :meth:`flush` sends what is queued. It overtakes all output but a little."""
        if self._output and self.backlog <= IN_ORDER_BYTES:
            self.settle()
        self._control += encoded

    def settle(self) -> None:
        """Let all output that waits keep its place before what comes."""
        for part, size in self._output:
            self._control += part
            self._sending(size)
        self._output.clear()
        self.backlog = 0

    def offer(self, encoded: bytes) -> None:
        """Queue output, behind all control and all output before it."""
        if len(encoded) <= PART_BYTES:
            self._output.append((encoded, len(encoded)))
            self.backlog += len(encoded)
            return
        cut = list(parts(encoded))
        self._output.extend((part, 0) for part in cut[:-1])
        self._output.append((cut[-1], len(encoded)))
        self.backlog += sum(map(len, cut))

    def flush(self) -> None:
        """Give the socket what it takes now: all control first, then output, about a part at a time."""
        self.blocked = False
        while True:
            if not self._going:
                if self._control:
                    self._going, self._control = self._control, self._going
                elif self._output:
                    self._refill()
                if not self._going:
                    return
            try:
                sent = self.socket.send(self._going)
            except BlockingIOError:
                self.blocked = True
                return
            del self._going[:sent]

    def _refill(self) -> None:
        """Let about a part's worth of output go next, as far as the front may have more."""
        while self._output and len(self._going) < PART_BYTES and self._may_send():
            part, size = self._output.popleft()
            self._going += part
            self._sending(size)
            self.backlog -= len(part)
