"""What a Csound in a machine says of its performance, and the buffers of its cycles."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from csoundd.engine.csound.wasm.machine import Machine
from csoundd.messages import Frames, Seconds


class Figures:
    """A Csound made in ``machine``, as far as it is only looked at."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.c: Any = machine.c
        self.cs = int(self.c.csoundCreateWasi())
        self.version = int(self.c.csoundGetVersion())
        self._spin: npt.NDArray[np.float64] | None = None
        self._spout: npt.NDArray[np.float64] | None = None

    def forget_buffers(self) -> None:
        """Ask anew where the buffers are: they are others after the end of a performance."""
        self._spin = self._spout = None

    @property
    def sr(self) -> float:
        return float(self.c.csoundGetSr(self.cs))

    @property
    def ksmps(self) -> int:
        return int(self.c.csoundGetKsmps(self.cs))

    @property
    def nchnls(self) -> int:
        return int(self.c.csoundGetChannels(self.cs, 0))

    @property
    def zerodbfs(self) -> float:
        return float(self.c.csoundGet0dBFS(self.cs))

    def score_time(self) -> Seconds:
        return Seconds(self.c.csoundGetScoreTime(self.cs))

    def samples(self) -> Frames:
        return Frames(self.c.csoundGetCurrentTimeSamples(self.cs))

    def spout(self) -> npt.NDArray[np.float64]:
        """The output buffer as ``[ksmps, nchnls]``, a view on the machine's memory."""
        if self._spout is None:
            self._spout = self.machine.array(int(self.c.csoundGetSpout(self.cs)), (self.ksmps, self.nchnls))
        return self._spout

    def spin(self) -> npt.NDArray[np.float64]:
        """The input buffer as ``[ksmps, nchnls_i]``, a view on the machine's memory."""
        if self._spin is None:
            shape = (self.ksmps, int(self.c.csoundGetChannels(self.cs, 1)))
            self._spin = self.machine.array(int(self.c.csoundGetSpin(self.cs)), shape)
        return self._spin
