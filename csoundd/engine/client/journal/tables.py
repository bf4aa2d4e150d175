"""The tables of an engine: as the engine has shown them, with what was written over the API since then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from csoundd.engine.client.journal.rows import Rows, by_kind
from csoundd.engine.client.journal.store import Rows as Loaded
from csoundd.messages import Command
from csoundd.syntax.score_lines import Table

Points = npt.NDArray[np.float64]
PATCH_POINTS: Final = 8
"""What is written to a table takes so many points more on disk."""

GEN: Final = 4
"""An ``f`` statement has so many p-fields at least."""


class Written:
    """The stretches of one table that were written, apart from each other and in order: each point as it is last."""

    def __init__(self) -> None:
        self._stretches: list[tuple[int, Points]] = []

    def write(self, start: int, points: Points) -> None:
        """Take in ``points``, which stand from ``start`` on."""
        stop = start + len(points)
        apart = [(at, old) for at, old in self._stretches if at + len(old) < start or at > stop]
        touched = [(at, old) for at, old in self._stretches if not (at + len(old) < start or at > stop)]
        first = min([start, *(at for at, _ in touched)])
        merged = np.empty(max([stop, *(at + len(old) for at, old in touched)]) - first)
        for at, old in [*touched, (start, points)]:
            merged[at - first : at - first + len(old)] = old
        self._stretches = sorted([*apart, (first, merged)], key=lambda stretch: stretch[0])

    def __iter__(self) -> Iterator[tuple[int, Points]]:
        return iter(self._stretches)


class Tables:
    """``shown`` are whole tables with their guard points by number, None for one that was freed.

    On disk a table that is written stands as it was, with what was written to it since then, until that is more.
    """

    def __init__(self, rows: Rows) -> None:
        self.shown: dict[int, Points | None] = {}
        self._made: dict[int, list[float | str]] = {}
        self._written: dict[int, Written] = {}
        self._kept, self._mark = rows.kept, rows.mark
        self._patches: dict[str, tuple[int, Points]] = {}
        """What was written since a table was kept as a whole, by the names of the rows that it has on disk."""
        self._patched: dict[int, list[str]] = {}
        self._patched_points: dict[int, int] = {}
        rows.register("table", lambda number: [self.shown[number]] if number in self.shown else None)
        rows.register("made table", self._made.get)
        rows.register("written table", self._written_row)
        rows.register("patch", self._patch_row)

    def _written_row(self, number: int) -> object:
        written = self._written.get(number)
        return None if written is None else list(written)

    def _patch_row(self, name: str) -> object:
        patch = self._patches.get(name)
        return None if patch is None else list(patch)

    def load(self, rows: Loaded) -> None:
        """Take in the rows of another process."""
        for number, (points,) in by_kind(rows, "table").items():
            self.shown[number] = None if points is None else np.array(points)
        self._made.update(by_kind(rows, "made table"))
        for number, stretches in by_kind(rows, "written table").items():
            for start, points in stretches:
                self._written.setdefault(number, Written()).write(start, np.asarray(points, np.float64))
        patches = by_kind(rows, "patch")
        for name in sorted(patches, key=lambda name: int(name.partition(" ")[2])):
            start, points = patches[name]
            number = int(name.partition(" ")[0])
            self._write(number, np.asarray(points, np.float64), start)
            self._patched.setdefault(number, []).append(name)
        for number in list(self._patched):
            self._whole(number)

    def _patch(self, number: int, start: int, points: Points) -> None:
        """Have what was written to a table kept, by itself as long as that is less than the table."""
        if not self._kept:
            return
        names = self._patched.setdefault(number, [])
        points_of_patches = self._patched_points.get(number, 0) + len(points) + PATCH_POINTS
        whole = self.shown.get(number)
        if points_of_patches > (len(whole) if whole is not None else sum(len(old) for _, old in self._written[number])):
            self._whole(number)
            return
        name = f"{number} {len(names)}"
        names.append(name)
        self._patches[name] = start, points
        self._patched_points[number] = points_of_patches
        self._mark("patch", name)

    def _whole(self, number: int) -> None:
        """Have a table kept as it is."""
        self._mark("table", number)
        self._mark("written table", number)
        self._mark("made table", number)
        for name in self._patched.pop(number, ()):
            self._patches.pop(name, None)
            self._mark("patch", name)
        self._patched_points.pop(number, None)

    def __len__(self) -> int:
        return len(self.shown.keys() | self._made.keys() | self._written.keys())

    def write(self, command: Command) -> None:
        """``table.set`` has been called."""
        number, data, start = cast("tuple[int, object, int]", tuple(command.args))
        points = np.asarray(data, np.float64)
        self._write(number, points, start)
        self._patch(number, start, points)

    def _write(self, number: int, points: Points, start: int) -> None:
        whole = self.shown.get(number)
        if whole is not None and start >= 0 and start + len(points) < len(whole):
            whole[start : start + len(points)] = points
        else:
            self._written.setdefault(number, Written()).write(start, points)

    def make(self, pfields: list[float | str]) -> None:
        """An ``f`` statement makes a table anew, or frees it where its number is negative."""
        if not pfields or isinstance(pfields[0], str):
            return
        number = int(pfields[0])
        for kept in (self.shown, self._written, self._made):
            kept.pop(abs(number), None)
        if number < 0:
            self.shown[-number] = None
        elif len(pfields) >= GEN:
            self._made[number] = pfields
        self._whole(abs(number))

    def show(self, told: list[tuple[int, Points | None]]) -> None:
        """The engine shows tables that have become different."""
        for number, points in told:
            self.shown[number] = None if points is None else np.array(points)
            self._written.pop(number, None)
            if points is None:
                self._made.pop(number, None)
            self._whole(number)

    def code(self) -> str:
        """The code that makes the tables that ``f`` statements have made: at once, where an event waits for a cycle."""
        lines = (
            f"icsoundd ftgen {', '.join(map(_literal, [number, 0.0, *pfields[2:]]))}\n"
            for number, pfields in self._made.items()
        )
        return "".join(lines)

    def of_events(self) -> list[tuple[float, float]]:
        """The number and the points of each table that ``f`` statements have made."""
        tables = (Table.of(pfields) for pfields in self._made.values())
        return [(table.number, table.points) for table in tables]

    def written(self) -> list[tuple[str, list[object]]]:
        """The calls that write what has been written since the engine has shown a table."""
        return [
            ("table.set", [number, points, start])
            for number, written in self._written.items()
            for start, points in written
        ]


def _literal(pfield: float | str) -> str:
    return f'"{pfield}"' if isinstance(pfield, str) else repr(float(pfield))
