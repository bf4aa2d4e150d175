"""Tells the front what the orchestra itself has changed, so that it is not lost with this process.

What clients change, the front knows from the replies. What code changes (values of channels, points of tables, the
notes that sound, the time of the score) only the engine knows, and an engine that dies tells nothing any more. So it is
told while it lives: again and again between two cycles, only what has become different, on the same stream as the
replies. What has been sent outlives this process, and comes after every reply that it may contradict.

A snapshot takes at most a hundredth of the time: after one that was dear the next one waits for longer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from math import prod
from time import monotonic
from typing import Any, Final

import numpy as np

from csoundd.api.array_channels import Arrays
from csoundd.api.score import Score
from csoundd.engine.csound.backend import Points, Sounding
from csoundd.engine.host.performer import Performer
from csoundd.engine.link.memory import Field
from csoundd.engine.link.protocol import HostEnd, Kind, ShownNote, Snapshot, encode
from csoundd.errors import CsounddError
from csoundd.limits import (
    NEW_CHANNELS_SECONDS,
    SNAPSHOT_ALL_ELEMENTS,
    SNAPSHOT_ALL_POINTS,
    SNAPSHOT_ARRAY_ELEMENTS,
    SNAPSHOT_ELEMENTS,
    SNAPSHOT_POINTS,
    SNAPSHOT_SECONDS,
    SNAPSHOT_SHARE,
    SNAPSHOT_TABLE_POINTS,
    SNAPSHOT_TABLES,
    TABLES_BEYOND,
)
from csoundd.values import is_same

NEVER: Final = float("-inf")


def with_guard(points: Points) -> Points:
    """The points of a table with its guard point, which stands behind them."""
    return np.lib.stride_tricks.as_strided(points, (len(points) + 1,))


class Snapshots:
    """The snapshots of one backend, each of what has changed since the last."""

    def __init__(self, performer: Performer, link: HostEnd) -> None:
        self._performer, self._backend, self._link = performer, performer.backend, link
        self._header = performer.ring.header
        self._score = next(group for group in self._backend.groups if isinstance(group, Score))
        self._array_methods = next((group for group in self._backend.groups if isinstance(group, Arrays)), None)
        self.due = 0.0
        """The monotonic time from which on the next snapshot may be made."""
        self.forget()

    def forget(self) -> None:
        """Csound was reset: whatever there is from now on is new."""
        self.cycle = -1
        """The cycle that the last snapshot was of."""
        self._known: set[str] = set()
        self._readings: dict[str, tuple[str, Callable[[], object]]] = {}
        self._names_due = NEVER
        self._values: dict[str, object] = {}
        self._arrays: dict[str, list[Any]] = {}
        self._arrays_in_turn: deque[str] = deque()
        self._kept_elements = 0
        self._notes: list[ShownNote] | None = None
        self._began: dict[tuple[tuple[int, float], float | str], float] = {}
        self._pending: bool | None = None
        self._header[Field.UNCHANGED_CYCLE] = 0
        self._tables: dict[int, Points] = {}
        self._kept = 0
        self._sweep = self._round()

    def tell(self, *, called: bool, every_table: bool) -> None:
        """Tell what has changed, of all tables where ``every_table``; the next is due after a while.

        ``called`` says that a call has run since the last one: the front waits to hear how the engine is after it.
        """
        began, performer = monotonic(), self._performer
        self.cycle = performer.cycle
        told = self._changes(began, every_table=every_table)
        score_time = performer.score_time()
        if told or called:
            if self._backend.started:
                # The position of the performance, which each snapshot has.
                told["score"], told["cycle"] = (score_time, self._pending), self.cycle
                if self._notes is not None:
                    told["seen"] = True
            self._link.send(encode([Kind.SNAPSHOT, told]))
        else:
            # Time alone is no reason to wake the front, which reads these if the engine dies: 0.7 % of a core.
            self._header[Field.UNCHANGED_SCORE_TIME_US] = int(score_time * 1e6)
            self._header[Field.UNCHANGED_CYCLE] = performer.cycle
        ended = monotonic()
        self.due = ended + max(SNAPSHOT_SECONDS, (ended - began) / SNAPSHOT_SHARE)

    def _changes(self, now: float, *, every_table: bool) -> Snapshot:
        if now >= self._names_due:
            self._names_due = now + NEW_CHANNELS_SECONDS
            self._find_channels()
        told: Snapshot = {}
        channels: dict[str, tuple[str, Any]] = self._changed_channels()
        channels |= {name: ("array", array) for name, array in self._changed_arrays(thorough=every_table)}
        tables = list(self._changed_tables(thorough=every_table))
        if channels:
            told["channels"] = channels
        if tables:
            told["tables"] = tables
        if self._backend.started:
            self._add_performance(told)
        return told

    def _find_channels(self) -> None:
        backend = self._backend
        for name in backend.names():
            if name in self._known:
                continue
            kind = backend.kind(name)
            if kind == "array" and self._array_methods is not None:
                self._known.add(name)
                self._arrays_in_turn.append(name)
            elif kind in {"control", "string"}:
                reading = backend.reading(name)
                if reading is not None:
                    self._known.add(name)
                    self._readings[name] = kind, reading

    def _changed_channels(self) -> dict[str, tuple[str, Any]]:
        changed: dict[str, tuple[str, Any]] = {}
        last = self._values
        for name, (kind, read) in self._readings.items():
            value = read()
            old = last.get(name)
            if value is not None and value != old and not is_same(old, value):
                last[name] = value
                changed[name] = kind, value
        return changed

    def _changed_arrays(self, *, thorough: bool) -> Iterator[tuple[str, list[Any]]]:
        """The type, the sizes and the data of arrays that have become different, each in its turn."""
        left, arrays = SNAPSHOT_ELEMENTS, self._arrays_in_turn
        for _ in range(len(arrays)):
            name = arrays[0]
            arrays.rotate(-1)
            old = self._arrays.get(name)
            array = self._read_array(name, 0 if old is None else _elements(old))
            if array is None:
                continue
            left -= _elements(array)
            if not is_same(old, array):
                self._kept_elements += _elements(array) - (0 if old is None else _elements(old))
                self._arrays[name] = array
                yield name, array
            if left <= 0 and not thorough:
                return

    def _read_array(self, name: str, before: int) -> list[Any] | None:
        """An array, which was told with so many elements ``before``; None where it is not to be told, or not there."""
        methods = self._array_methods
        assert methods is not None
        try:
            dtype, sizes = methods.arrayDataType(name), list(methods.arrayDataSizes(name))
            each = max(1, self._backend.ksmps) if dtype == "a" and self._backend.started else 1
            elements = prod(sizes) * each
            if elements > SNAPSHOT_ARRAY_ELEMENTS or self._kept_elements - before + elements > SNAPSHOT_ALL_ELEMENTS:
                return None
            return [dtype, sizes, methods.arrayData(name)]
        except CsounddError:
            return None

    def _add_performance(self, told: Snapshot) -> None:
        time, pending = self._performer.score_time(), bool(self._score.isScorePending())
        if pending != self._pending:
            self._pending = pending
            told["score"] = time, pending
        sounding = self._backend.sounding()
        if sounding is not None:
            notes = self._shown_notes(sounding, time)
            if not is_same(self._notes, notes):
                self._notes = told["notes"] = notes

    def _shown_notes(self, sounding: list[Sounding], time: float) -> list[ShownNote]:
        """``(instrument, began, ends, fields)`` of each note; when it began is when it was first seen."""
        before, self._began = self._began, {}
        for note in sounding:
            key = note.key, note.instrument
            self._began[key] = before.get(key, time)
        return [
            (note.instrument, self._began[note.key, note.instrument], note.ends, list(note.fields)) for note in sounding
        ]

    def _changed_tables(self, *, thorough: bool) -> Iterator[tuple[int, Points | None]]:
        if not self._backend.started:
            return
        left, numbers = SNAPSHOT_POINTS, SNAPSHOT_TABLES
        sweep = self._all_tables() if thorough else self._sweep
        for number in sweep:
            points = self._backend.table(number)
            old = self._tables.get(number)
            numbers -= old is None
            if points is None:
                if old is not None:
                    del self._tables[number]
                    self._kept -= len(old)
                    yield number, None
            elif self._is_told(points, old):
                left -= len(points) + 1
                present = with_guard(points)
                if old is None or not np.array_equal(present, old, equal_nan=True):
                    self._kept += len(present) - (0 if old is None else len(old))
                    self._tables[number] = present.copy()
                    yield number, self._tables[number]
            if not thorough and (left <= 0 or numbers <= 0):
                return

    def _is_told(self, points: Points, old: Points | None) -> bool:
        return 0 < len(points) <= SNAPSHOT_TABLE_POINTS and (
            old is not None or self._kept + len(points) <= SNAPSHOT_ALL_POINTS
        )

    def _all_tables(self) -> Iterator[int]:
        return iter(range(1, max(self._tables, default=100) + TABLES_BEYOND))

    def _round(self) -> Iterator[int]:
        """The numbers of tables to look at, for ever round; those there are between any that may be there."""
        while True:
            for number in self._all_tables():
                yield number
                if number % SNAPSHOT_TABLES == 0:
                    yield from list(self._tables)


def _elements(array: list[Any]) -> int:
    """How many numbers or texts an array has."""
    return np.size(array[2])
