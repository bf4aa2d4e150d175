"""Points that were written into a table, merged."""

from __future__ import annotations

import random

import numpy as np

from csoundd.engine.client.journal.tables import Written

LENGTH = 40


def stretches(written: Written) -> list[tuple[int, list[float]]]:
    return [(start, points.tolist()) for start, points in written]


def test_stretches_that_touch_become_one() -> None:
    written = Written()
    written.write(0, np.ones(2))
    written.write(4, np.ones(2))
    written.write(2, np.zeros(2))

    assert stretches(written) == [(0, [1, 1, 0, 0, 1, 1])]


def test_stretches_apart_stay_apart() -> None:
    written = Written()
    written.write(4, np.ones(1))
    written.write(0, np.ones(2))

    assert stretches(written) == [(0, [1, 1]), (4, [1])]


def test_the_last_writing_of_each_point_counts() -> None:
    chance = random.Random(7)
    written, expected = Written(), np.full(LENGTH, np.nan)
    for number in range(200):
        start = chance.randrange(LENGTH)
        points = np.full(chance.randrange(LENGTH - start), float(number))
        written.write(start, points)
        expected[start : start + len(points)] = points

    found = np.full(LENGTH, np.nan)
    for start, points in written:
        found[start : start + len(points)] = points
    assert np.array_equal(found, expected, equal_nan=True)
