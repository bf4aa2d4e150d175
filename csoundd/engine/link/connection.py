"""The front's end of the link: what goes to a host and comes from it, and the calls that are not answered yet.

A FrontEnd is the socket to one host. The HostConnection stays while hosts come and go: it holds back what is called
while none serves, and knows what became of each call when one is lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic, time
from typing import cast

from csoundd.engine.link.memory import Field, Ring, SharedValues
from csoundd.engine.link.protocol import OUTPUT, Hello, Kind, Message, MessageReader, encode_call
from csoundd.errors import Cancelled, CsounddError, Timeout, error_of
from csoundd.limits import LINES_IN_ORDER, OUTPUT_TURN_SECONDS, SEARCHED_CALLS
from csoundd.messages import At, AudioBlock, Command, Done, Frames, Outcome, RequestId, Seconds, ignore
from csoundd.values import PerformanceSeen

log = logging.getLogger("csoundd.engine")

Receive = Callable[[Message], None]
"""Takes one message of a host."""


class FrontEnd(asyncio.Protocol):
    """The front's end of the link to one host. ``loss`` is what the host says of an engine that it survived.

    Output is taken in slices, between which the front serves its clients, and the host is told how much has been taken,
    so that little of it is ever on its way. Control does not wait for more than a little of it.
    """

    transport: asyncio.Transport

    def __init__(self, receive: Receive, ring: Ring) -> None:
        self.begin_again()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ring = ring
        self._receive = receive
        self._reader = MessageReader()
        self._output: deque[Message] = deque()
        self._events = 0
        self._turning = False

    def begin_again(self) -> None:
        """Another engine is to greet, and may be lost."""
        loop = asyncio.get_running_loop()
        self.greeting: asyncio.Future[Hello] = loop.create_future()
        self.loss: asyncio.Future[str] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _exc: Exception | None) -> None:
        """The host has closed it, or is gone."""
        self.drain()
        if not self.closed.done():
            self.closed.set_result(None)

    def write(self, framed: bytes) -> None:
        """Write to the host; what comes after it has closed the link is told by its end, not here."""
        if not self.transport.is_closing():
            self.transport.write(framed)

    def data_received(self, data: bytes) -> None:
        """Hand on what came: output by and by."""
        for message in self._reader.feed(data):
            kind = message[0]
            if kind in OUTPUT:
                self._output.append(message)
                self._events += _events_in(message)
                continue
            if self._output and (self._events <= LINES_IN_ORDER or kind == Kind.LOST):
                self.drain()
            if kind == Kind.LOST:
                self.loss.set_result(message[1])
            elif kind == Kind.READY:
                self._greet(message[1:])
            else:
                self._hand_on(message)
        if self._output and not self._turning:
            self._turn()

    def drain(self) -> None:
        """Hand on all output that waits."""
        while self._output:
            self._hand_on_next()

    def _hand_on_next(self) -> None:
        message = self._output.popleft()
        self._events -= _events_in(message)
        self._hand_on(message)
        self.ring.header[Field.OUTPUT_TAKEN] += 1

    def _hand_on(self, message: Message) -> None:
        try:
            self._receive(message)
        except Exception:
            # A listener's fault must not cost the link, and with it the engine.
            log.exception("a message of the engine host was not taken in")

    def _greet(self, greeting: Message) -> None:
        if self.greeting.done():
            return
        match greeting:
            case [None, int(code), str(problem), hint]:
                self.greeting.set_exception(error_of(code, problem, {"hint": hint}))
            case _:
                self.greeting.set_result(Hello(**greeting[0]))

    def _turn(self) -> None:
        end = monotonic() + OUTPUT_TURN_SECONDS
        while self._output and monotonic() < end:
            self._hand_on_next()
        self._turning = bool(self._output)
        if self._turning:
            asyncio.get_running_loop().call_soon(self._turn)


def _events_in(message: Message) -> int:
    """How many lines or events a message of output holds."""
    return len(message[1]) if message[0] == Kind.MESSAGES else 1


def ahead(at: At | None) -> Seconds | None:
    """How long a command waits for its time, None where only the performance knows."""
    match at:
        case None:
            return Seconds(0.0)
        case At("delay", seconds):
            return Seconds(max(0.0, seconds))
        case At("wall", moment):
            return Seconds(max(0.0, moment - time()))
        case _:
            return None


@dataclass(slots=True)
class Call:
    """One call in flight. ``due`` is the monotonic time of its deadline, None where there is none, or none yet."""

    command: Command
    done: Done
    due: float | None
    sent: float
    """The monotonic time at which it was made."""

    replay: bool
    """Whether it restores what an engine before had been told."""

    given_up: bool = False
    """Whether it has been answered with Timeout: what the host makes of it still counts, and nobody waits for it."""

    def later(self, sample: int) -> Command:
        """The command as it is to be made of the next host, the last one having come to ``sample``."""
        match self.command.at:
            case At("sample", due):
                return replace(self.command, at=At("sample", due - sample))
            case At("delay", seconds):
                return replace(self.command, at=At("delay", max(0.0, seconds - (monotonic() - self.sent))))
            case _:
                return self.command


class HostConnection:
    """The host that there is now, if any, and the calls in flight by number. Numbers rise and are never 0."""

    def __init__(self) -> None:
        self.calls: dict[int, Call] = {}
        """The calls that nobody has been answered yet."""
        self.serves = False
        self.pid: int | None = None
        """The id of the host's process."""
        self._given_up: dict[int, Call] = {}
        self._held: list[int] = []
        """The calls that were made while no host served."""
        self._last = 0
        self._front_end: FrontEnd | None = None
        self._ring: Ring | None = None
        self._heard_to = Frames(0)

    # One host after another.

    def attach(self, front_end: FrontEnd, pid: int) -> None:
        """A host is there that is to be restored before it serves."""
        self._front_end, self._ring, self.pid = front_end, front_end.ring, pid
        self.begin()

    def begin(self) -> None:
        """Samples count from 0 again."""
        self._heard_to = Frames(0)

    def serve(self) -> None:
        """The host is where the last one was: what was held back goes to it, with numbers that it has not passed."""
        held, self._held = self._held, []
        self.serves = True
        for number in held:
            call = self.calls.pop(number, None)
            if call is not None:
                self._last += 1
                self.calls[self._last] = call
                self._write(self._last, call.command)

    def detach(self, error: CsounddError) -> None:
        """There is no host any more, and ``error`` answers what it was told and what waits for it."""
        self._front_end = self._ring = self.pid = None
        self.serves = False
        self.fail(error)

    def lose(self, error: CsounddError, resetting: str) -> list[Done]:
        """The host has come to its end, and ``error`` answers what it had come to.

        What it had not come to, and what waited for its time, waits for the next one. Only where it was resetting (by
        the method ``resetting``), nothing does; returns who waits for that.
        """
        accepted, running, sample = self._field(Field.ACCEPTED), self.running, self.sample()
        self._front_end = self._ring = self.pid = None
        self.serves = False
        waiting: list[int] = []
        resets: list[Done] = []
        given_up = self._given_up.get(running)
        self._given_up.clear()
        if given_up is not None and given_up.command.method == resetting:
            # Nobody waits for it, but its end has done it.
            resets.append(ignore)
        for number, call in list(self.calls.items()):
            if number > accepted and not call.replay:
                waiting.append(number)
            elif number != running and call.command.at is not None:
                call.command = call.later(sample)
                waiting.append(number)
            else:
                del self.calls[number]
                if call.command.method == resetting:
                    resets.append(call.done)
                else:
                    call.done(Outcome(error=error))
        if not resets:
            held = set(self._held)
            self._held = [number for number in waiting if number not in held] + self._held
        return resets

    # Calls.

    def send(self, command: Command, done: Done, *, replay: bool = False) -> None:
        """Have the host run ``command``, as soon as one serves; ``done`` is told its outcome.

        A ``replay`` restores what another host had been told: it goes to one that does not serve yet.
        """
        self._last += 1
        number, now, due = self._last, monotonic(), None
        if command.deadline is not None:
            wait = 0.0 if command.at is None else ahead(command.at)
            due = None if wait is None else now + wait + command.deadline
        self.calls[number] = Call(command, done, due, now, replay)
        if self.serves or replay:
            assert self._front_end is not None
            self._front_end.write(encode_call(number, command))
        else:
            self._held.append(number)

    def _write(self, number: int, command: Command) -> None:
        assert self._front_end is not None
        self._front_end.write(encode_call(number, command))

    def pop(self, number: int) -> Call | None:
        """Take out the call ``number``, which the host has answered."""
        call = self.calls.pop(number, None)
        return self._given_up.pop(number, None) if call is None else call

    def command(self, number: int) -> Command | None:
        """The call ``number``, until the host has answered it."""
        call = self.calls.get(number) or self._given_up.get(number)
        return None if call is None else call.command

    def overdue(self, number: int) -> Command | None:
        """The call ``number`` if it is past its deadline, and the host has not answered it."""
        call = self._given_up.get(number)
        return None if call is None else call.command

    def concern(self, session: str | None) -> bool:
        """Whether any of them may be a call of ``session``; among more than a few, nobody looks."""
        return len(self.calls) > SEARCHED_CALLS or any(call.command.session == session for call in self.calls.values())

    def numbers(self, session: str, request: RequestId) -> list[int]:
        """The calls that ``session`` made under the id ``request``: one, unless it gave the same id to several."""
        return [
            number
            for number, call in self.calls.items()
            if call.command.request == request and call.command.session == session
        ]

    def withdraw(self, numbers: list[int]) -> None:
        """Have calls run no more, if they have not run yet. It is the host that says so of those that it was sent."""
        sent = []
        for number in numbers:
            if number not in self._held:
                sent.append(number)
                continue
            self._held.remove(number)
            call = self.calls.pop(number, None)
            if call is not None:
                call.done(Outcome(error=Cancelled(f"{call.command.method} was cancelled")))
        if sent and self.serves:
            self._write(0, Command("host.cancel", [sent]))

    def expire(self) -> list[int]:
        """Answer Timeout to what is past its deadline. Returns the numbers.

        The deadline of a call that waits for a sample or a time of the score counts from when the performance is there.
        """
        now, running, sample, score_time = monotonic(), self.running, self.sample(), self.seconds_of_score()
        for number, call in self.calls.items():
            if call.due is not None or call.command.deadline is None:
                continue
            match call.command.at:
                case At("sample", due) if due <= sample or number == running:
                    call.due = now + call.command.deadline
                case At("score", due) if due <= score_time or number == running:
                    call.due = now + call.command.deadline
        expired = [number for number, call in self.calls.items() if call.due is not None and call.due < now]
        for number in expired:
            call = self._given_up[number] = self.calls.pop(number)
            call.given_up = True
            seconds = call.command.deadline
            error = Timeout(f"{call.command.method} did not end within {seconds:g} s", deadline=seconds)
            call.done(Outcome(error=error))
        return expired

    def fail(self, error: CsounddError) -> None:
        """Answer ``error`` to everything; nothing waits for another host."""
        calls, self.calls = self.calls, {}
        self._given_up.clear()
        self._held.clear()
        for call in calls.values():
            call.done(Outcome(error=error))

    # What the host's memory shows without asking it.

    def _field(self, field: int) -> int:
        return 0 if self._ring is None else int(self._ring.header[field])

    @property
    def running(self) -> int:
        """The number of the call that the host is running, 0 for none."""
        return self._field(Field.RUNNING)

    @property
    def unpaced(self) -> bool:
        """Whether the performance goes on by itself as fast as it can."""
        return bool(self._field(Field.UNPACED))

    def sample(self) -> Frames:
        """The first sample of the next cycle."""
        return Frames(self._field(Field.SAMPLE))

    def seen(self) -> PerformanceSeen:
        """How far the performance is, read without asking the host."""
        return PerformanceSeen(
            samples=self._field(Field.SAMPLE),
            cycles=self._field(Field.CYCLE),
            late_cycles=self._field(Field.LATE_CYCLES),
            load=self._field(Field.LOAD_PPM) / 1e6,
            calls=len(self.calls),
        )

    def seconds_of_score(self) -> Seconds:
        """The score time at the last cycle."""
        return Seconds(self._field(Field.SCORE_TIME_US) / 1e6)

    def unchanged(self) -> tuple[int, Seconds]:
        """The cycle and the score time at which the engine still was as it has told; cycle 0 for never."""
        return self._field(Field.UNCHANGED_CYCLE), Seconds(self._field(Field.UNCHANGED_SCORE_TIME_US) / 1e6)

    @property
    def shared_values(self) -> SharedValues | None:
        """The channels that the host shows, None while no host serves."""
        return self._ring.shared_values if self.serves and self._ring is not None else None

    def read_audio(self, epoch: int) -> AudioBlock | None:
        """The audio of ``epoch`` since the last call, None where there is none."""
        if self._ring is None:
            return None
        sample, frames = self._ring.read(self._heard_to, epoch)
        if not len(frames):
            return None
        self._heard_to = Frames(sample + len(frames))
        return AudioBlock(sample, frames)
