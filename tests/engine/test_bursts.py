"""A performance that nothing paces: how many cycles it performs between two looks at the time."""

from __future__ import annotations

import os
from contextlib import closing
from typing import cast
from unittest.mock import Mock

import numpy as np
import numpy.typing as npt
import pytest

from csoundd.engine.csound.backend import Backend
from csoundd.engine.host.output import Output
from csoundd.engine.host.performer import Performer
from csoundd.engine.link.memory import Ring, shared_file
from csoundd.limits import FREE_BURST_CYCLES, FREE_TURN_SECONDS
from csoundd.messages import Frames

QUICK, SLOW = 1e-7, 1.0


class Timed:
    """A backend whose cycles take so long by a clock of its own, and that notes how many were wanted at once."""

    sr = ksmps = nchnls = 1

    def start(self) -> int:
        return 0

    def spout(self) -> npt.NDArray[np.float64]:
        return np.zeros((1, 1))

    def __init__(self) -> None:
        self.now = 0.0
        self.bursts: list[int] = []
        self.quick_cycles = 1_000_000

    def score_time(self) -> float:
        return 0.0

    def burst(self, cycles: int, _output: object) -> tuple[int, int]:
        self.bursts.append(cycles)
        quick = min(cycles, self.quick_cycles)
        self.quick_cycles -= quick
        self.now += quick * QUICK + (cycles - quick) * SLOW
        return cycles, 0


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch) -> Timed:
    backend = Timed()
    monkeypatch.setattr("csoundd.engine.host.performer.monotonic", lambda: backend.now)
    return backend


def test_quick_cycles_come_in_bursts_that_double_and_long_ones_end_the_turn(timed: Timed) -> None:
    memory = shared_file()
    ring = Ring(memory)
    os.close(memory)
    with closing(ring):
        ring.shape(1)
        output = cast("Output", Mock(Output))
        performer = Performer(cast("Backend", timed), "free", ring, output, block=Frames(1), epoch=1)
        performer.play()
        performer.turn()
        assert timed.bursts == [1], "how long a cycle takes is not known yet"
        timed.bursts.clear()
        performer.turn()
        doubling = [1, 2, 4, 8, 16, 32, 64]
        assert timed.bursts[: len(doubling)] == doubling
        assert set(timed.bursts[len(doubling) : -1]) == {FREE_BURST_CYCLES}
        assert timed.now < 2 * FREE_TURN_SECONDS

        timed.bursts.clear()
        timed.quick_cycles = 1 + 2 + 4
        performer.turn()
        assert timed.bursts == [1, 2, 4, 8], "the burst in which cycles have become long is the last of the turn"
        timed.bursts.clear()
        performer.turn()
        assert timed.bursts == [1], "as many as take no longer than a turn, and one at least"
