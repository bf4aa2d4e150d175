"""Runs commands that carry a time, in the cycle that holds it."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, time
from typing import Final

from csoundd.engine.host.calls import Calls, Deferred
from csoundd.engine.host.onsets import Onsets
from csoundd.engine.host.performer import Performer
from csoundd.engine.host.schedule import Entry, Schedule, wall_due
from csoundd.errors import Late, LimitExceeded
from csoundd.messages import At, Command, Frames, Outcome, Seconds

LONGEST_WAIT: Final = Seconds(30 * 86_400.0)
"""How far ahead a call may be put off. What is farther is a mistake: no client waits for it, and no clock counts it."""

EARLIEST: Final = -1e15
"""What a time before it is taken for: it is past all the same, and arithmetic with it stays finite."""

Answer = Callable[[int, Command, Outcome | Deferred], None]
"""Takes the number of a call, the call, and what came of it."""


class Timetable:
    """The commands that wait for their time. ``calls`` executes them, ``answer`` is told what came of it."""

    def __init__(self, performer: Performer, calls: Callable[[], Calls], answer: Answer) -> None:
        self.performer, self._calls, self._answer = performer, calls, answer
        self.backend = performer.backend
        self.schedule = Schedule()
        self.onsets = Onsets(self.backend, lambda: calls().invoke("csound.params", []))

    def add(self, number: int, command: Command) -> None:
        """Let ``command`` wait for its time, or run now if that has come.

        It is answered with LimitExceeded where its time is more than LONGEST_WAIT ahead.
        """
        assert command.at is not None
        if self._ahead(command.at) > LONGEST_WAIT:
            refusal = LimitExceeded(f"a call waits at most {LONGEST_WAIT:g} s for its time", limit=LONGEST_WAIT)
            self._answer(number, command, Outcome(error=refusal, receipt=self._calls().receipt()))
            return
        self._put_off(number, command)
        self.run_due(Frames(0))
        self.watch_edges()

    def watch_edges(self) -> None:
        """Look for what is due before every cycle, as long as anything waits."""
        self.performer.edge = self._before_cycle if self.schedule else None

    def wait(self, now: float) -> float | None:
        """Seconds until something is due by the clock, None where nothing is, or while cycles come by themselves."""
        due = self.schedule.next_time()
        return None if due is None or self.performer.state == "playing" else max(0.0, due - now)

    def take(self, number: int) -> Entry | None:
        """Take out the call ``number``, None where it does not wait here."""
        return self.schedule.take(number)

    def clear(self) -> list[Entry]:
        """Take out everything: Csound is reset."""
        self.performer.edge = None
        self.onsets.forget()
        return self.schedule.clear()

    def _ahead(self, at: At) -> float:
        """Seconds until the time that is asked for, by the clock that it is asked for on."""
        performer = self.performer
        match at.clock:
            case "sample":
                return (at.value - performer.sample) / performer.clock.sr
            case "score":
                return at.value - performer.score_time()
            case "wall":
                return at.value - time()
        return at.value

    def _put_off(self, number: int, command: Command) -> None:
        performer = self.performer
        assert command.at is not None
        at = At(command.at.clock, max(EARLIEST, command.at.value))
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
        self.run_due(Frames(self.backend.ksmps))

    def run_due(self, ahead: Frames) -> None:
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
            self._answer(number, command, Outcome(error=error, receipt=self._calls().receipt(late)))
        elif late > 0 and command.late == "drop":
            self._answer(number, command, Outcome(receipt=self._calls().receipt(late, dropped=True)))
        else:
            placed = self.onsets.placed(command, self._after_edge(entry, edge))
            self._answer(number, command, self._calls().execute(number, placed, late))

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
