"""What a Csound is given to do in one cycle by events: so much that it comes to the end of that. And their tables.

A call alone is held to the limits of its arguments. A batch, or many calls between two cycles, would be as many times
as much, in a cycle that nobody is served in and that the watchdog ends. Tables stay, so they are counted over all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Final

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
from csoundd.limits import TABLES
from csoundd.messages import Frames
from csoundd.syntax.score_lines import Table

Count = Callable[[int], int]
"""How many notes sound; it counts no further than it is told."""


_HOW_TO_FREE: Final = "an f event with a negative number and the time 0 frees a table"


class AtOnce:
    """Counts what one instance is given, and raises LimitExceeded where it is too much."""

    def __init__(self, instance: CsoundInstance, count: Count, most_tables: int = TABLES) -> None:
        self._instance, self._count, self._most_tables = instance, count, most_tables
        instance.on_reset.append(self.forget)
        self.forget()

    def forget(self) -> None:
        """Csound is reset."""
        self._cycle: tuple[bool, Frames] | None = None
        self._early_bytes = 0
        self._ahead: list[float] = []
        self._points: dict[float, float] = {}
        """Points of each table that an event has made, by its number."""
        self._all_points = 0.0
        self._later: set[float] = set()
        """Tables that an event makes at a later time, so that one who frees them now frees nothing."""
        self._begin_cycle()

    def _begin_cycle(self) -> None:
        self._made: set[float] = set()
        """Tables of this cycle: whether one who frees them comes before or behind is not said."""
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
        made: dict[float, float] = {}
        for table in tables:
            number = table.number
            if number and not table.frees:
                # Until its time, or in one cycle with another, the table that there is stays.
                stays = number in made or number in self._made or not (table.is_now and self._instance.started)
                made[number] = max(table.points, made.get(number, self._points.get(number, 0.0)) if stays else 0.0)
        freed = {table.number for table in tables if table.frees and table.is_now and self._instance.started}
        freed = (freed & self._points.keys()) - made.keys() - self._made - self._later
        new = sum(number not in self._points for number in made)
        if new and len(self._points) + new - len(freed) > self._most_tables:
            raise LimitExceeded(
                f"events make at most {self._most_tables} tables, and this is one more",
                hint=_HOW_TO_FREE,
                name="tables",
                limit=self._most_tables,
            )
        more = sum(points - self._points.get(number, 0.0) for number, points in made.items())
        all_points = self._all_points + more - sum(self._points[number] for number in freed)
        if more > 0 and all_points > EVENT_TABLES_POINTS:
            raise LimitExceeded(
                f"the tables of events have at most {EVENT_TABLES_POINTS} points together",
                hint=_HOW_TO_FREE,
                name="csound",
                limit=EVENT_TABLES_POINTS,
            )
        self._steps, self._all_points = steps, all_points
        self._made |= made.keys()
        self._later |= {table.number for table in tables if table.number in made and not table.is_now}
        self._points |= made
        for number in freed:
            del self._points[number]

    def count_tables(self, points: Mapping[float, float]) -> None:
        """Count tables that are there, by their numbers, with their points."""
        self._points |= points
        self._all_points = sum(self._points.values())

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
