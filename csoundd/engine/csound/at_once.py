"""What a Csound is given to do in one cycle by events: so much that it comes to the end of that.

A call alone is held to the limits of its arguments. A batch, or many calls between two cycles, would be as many times
as much, in a cycle that nobody is served in and that the watchdog ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush

from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.csound.limits import (
    COUNTED_NOTES,
    EARLY_BYTES,
    EVENT_TABLES_POINTS,
    FEW_NOTES,
    NOTES_AHEAD,
    PLACES,
    TABLE_STEPS,
)
from csoundd.errors import LimitExceeded
from csoundd.messages import Frames
from csoundd.syntax.score_lines import Table

Count = Callable[[int], int]
"""How many notes sound; it counts no further than it is told."""


class AtOnce:
    """Counts what one instance is given, and raises LimitExceeded where it is too much."""

    def __init__(self, instance: CsoundInstance, count: Count) -> None:
        self._instance, self._count = instance, count
        instance.on_reset.append(self.forget)
        self.forget()

    def forget(self) -> None:
        """Csound is reset."""
        self._cycle: tuple[bool, Frames] | None = None
        self._early_bytes = 0
        self._ahead: list[float] = []
        self._points: dict[float, float] = {}
        self._begin_cycle()

    def _begin_cycle(self) -> None:
        self._notes, self._sounding = 0, None
        self._steps = self._passed = 0.0

    def _look(self) -> None:
        """Begin to count anew where there was a cycle since the last call."""
        cycle = self._instance.started, self._instance.samples()
        if cycle != self._cycle:
            self._cycle = cycle
            self._begin_cycle()

    _sounding: int | None

    def take_notes(self, notes: int, starts: Sequence[float]) -> None:
        """Take ``notes`` more, of which some begin so many seconds from now."""
        self._look()
        now, ahead = float(self._instance.score_time()), self._ahead
        while ahead and ahead[0] <= now:
            heappop(ahead)
        later = [now + start for start in starts if start > 0]
        if len(ahead) + len(later) > NOTES_AHEAD:
            raise LimitExceeded(f"{NOTES_AHEAD} notes wait for their time", name="csound", limit=NOTES_AHEAD)
        if self._instance.started:
            self._check_places(self._notes + notes)
        self._notes += notes
        for start in later:
            heappush(ahead, start)

    def _check_places(self, notes: int) -> None:
        if notes <= FEW_NOTES:
            return
        if self._sounding is None:
            self._sounding = self._count(COUNTED_NOTES)
        if notes * (self._sounding + notes / 2) > PLACES:
            raise LimitExceeded(
                f"{notes} notes in one cycle, while {self._sounding} sound, would keep Csound from its time",
                hint="send the rest after the next cycle",
                name="csound",
                limit=PLACES,
            )

    def take_tables(self, tables: Sequence[Table]) -> None:
        """Take events that make ``tables``."""
        if not tables:
            return
        self._look()
        steps = self._steps + sum(table.work for table in tables)
        if steps > TABLE_STEPS:
            raise LimitExceeded(
                f"tables take at most {TABLE_STEPS} steps of their generators in one cycle, and these {steps:.0f}",
                hint="code makes larger ones: ftgen",
                name="csound",
                limit=TABLE_STEPS,
            )
        points = self._points | {table.number: table.points for table in tables}
        if sum(points.values()) > EVENT_TABLES_POINTS:
            raise LimitExceeded(
                f"the tables of events have at most {EVENT_TABLES_POINTS} points together",
                hint="an f event with a negative number frees a table",
                name="csound",
                limit=EVENT_TABLES_POINTS,
            )
        self._steps, self._points = steps, points

    def take_early(self, size: int) -> None:
        """Take lines of so many bytes before the start."""
        if self._early_bytes + size > EARLY_BYTES:
            raise LimitExceeded(
                f"events before the start have at most {EARLY_BYTES} bytes", name="csound", limit=EARLY_BYTES
            )
        self._early_bytes += size

    def passed(self, seconds: float) -> float:
        """The seconds that the next cycle passes over, with these."""
        self._look()
        self._passed += seconds
        return self._passed
