"""The scheduler: commands that carry a time wait until the cycle that holds it, and run there.

Times on the sample axis (``sample``, ``score``) and times on the wall clock (``delay``, ``wall``) wait in two heaps,
because a rewind, a pause or a re-anchored clock moves one axis against the other.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from math import inf
from time import monotonic, time
from typing import Any, Final, cast

from csoundd.engine.csound.backend import CSOUND_7, Backend
from csoundd.engine.host.calls import Calls, Deferred
from csoundd.engine.host.performer import Performer
from csoundd.errors import CsounddError, Late, LimitExceeded
from csoundd.limits import LONGEST_DELAY_SECONDS
from csoundd.messages import At, Command, Frames, Outcome, Seconds
from csoundd.syntax.score_lines import statements_in

EARLIEST: Final = -1e15
"""What a time before it is taken for: it is past all the same, and arithmetic with it stays finite."""

Answer = Callable[[int, Command, Outcome | Deferred], None]
"""Takes the number of a call, the call, and what came of it."""

_METHODS: Final = frozenset({"csound.event", "csound.scoreEvent", "csound.scoreEventAsync"})
"""The methods whose arguments begin with the kind of event and its p-fields."""

_LINES: Final = frozenset({"csound.inputMessage", "csound.inputMessageAsync", "csound.eventString"})
_START: Final = 1
_MIDDLE: Final = 0.5
"""Aims at the middle of a sample, so that no rounding leads into the one before."""

Args = list[object]


@dataclass(order=True, slots=True)
class Entry:
    """A waiting command. ``due`` is a sample or a monotonic time; ``order`` keeps arrivals in order."""

    due: float
    order: int
    number: int = field(compare=False)
    command: Command = field(compare=False)


class Queue:
    """The waiting commands of one host."""

    def __init__(self) -> None:
        self._by_sample: list[Entry] = []
        self._by_time: list[Entry] = []
        self._arrivals = 0
        self.numbers: set[int] = set()
        """The numbers of the commands that wait."""

    def at_sample(self, sample: float, number: int, command: Command) -> None:
        """Let ``command`` run in the cycle that holds ``sample``."""
        heapq.heappush(self._by_sample, self._entry(sample, number, command))

    def at_time(self, due: float, number: int, command: Command) -> None:
        """Let ``command`` run in the cycle that holds the monotonic time ``due``."""
        heapq.heappush(self._by_time, self._entry(due, number, command))

    def _entry(self, due: float, number: int, command: Command) -> Entry:
        self._arrivals += 1
        self.numbers.add(number)
        return Entry(due, self._arrivals, number, command)

    def next_time(self) -> float | None:
        """The earliest monotonic time that a command waits for."""
        return self._by_time[0].due if self._by_time else None

    def before(self, sample: Frames, moment: float) -> Iterator[Entry]:
        """Take out what is due before ``sample`` or before the monotonic time ``moment``."""
        for heap, limit in ((self._by_sample, sample), (self._by_time, moment)):
            while heap and heap[0].due < limit:
                entry = heapq.heappop(heap)
                self.numbers.discard(entry.number)
                yield entry

    def remove(self, number: int) -> Entry | None:
        """Take out the command ``number``, None where it does not wait here."""
        for heap in (self._by_sample, self._by_time):
            for entry in heap:
                if entry.number == number:
                    self.numbers.discard(number)
                    heap.remove(entry)
                    heapq.heapify(heap)
                    return entry
        return None

    def clear(self) -> list[Entry]:
        """Take out everything, in no order."""
        entries = self._by_sample + self._by_time
        self._by_sample, self._by_time = [], []
        self.numbers.clear()
        return entries


def wall_due(at: At) -> Seconds:
    """The monotonic time that an ``at`` on the wall clock or by delay means, as of now."""
    if at.clock == "delay":
        return Seconds(monotonic() + at.value)
    return Seconds(at.value - time() + monotonic())


class Scheduler:
    """Runs commands that carry a time in the cycle that holds it. ``answer`` is told what came of each."""

    def __init__(self, performer: Performer, calls: Calls, answer: Answer) -> None:
        self._performer, self._calls, self._answer = performer, calls, answer
        self._queue = Queue()
        self.waiting = self._queue.numbers
        """The numbers of the commands that wait for their time."""
        self._onsets = Onsets(performer.backend, calls)

    def add(self, number: int, command: Command) -> None:
        """Let ``command`` wait for its time, or run now if that has come.

        It is answered with LimitExceeded where its time is more than LONGEST_DELAY_SECONDS ahead.
        """
        assert command.at is not None
        ahead = self._ahead(command.at)
        if ahead > LONGEST_DELAY_SECONDS:
            refusal = LimitExceeded(
                f"a call waits at most {LONGEST_DELAY_SECONDS:.0f} s for its time, and this is {ahead:.0f} s ahead",
                hint="wall time counts from 1970, the timetags of OSC count from 1900",
                name="delay",
                limit=LONGEST_DELAY_SECONDS,
            )
            self._answer(number, command, Outcome(error=refusal, receipt=self._calls.receipt()))
            return
        self._put_off(number, command)
        self.run_due(Frames(0))
        self._watch_edges()

    def _watch_edges(self) -> None:
        """Look for what is due before every cycle, as long as anything waits."""
        self._performer.watch_edges(self._before_cycle if self.waiting else None)

    def wait(self, now: float) -> float:
        """Seconds until something is due by the clock, infinite where nothing is."""
        due = self._queue.next_time()
        return inf if due is None else max(0.0, due - now)

    def remove(self, number: int) -> Entry | None:
        """Take out the call ``number``, None where it does not wait here."""
        entry = self._queue.remove(number)
        if entry is not None:
            self._watch_edges()
        return entry

    def clear(self) -> list[Entry]:
        """Take out everything: Csound is reset."""
        self._performer.watch_edges(None)
        self._onsets.forget()
        return self._queue.clear()

    def _ahead(self, at: At) -> float:
        """Seconds until the time that is asked for, by the clock that it is asked for on."""
        performer = self._performer
        match at.clock:
            case "sample":
                return (at.value - performer.sample) / performer.clock.sr
            case "score":
                return at.value - performer.score_time()
            case "wall":
                return at.value - time()
        return at.value

    def _put_off(self, number: int, command: Command) -> None:
        performer = self._performer
        assert command.at is not None
        at = At(command.at.clock, max(EARLIEST, command.at.value))
        if at.clock == "sample":
            self._queue.at_sample(at.value, number, command)
        elif at.clock == "score":
            ahead = (at.value - performer.score_time()) * performer.clock.sr
            self._queue.at_sample(performer.sample + ahead, number, command)
        elif at.clock == "delay" and self._by_samples():
            self._queue.at_sample(performer.sample + at.value * performer.clock.sr, number, command)
        else:
            self._queue.at_time(wall_due(at), number, command)

    def _by_samples(self) -> bool:
        """Whether time is counted in samples because nothing paces the performance."""
        return self._performer.state == "playing" and self._performer.drive in {"free", "step"}

    def _before_cycle(self) -> None:
        self.run_due(Frames(self._performer.backend.ksmps))

    def run_due(self, ahead: Frames) -> None:
        """Run what waits for a sample before the cycle edge plus ``ahead``, or for the time that this is."""
        performer = self._performer
        limit = Frames(performer.sample + ahead)
        moment = performer.clock.due(limit) if self._clocked() else monotonic()
        for entry in self._queue.before(limit, moment):
            self._run_late(entry, performer.sample)
        if not self.waiting:
            performer.watch_edges(None)

    def _run_late(self, entry: Entry, edge: Frames) -> None:
        number, command = entry.number, entry.command
        late = self._lateness(entry, edge)
        if late > 0 and command.late == "error":
            error = Late(f"{command.method} came {late:.6f} s too late", late=late)
            self._answer(number, command, Outcome(error=error, receipt=self._calls.receipt(late)))
        elif late > 0 and command.late == "drop":
            self._answer(number, command, Outcome(receipt=self._calls.receipt(late, dropped=True)))
        else:
            placed = self._onsets.placed(command, self._after_edge(entry, edge))
            self._answer(number, command, self._calls.execute(number, placed, late))

    def _after_edge(self, entry: Entry, edge: Frames) -> Frames:
        """How long after the cycle edge the entry's time is, where a clock or the count of samples can tell."""
        at, performer = entry.command.at, self._performer
        if performer.state != "playing" or at is None:
            return Frames(0)
        if at.clock in {"sample", "score"} or self._by_samples():
            return Frames(int(entry.due - edge))
        return Frames(int((entry.due - performer.clock.due(edge)) * performer.clock.sr) if self._clocked() else 0)

    def _lateness(self, entry: Entry, edge: Frames) -> Seconds:
        """How long ago the cycle that held the entry's time began, 0 where it is the next one."""
        at, performer = entry.command.at, self._performer
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
        return self._performer.state == "playing" and self._performer.drive == "clock"


