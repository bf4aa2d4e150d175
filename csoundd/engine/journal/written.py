"""What was written into tables, merged: each point once, as it was written last."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


class Written:
    """The stretches of one table that were written, apart from each other and in order."""

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
