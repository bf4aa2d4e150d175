"""When the next cycles are due: the wall clock divided by the sample rate."""

from __future__ import annotations

from time import monotonic
from typing import Final

from csoundd.messages import Frames, Seconds

TOO_LATE: Final = Seconds(0.2)
"""Lateness that is not made good any more: the clock starts anew from now."""


class Clock:
    """Paces a performance. Deadlines do not drift: each is counted from where the clock was anchored."""

    def __init__(self, sr: float, block: Frames) -> None:
        self.sr = sr
        self.block = block
        self._time = Seconds(0.0)
        self._sample = Frames(0)

    def anchor(self, sample: Frames, now: float | None = None) -> None:
        """Let ``sample`` be due now."""
        self._time = Seconds(monotonic() if now is None else now)
        self._sample = sample

    def due(self, sample: Frames) -> Seconds:
        """The monotonic time at which ``sample`` is due."""
        return Seconds(self._time + (sample - self._sample) / self.sr)

    def sample_at(self, time: float) -> Frames:
        """The sample that is due at ``time``, the inverse of :meth:`due`."""
        return Frames(int(self._sample + (time - self._time) * self.sr))
