"""The host's loop: wait for commands until the next deadline, run them at a cycle edge, perform, publish."""

from __future__ import annotations

import select
from collections.abc import Callable
from heapq import heappop, heappush
from time import monotonic
from typing import cast

from csoundd.api import METHODS
from csoundd.engine.csound.backend import Backend
from csoundd.engine.host.calls import Calls, Deferred
from csoundd.engine.host.mirroring import Mirroring
from csoundd.engine.host.performer import Performer
from csoundd.engine.host.reports import LEAST_LINES, Reports
from csoundd.engine.host.snapshots import Snapshots
from csoundd.engine.host.taps import Taps
from csoundd.engine.host.timetable import Timetable
from csoundd.engine.link.frames import outcome_frame
from csoundd.engine.link.host_end import HostEnd
from csoundd.engine.link.ring import Field, Ring
from csoundd.errors import Cancelled
from csoundd.messages import Command, Frames, Outcome, Seconds


class Loop:
    """One thread, one ``select``, at most one ``recv`` a turn."""

    def __init__(self, link: HostEnd, ring: Ring, performer: Performer) -> None:
        self.link, self.ring, self.performer = link, ring, performer
        self.backend: Backend = performer.backend
        self.reports = Reports(link, performer)
        self.timetable = Timetable(performer, lambda: self.calls, self._answer)
        self.taps = Taps(performer, self.reports.tapped)
        self.mirroring = Mirroring(performer)
        self.snapshots = Snapshots(performer, link)
        self._waiting: dict[int, tuple[Command, Deferred]] = {}
        self._sleepers: list[tuple[float, int, Deferred]] = []
        self._closing = False
        self.on_reset: list[Callable[[], None]] = []
        self.calls: Calls

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
        if self.timetable.schedule:
            self.timetable.run_due(Frames(0))
        # What has been done is answered before the cycles, of which one may be the last.
        link.flush()
        self.performer.turn()
        if not self.reports.busy:
            self.taps.turn()
        self.mirroring.refresh()
        self.reports.tell_news()
        self.snapshots.turn()
        link.flush()

    def _wait(self) -> float | None:
        now = monotonic()
        wait = _sooner(self.performer.wait(now), self.timetable.wait(now))
        wait = _sooner(wait, self.reports.wait(now))
        wait = _sooner(wait, self.link.wait)
        if not self.reports.busy:
            wait = _sooner(wait, self.taps.wait(now))
        wait = _sooner(wait, self.snapshots.wait(now))
        if self._sleepers:
            wait = _sooner(wait, max(0.0, self._sleepers[0][0] - now))
        return wait

    def _accept(self, number: int, command: Command) -> None:
        self.ring.header[Field.ACCEPTED] = number
        self.reports.make_way()
        if command.at is None:
            self._answer(number, command, self.calls.execute(number, command))
            return
        self.timetable.add(number, command)

    def _answer(self, number: int, command: Command, outcome: Outcome | Deferred) -> None:
        self.reports.tell_printed(LEAST_LINES)
        if isinstance(outcome, Deferred):
            self._waiting[number] = command, outcome
            outcome.then(lambda value: self._answer(number, command, Outcome(value, receipt=self.calls.receipt())))
            return
        self._waiting.pop(number, None)
        self.snapshots.touch(by_code=_runs_code(command.method))
        self.link.send(outcome_frame(number, self.reports.explained(outcome)))
        if command.at is not None:
            # It was run between two cycles, of which the next may be the last: it shall not be run again.
            self.link.flush()

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
        self.timetable.watch_edges()

    def _withdrawn(self, number: int) -> str | None:
        """The method of the call ``number``, which waits no longer; None where it did not."""
        entry = self.timetable.take(number)
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
        for entry in self.timetable.clear():
            error = Cancelled(f"{entry.command.method} was waiting when the engine was reset")
            self.link.send(outcome_frame(entry.number, Outcome(error=error)))

    def close(self) -> None:
        """End the loop after this turn."""
        self._closing = True

    def reset(self) -> None:
        """Csound forgets everything; the taps stay and find what is made from now on."""
        self.cancel_scheduled()
        self.performer.reset(self.performer.epoch + 1)
        self.taps.forget()
        self.snapshots.forget()
        for reset in self.on_reset:
            reset()


def _runs_code(method: str) -> bool:
    """Whether a call runs code of the orchestra, which may change any table."""
    return method in METHODS and METHODS[method].spec.journal == "code"


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
