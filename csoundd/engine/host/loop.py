"""The host's loop: wait for commands until the next deadline, run them at a cycle edge, perform, publish."""

from __future__ import annotations

import select
from collections.abc import Callable
from heapq import heappop, heappush
from time import monotonic
from typing import Final, cast

from csoundd.engine.backends.backend import Backend
from csoundd.engine.host.calls import Calls, Deferred
from csoundd.engine.host.mirroring import Mirroring
from csoundd.engine.host.onsets import Onsets
from csoundd.engine.host.performer import Performer
from csoundd.engine.host.schedule import Entry, Schedule, wall_due
from csoundd.engine.host.taps import Taps
from csoundd.engine.link.frames import Kind, event_frame, frame, outcome_frame
from csoundd.engine.link.host_end import HostEnd
from csoundd.engine.link.ring import Field, Ring
from csoundd.errors import Cancelled, Late
from csoundd.messages import Changed, Command, EngineEvent, Fed, Frames, Outcome, Printed, Seconds, warning

SOUNDED: Final = frame([Kind.SOUNDED])
BACKLOG_BYTES: Final = 64 * 1024
"""With more than this unsent the front is busy, and one notice of new audio is as good as many."""

PRINTED_BYTES: Final = 4 * 1024 * 1024
"""With more than this unsent an orchestra prints faster than the front reads: messages are dropped, and counted."""


