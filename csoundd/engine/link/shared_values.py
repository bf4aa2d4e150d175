"""A few control channels in the memory that the processes share: the host writes, the front reads without asking.

All of it is as of one moment between two cycles. There are two copies. The host writes the older one and then says,
by its number, that this is the newer one now; so a reader finds a whole one at any time, however long a write takes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Final, NamedTuple

from csoundd.limits import SHARED_CHANNELS
from csoundd.messages import Frames, Receipt, Seconds

SAMPLE, CYCLE, SCORE_TIME, VALUES = range(4)
_COPY: Final = VALUES + SHARED_CHANNELS
_COPIES: Final = 1
_NUMBER: Final = 0
_TRIES: Final = 3

SHARED_VALUES_BYTES: Final = 8 * (_COPIES + 2 * _COPY)


class SharedValue(NamedTuple):
    """The value of a channel, and the cycle edge that it is of."""

    value: float
    receipt: Receipt


class SharedValues:
    """Either end's view of ``memory``, which has SHARED_VALUES_BYTES."""

    def __init__(self, memory: memoryview) -> None:
        self._memory = memory.cast("d")

    def write(self, sample: Frames, cycle: int, score_time: Seconds, values: Iterable[float]) -> None:
        """Replace what is there."""
        memory = self._memory
        number = memory[_NUMBER] + 1.0
        copy = array("d", (sample, cycle, score_time, *values))
        start = _start(number)
        memory[start : start + len(copy)] = copy
        memory[_NUMBER] = number

    def read(self, place: int) -> SharedValue | None:
        """The value at ``place``, None in the rare case that the host wrote again and again meanwhile."""
        memory = self._memory
        for _ in range(_TRIES):
            number = memory[_NUMBER]
            start = _start(number)
            sample, cycle, score_time = memory[start], memory[start + CYCLE], memory[start + SCORE_TIME]
            value = memory[start + VALUES + place]
            if memory[_NUMBER] == number:
                receipt = Receipt(Frames(int(sample)), int(cycle), Seconds(score_time), Seconds(0.0))
                return SharedValue(value, receipt)
        return None

    def close(self) -> None:
        """Let go of the memory."""
        self._memory.release()


def _start(number: float) -> int:
    """Where the copy of that number begins."""
    return _COPIES + (_COPY if number % 2 else 0)
