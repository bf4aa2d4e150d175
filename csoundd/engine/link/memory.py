"""The memory that the front and the engine host share: a header of counters, a few channels, and a ring of audio.

The host writes, the front reads; neither ever waits for the other here. A position in the ring is a
sample number, so a frame's place and its time are one thing. The memory has no name in the system, so
nothing is left of it when both processes are gone, however they end.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from array import array
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from csoundd.limits import RING_AUDIO_BYTES, SHARED_CHANNELS
from csoundd.messages import Frames, Receipt, Seconds

HEADER_BYTES: Final = 4096
"""The counters at its beginning, the shared values at its end."""

COUNTERS_BYTES: Final = 512


class Field:
    """The places of the header's 64-bit integers: plain ones, as the host looks several up in each of its turns."""

    SAMPLE: Final = 0
    """The first sample of the next cycle."""
    CYCLE: Final = 1
    TURN: Final = 2
    """Rises with every turn of the host's loop: a heartbeat."""
    RUNNING: Final = 3
    """The id of the command being run, 0 for none."""
    PERFORMING: Final = 4
    """1 while Csound computes a cycle."""
    SINCE_NS: Final = 5
    """The monotonic time at which what is running now began."""
    FIRST: Final = 6
    """The oldest sample of the ring that belongs to the present run of audio."""
    HEAD: Final = 7
    """One past the newest sample in the ring."""
    READ: Final = 8
    """How far the front has read; the host heeds it only where it has no clock to keep."""
    NCHNLS: Final = 9
    OUTSIDE_SIGNAL: Final = 10
    """The signal that another process sent to end the host, where the host heard of it."""
    SCORE_TIME_US: Final = 11
    LATE_CYCLES: Final = 12
    ACCEPTED: Final = 13
    """The number of the last call that the host has come to: those sent after it have done nothing."""
    OUTPUT_TAKEN: Final = 14
    """How many messages of output the front has taken in: the host sends only a few more than that."""
    UNCHANGED_CYCLE: Final = 16
    """The last cycle after which the engine was as the snapshots before it have told, but for its time."""
    UNCHANGED_SCORE_TIME_US: Final = 17
    """The score time then."""
    UNPACED: Final = 18
    """1 while the performance goes on by itself as fast as it can: it waits where the ring is full."""
    LOAD_PPM: Final = 19
    """The share of real time that the performance takes, in millionths."""
    AUDIO_EPOCH: Final = 20
    """The epoch of the audio in the ring: that of the last performance stays there until the next one starts."""
    CALLBACK_SAMPLE: Final = 15
    """The first sample of the cycle that is being performed: SAMPLE is not counted on before a block is whole."""


def shared_file() -> int:
    """A descriptor of anonymous memory for one host, to be handed to the child process."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("csoundd-ring")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.truncate(descriptor, HEADER_BYTES + RING_AUDIO_BYTES)
    return descriptor


class Ring:
    """Both ends' view of the shared memory behind ``descriptor``."""

    def __init__(self, descriptor: int) -> None:
        self._map = mmap.mmap(descriptor, HEADER_BYTES + RING_AUDIO_BYTES)
        self.header = memoryview(self._map)[:COUNTERS_BYTES].cast("q")
        self.shared_values = SharedValues(memoryview(self._map)[HEADER_BYTES - SHARED_VALUES_BYTES : HEADER_BYTES])
        self._audio = np.frombuffer(self._map, np.float64, offset=HEADER_BYTES)
        self._frames = self._audio[:0].reshape(0, 0)

    @property
    def capacity(self) -> Frames:
        """How many frames the ring holds with the channels it has now."""
        return Frames(len(self._frames))

    def shape(self, nchnls: int) -> None:
        """Lay the ring out for ``nchnls`` channels (both ends call it, the host first)."""
        frames = self._audio.size // nchnls
        self._frames = self._audio[: frames * nchnls].reshape(frames, nchnls)
        self.header[Field.NCHNLS] = nchnls

    def begin(self, sample: Frames, epoch: int) -> None:
        """Start a new run of audio of ``epoch`` at ``sample``: what was there before does not join on to it."""
        self.header[Field.FIRST] = sample
        self.header[Field.READ] = sample
        self.header[Field.HEAD] = sample
        # Last: whoever reads that epoch finds no sample of the one before.
        self.header[Field.AUDIO_EPOCH] = epoch

    def write(self, frames: npt.NDArray[np.float64]) -> None:
        """Append float64 ``[frames, nchnls]``."""
        head, capacity = self.header[Field.HEAD], len(self._frames)
        start, count = head % capacity, len(frames)
        fits = capacity - start
        if count <= fits:
            self._frames[start : start + count] = frames
        else:
            self._frames[start:] = frames[:fits]
            self._frames[: count - fits] = frames[fits:]
        self.header[Field.HEAD] = head + count

    def unread(self) -> int:
        """How many frames the front has not read yet."""
        return int(self.header[Field.HEAD] - self.header[Field.READ])

    def read(self, position: Frames, epoch: int) -> tuple[Frames, npt.NDArray[np.float64]]:
        """A copy of what is new in ``epoch`` since ``position``: its first sample and float64 ``[frames, nchnls]``.

        The first sample is later than ``position`` where the reader was too slow or a new run began.
        """
        nchnls = int(self.header[Field.NCHNLS])
        if nchnls == 0 or self.header[Field.AUDIO_EPOCH] != epoch:
            return position, np.zeros((0, 0))
        if self._frames.shape[1] != nchnls:
            self.shape(nchnls)
        capacity, head = len(self._frames), int(self.header[Field.HEAD])
        start = max(position, int(self.header[Field.FIRST]), head - capacity)
        start = min(start, head)
        copy = self._span(start % capacity, head - start)
        overwritten = max(0, int(self.header[Field.HEAD]) - capacity - start)
        self.header[Field.READ] = head
        return Frames(start + overwritten), copy[overwritten:]

    def _span(self, start: int, count: int) -> npt.NDArray[np.float64]:
        fits = len(self._frames) - start
        if count <= fits:
            return self._frames[start : start + count].copy()
        return np.concatenate((self._frames[start:], self._frames[: count - fits]))

    def clear(self) -> None:
        """Forget everything that was counted and shown: another engine begins."""
        self._map[:HEADER_BYTES] = bytes(HEADER_BYTES)

    def close(self) -> None:
        """Let go of the memory. The counters can still be read, as they were last."""
        # Whoever learns of the end of a host asks what it was doing, and may do so after this.
        last = memoryview(array("q", self.header))
        self.header.release()
        self.header = last
        self.shared_values.close()
        del self._frames, self._audio
        self._map.close()


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
    """A few control channels: the host writes them, the front reads without asking.

    All of it is as of one moment between two cycles. There are two copies. The host writes the older one and then says,
    by its number, that this is the newer one now; so a reader finds a whole one at any time, however long a write
    takes. ``memory`` has SHARED_VALUES_BYTES.
    """

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