class Onsets:
    """Onsets inside a cycle: with ``--sample-accurate`` a scheduled note begins at the sample that holds its time.

    A command runs at the edge of the cycle that holds its time. The frames from there to that time are added to the
    start (p2) of the notes it plays, which Csound then keeps to the sample.

    Csound 6 looks for the cycle by rounding and for the place in it by cutting off, so a note in the second half of a
    cycle would be a cycle late. One that is said to begin a cycle earlier begins right: it is at most half a cycle past
    (docs/upstream-faults.md#csound6-sample-accurate).
    """

    def __init__(self, backend: Backend, calls: Calls) -> None:
        self._backend, self._calls = backend, calls
        self._accurate: bool | None = None

    def forget(self) -> None:
        """Csound was reset: its options may be others."""
        self._accurate = None

    def placed(self, command: Command, frames: Frames) -> Command:
        """``command``, whose notes begin ``frames`` after the cycle edge if Csound can do that."""
        if frames <= 0 or not self._can():
            return command
        return replace(command, args=self._placed(command.method, command.args, frames))

    def _can(self) -> bool:
        if self._accurate is None:
            try:
                params = cast("dict[str, Any]", self._calls.invoke("csound.params", []))
            except CsounddError:
                params = {}
            self._accurate = bool(params.get("sample_accurate"))
        return self._accurate

    def _placed(self, method: str, args: Args, frames: Frames) -> Args:
        if method == "engine.batch":
            calls = cast("list[tuple[str, Args]]", args[0])
            return [[(name, self._placed(name, inner, frames)) for name, inner in calls]]
        if method in _METHODS and args[0] == "i":
            return [args[0], self._fields(cast("list[float | str]", args[1]), frames), *args[2:]]
        if method in _LINES:
            return [self._lines(str(args[0]), frames), *args[1:]]
        return args

    def _lines(self, score: str, frames: Frames) -> str:
        """Lines of a score whose notes begin later; one that begins where another ends follows that."""
        moved, copied = "", 0
        for statement in statements_in(score):
            start = statement.fields[_START] if len(statement.fields) > _START else None
            if statement.letter == "i" and start is not None and isinstance(start.value, float):
                moved += score[copied : start.start] + self._in_line(start.value, frames)
                copied = start.end
        return moved + score[copied:]

    def _fields(self, pfields: list[float | str], frames: Frames) -> list[float | str]:
        fields = list(pfields)
        if len(fields) > _START and not isinstance(fields[_START], str):
            # What has a text in it goes to Csound as a line.
            in_line = any(isinstance(field, str) for field in fields)
            start = float(fields[_START])
            fields[_START] = float(self._in_line(start, frames)) if in_line else self._start(start, frames)
        return fields

    def _start(self, start: float, frames: Frames) -> float:
        backend = self._backend
        at, cycle = start * backend.sr + frames + _MIDDLE, backend.ksmps
        rounded = backend.version < CSOUND_7 and at % cycle >= cycle / 2
        if rounded and backend.score_time() * backend.sr >= cycle:
            at -= cycle
        return at / backend.sr

    def _in_line(self, start: float, frames: Frames) -> str:
        """A line can name no time that is past, so its note is in the first half of the cycle at the latest."""
        backend = self._backend
        at, cycle = start * backend.sr + frames + _MIDDLE, backend.ksmps
        if backend.version < CSOUND_7:
            at -= max(0.0, at % cycle - (cycle / 2 - 1))
        return f"{at / backend.sr:.9f}"