class Loop:
    """One thread, one ``select``, at most one ``recv`` a turn."""

    def __init__(self, link: HostEnd, ring: Ring, performer: Performer) -> None:
        self.link, self.ring, self.performer = link, ring, performer
        self.backend: Backend = performer.backend
        self.schedule = Schedule()
        self.taps = Taps(performer, self.tell)
        self.mirroring = Mirroring(performer)
        self._waiting: dict[int, tuple[Command, Deferred]] = {}
        self._sleepers: list[tuple[float, int, Deferred]] = []
        self._sent_head = Frames(0)
        self._closing = False
        self._unprinted = 0
        self.onsets = Onsets(self.backend, lambda: self.calls.invoke("csound.params", []))
        self.on_reset: list[Callable[[], None]] = []
        self.calls: Calls
        performer.announce = self._announce
        performer.on_start = self._tell_format

    def run(self) -> None:
        """Serve until the front says close or is gone."""
        while not self._closing:
            try:
                self._turn()
            except (EOFError, BrokenPipeError, ConnectionResetError):
                return

    def _turn(self) -> None:
        link, header = self.link, self.ring.header
        header[Field.TURN] += 1
        writers = [link.socket] if link.pending else []
        readable, _, _ = select.select([link.socket], writers, [], self._wait())
        if readable:
            for number, command in link.receive():
                self._accept(number, command)
        self._wake_sleepers()
        if self.schedule:
            self._run_due(Frames(0))
        self.performer.turn()
        self.taps.turn()
        self._publish()
        link.flush()

    def _wait(self) -> float | None:
        now = monotonic()
        wait = _sooner(self.performer.wait(now), self.taps.wait(now))
        due = self.schedule.next_time()
        if due is not None and self.performer.state != "playing":
            wait = _sooner(wait, max(0.0, due - now))
        if self._sleepers:
            wait = _sooner(wait, max(0.0, self._sleepers[0][0] - now))
        return wait

    def _accept(self, number: int, command: Command) -> None:
        if command.at is None:
            self._answer(number, command, self.calls.execute(number, command))
            return
        self._put_off(number, command)
        self._run_due(Frames(0))
        self.performer.edge = self._before_cycle if self.schedule else None

    def _put_off(self, number: int, command: Command) -> None:
        at, performer = command.at, self.performer
        assert at is not None
        if at.clock == "sample":
            self.schedule.at_sample(at.value, number, command)
        elif at.clock == "score":
            ahead = (at.value - performer.score_time()) * performer.clock.sr
            self.schedule.at_sample(performer.sample + ahead, number, command)
        elif at.clock == "delay" and self._by_samples():
            self.schedule.at_sample(performer.sample + at.value * performer.clock.sr, number, command)
        else:
            self.schedule.at_time(wall_due(at), number, command)

    def _by_samples(self) -> bool:
        """Whether time is counted in samples because nothing paces the performance."""
        return self.performer.state == "playing" and self.performer.drive in {"free", "step"}

    def _before_cycle(self) -> None:
        self._run_due(Frames(self.backend.ksmps))

    def _run_due(self, ahead: Frames) -> None:
        """Run what waits for a sample before the cycle edge plus ``ahead``, or for the time that this is."""
        performer = self.performer
        limit = Frames(performer.sample + ahead)
        moment = performer.clock.due(limit) if self._clocked() else monotonic()
        for entry in self.schedule.before(limit, moment):
            self._run_late(entry, performer.sample)
        if not self.schedule:
            performer.edge = None

    def _run_late(self, entry: Entry, edge: Frames) -> None:
        number, command = entry.number, entry.command
        late = self._lateness(entry, edge)
        if late > 0 and command.late == "error":
            error = Late(f"{command.method} came {late:.6f} s too late", late=late)
            self._answer(number, command, Outcome(error=error, receipt=self.calls.receipt(late)))
        elif late > 0 and command.late == "drop":
            self._answer(number, command, Outcome(receipt=self.calls.receipt(late, dropped=True)))
        else:
            placed = self.onsets.placed(command, self._after_edge(entry, edge))
            self._answer(number, command, self.calls.execute(number, placed, late))

    def _after_edge(self, entry: Entry, edge: Frames) -> Frames:
        """How long after the cycle edge the entry's time is, where a clock or the count of samples can tell."""
        at, performer = entry.command.at, self.performer
        if performer.state != "playing" or at is None:
            return Frames(0)
        if at.clock in {"sample", "score"} or self._by_samples():
            return Frames(int(entry.due - edge))
        return Frames(int((entry.due - performer.clock.due(edge)) * performer.clock.sr) if self._clocked() else 0)

    def _lateness(self, entry: Entry, edge: Frames) -> Seconds:
        """How long ago the cycle that held the entry's time began, 0 where it is the next one."""
        at, performer = entry.command.at, self.performer
        assert at is not None
        if at.clock == "delay":
            return Seconds(0.0)
        if at.clock == "wall":
            reference = (
                performer.clock.due(edge)
                if self._clocked()
                else monotonic() - performer.clock.block / performer.clock.sr
            )
            return Seconds(max(0.0, reference - entry.due))
        return Seconds(max(0.0, (edge - entry.due) / performer.clock.sr))

    def _clocked(self) -> bool:
        return self.performer.state == "playing" and self.performer.drive == "clock"

    def _answer(self, number: int, command: Command, outcome: Outcome | Deferred) -> None:
        self.tell_printed()
        if isinstance(outcome, Deferred):
            self._waiting[number] = command, outcome
            outcome.then(lambda value: self._answer(number, command, Outcome(value, receipt=self.calls.receipt())))
            return
        self._waiting.pop(number, None)
        self.link.send(outcome_frame(number, outcome))

    def sleep(self, seconds: Seconds) -> Deferred:
        """A deferred answer that comes after ``seconds``."""
        deferred = Deferred()
        heappush(self._sleepers, (monotonic() + seconds, id(deferred), deferred))
        return deferred

    def _wake_sleepers(self) -> None:
        while self._sleepers and self._sleepers[0][0] <= monotonic():
            heappop(self._sleepers)[2].resolve(None)

    def cancel(self, numbers: list[int]) -> None:
        """Answer Cancelled to those of the calls ``numbers`` that wait: for their time, or for what they are about.

        The performance that a call waits for goes on. The other calls have been answered before.
        """
        for number in numbers:
            method = self._withdrawn(number)
            if method is not None:
                self.link.send(outcome_frame(number, Outcome(error=Cancelled(f"{method} was cancelled"))))
        self.performer.edge = self._before_cycle if self.schedule else None

    def _withdrawn(self, number: int) -> str | None:
        """The method of the call ``number``, which waits no longer; None where it did not."""
        entry = self.schedule.take(number)
        if entry is not None:
            return entry.command.method
        command, deferred = self._waiting.pop(number, (None, None))
        if command is None or deferred is None:
            return None
        deferred.drop()
        return command.method

    def release(self, session: str) -> None:
        """Nobody hears the answers to what ``session`` waits for. What it has put off still runs at its time."""
        self.cancel([number for number, (command, _) in self._waiting.items() if command.session == session])

    def cancel_scheduled(self) -> None:
        """Answer Cancelled to everything that still waits for its time."""
        for entry in self.schedule.clear():
            error = Cancelled(f"{entry.command.method} was waiting when the engine was reset")
            self.link.send(outcome_frame(entry.number, Outcome(error=error)))
        self.performer.edge = None

    def close(self) -> None:
        """End the loop after this turn."""
        self._closing = True

    def tell(self, event: EngineEvent) -> None:
        """Send ``event`` to the front."""
        self.link.send(event_frame(event))

    def _tell_format(self) -> None:
        backend = self.backend
        rates = {"sr": backend.sr, "ksmps": backend.ksmps, "nchnls": backend.nchnls, "zerodbfs": backend.zerodbfs}
        self.tell(Fed("format", self.performer.sample, rates))

    def feed(self, topic: str, data: object) -> None:
        """Tell the front what a callback of the API delivered."""
        self.tell(Fed(topic, self.performer.sample, data))

    def _announce(self, event: Changed) -> None:
        self.performer.publish()
        self.tell_printed()
        self.tell(event)

    def tell_printed(self) -> list[str]:
        """Tell the front what Csound printed meanwhile, and return it."""
        printed = self.backend.printed()
        if not printed and not self._unprinted:
            return []
        if self.link.pending > PRINTED_BYTES:
            self._unprinted += len(printed)
            return [text for text, _ in printed]
        if self._unprinted:
            self.tell(warning(f"{self._unprinted} messages came too fast and were dropped"))
            self._unprinted = 0
        for text, attr in printed:
            self.tell(Printed(text, attr))
        return [text for text, _ in printed]

    def farewell(self) -> None:
        """Send what Csound printed last: the engine is about to end this process."""
        self.tell_printed()
        self.link.flush()

    def reset(self) -> None:
        """Csound forgets everything; the taps stay and find what is made from now on."""
        self.cancel_scheduled()
        self.performer.reset(self.performer.epoch + 1)
        self.taps.forget()
        self.onsets.forget()
        for reset in self.on_reset:
            reset()

    def _publish(self) -> None:
        self.mirroring.refresh()
        self.tell_printed()
        head = Frames(self.ring.header[Field.HEAD])
        if self.performer.capturing and head != self._sent_head and self.link.pending < BACKLOG_BYTES:
            self._sent_head = head
            self.link.send(SOUNDED)


def _sooner(one: float | None, other: float | None) -> float | None:
    """The shorter of two waits, of which either may be for ever."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def deferred_by(register: Callable[[Callable[[int], None]], None]) -> Deferred:
    """A deferred answer that ``register`` is given the means to resolve."""
    deferred = Deferred()
    register(cast("Callable[[int], None]", deferred.resolve))
    return deferred
