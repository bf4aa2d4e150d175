"""The tables of an engine: as the engine has shown them, with what was written over the API since then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from csoundd.messages import Command

Points = npt.NDArray[np.float64]
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
    """``shown`` are whole tables with their guard points by number, None for one that was freed."""

    def __init__(self) -> None:
        self.shown: dict[int, Points | None] = {}
        self._made: dict[int, list[float | str]] = {}
        self._written: dict[int, Written] = {}

    def __len__(self) -> int:
        return len(self.shown.keys() | self._made.keys() | self._written.keys())

    def write(self, command: Command) -> None:
        """``table.set`` has been called."""
        number, data, start = cast("tuple[int, object, int]", tuple(command.args))
        points = np.asarray(data, np.float64)
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

    def show(self, told: list[tuple[int, Points | None]]) -> None:
        """The engine shows tables that have become different."""
        for number, points in told:
            self.shown[number] = None if points is None else np.array(points)
            self._written.pop(number, None)
            if points is None:
                self._made.pop(number, None)

    def code(self) -> str:
        """The code that makes the tables that ``f`` statements have made: at once, where an event waits for a cycle."""
        lines = (
            f"icsoundd ftgen {', '.join(map(_literal, [number, 0.0, *pfields[2:]]))}\n"
            for number, pfields in self._made.items()
        )
        return "".join(lines)

    def written(self) -> list[tuple[str, list[object]]]:
        """The calls that write what has been written since the engine has shown a table."""
        return [
            ("table.set", [number, points, start])
            for number, written in self._written.items()
            for start, points in written
        ]


def _literal(pfield: float | str) -> str:
    return f'"{pfield}"' if isinstance(pfield, str) else repr(float(pfield))
