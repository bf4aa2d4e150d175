"""Performing cycles: with or without anybody who looks between them, counted, and put where the front sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from time import monotonic_ns
from typing import Final

import numpy as np
import numpy.typing as npt

from csoundd.engine.csound.backend import Backend
from csoundd.engine.link.ring import Field, Ring
from csoundd.messages import Frames, Seconds, State

EXITED: Final = 256
"""What Csound returns after ``exitnow``."""

Edge = Callable[[], None]
"""Called before a cycle while somebody waits for one."""


class Cycles(ABC):
    """The cycles of one backend. ``sample`` counts the frames performed since the start and never goes back."""

    def __init__(self, backend: Backend, ring: Ring) -> None:
        self.backend, self.ring = backend, ring
        self.state: State = "ready"
        self.sample, self.cycle, self.late_cycles = Frames(0), 0, 0
        self.capturing = False
        self.edge: Edge | None = None
        self.before_cycle: list[Edge] = []
        self.after_cycle: list[Edge] = []
        self._spout: npt.NDArray[np.float64] = np.zeros((1, 1))
        self._output = self._spout[:0]
        self._ksmps = 1

    @abstractmethod
    def _over(self, code: int, reason: str) -> None:
        """Take note that a cycle was the last."""

    def _lay_out(self) -> None:
        """Learn the rates of a Csound that has been started."""
        backend = self.backend
        self._spout, self._ksmps = backend.spout(), backend.ksmps
        self._output = self._spout[:0]
        self.ring.shape(backend.nchnls)
        self.ring.begin(self.sample)

    def _burst(self, cycles: int) -> None:
        header = self.ring.header
        header[Field.SINCE_NS] = monotonic_ns()
        header[Field.PERFORMING] = 1
        code = self._watched(cycles) if self._watchers() else self._unwatched(cycles)
        header[Field.PERFORMING] = 0
        self.publish()
        if code:
            self._over(code, _reason(code))

    def _watchers(self) -> bool:
        return self.edge is not None or bool(self.before_cycle or self.after_cycle)

    def _unwatched(self, cycles: int) -> int:
        output = self._output_for(cycles) if self.capturing else None
        done, code = self.backend.burst(cycles, output)
        if output is not None:
            self.ring.write(output[: done * self._ksmps])
        self._count(done)
        return code

    def _output_for(self, cycles: int) -> npt.NDArray[np.float64]:
        """Room for what so many cycles put out, ``[cycles * ksmps, nchnls]``."""
        frames = cycles * self._ksmps
        if len(self._output) < frames:
            self._output = np.empty((frames, self._spout.shape[1]))
        return self._output[:frames]

    def _watched(self, cycles: int) -> int:
        for _ in range(cycles):
            if self.edge is not None:
                self.edge()
            if self.state != "playing":
                return 0
            for feed in tuple(self.before_cycle):
                feed()
            code = self.backend.cycle()
            if code:
                return code
            if self.capturing:
                self.ring.write(self._spout)
            self._count(1)
            for watch in self.after_cycle:
                watch()
        return 0

    def _count(self, cycles: int) -> None:
        self.cycle += cycles
        self.sample = Frames(self.sample + cycles * self._ksmps)

    def publish(self) -> None:
        """Put the counters where the front sees them without asking."""
        header = self.ring.header
        header[Field.SAMPLE] = self.sample
        header[Field.CYCLE] = self.cycle
        header[Field.LATE_CYCLES] = self.late_cycles
        header[Field.SCORE_TIME_US] = int(self.backend.score_time() * 1e6)

    def capture(self, wanted: bool) -> None:
        """Begin or end writing the output to the ring."""
        if wanted and not self.capturing:
            self.ring.begin(self.sample)
        self.capturing = wanted

    def score_time(self) -> Seconds:
        return self.backend.score_time()


def _reason(code: int) -> str:
    """What ``csoundPerformKsmps`` says of the end of a performance."""
    if code < 0:
        return "a performance error, or an end with a status"
    return "the orchestra ended it" if code & EXITED else "the score is over"
