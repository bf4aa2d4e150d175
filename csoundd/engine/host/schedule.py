"""Commands that carry a time: they wait here until the cycle that holds it.

Times on the sample axis (``sample``, ``score``) and times on the wall clock (``delay``, ``wall``) wait in
two heaps, because a rewind, a pause or a re-anchored clock moves one axis against the other.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic, time

from csoundd.messages import At, Command, Frames, Seconds


@dataclass(order=True, slots=True)
class Entry:
    """A waiting command. ``due`` is a sample or a monotonic time; ``order`` keeps arrivals in order."""

    due: float
    order: int
    number: int = field(compare=False)
    command: Command = field(compare=False)


class Schedule:
    """The waiting commands of one host."""

    def __init__(self) -> None:
        self._by_sample: list[Entry] = []
        self._by_time: list[Entry] = []
        self._arrivals = 0

    def __len__(self) -> int:
        return len(self._by_sample) + len(self._by_time)

    def at_sample(self, sample: float, number: int, command: Command) -> None:
        """Let ``command`` run in the cycle that holds ``sample``."""
        heapq.heappush(self._by_sample, self._entry(sample, number, command))

    def at_time(self, due: float, number: int, command: Command) -> None:
        """Let ``command`` run in the cycle that holds the monotonic time ``due``."""
        heapq.heappush(self._by_time, self._entry(due, number, command))

    def _entry(self, due: float, number: int, command: Command) -> Entry:
        self._arrivals += 1
        return Entry(due, self._arrivals, number, command)

    def next_time(self) -> float | None:
        """The earliest monotonic time that a command waits for."""
        return self._by_time[0].due if self._by_time else None

    def before(self, sample: Frames, moment: float) -> Iterator[Entry]:
        """Take out what is due before ``sample`` or before the monotonic time ``moment``."""
        for heap, limit in ((self._by_sample, sample), (self._by_time, moment)):
            while heap and heap[0].due < limit:
                yield heapq.heappop(heap)

    def take(self, number: int) -> Entry | None:
        """Take out the command ``number``, None where it does not wait here."""
        for heap in (self._by_sample, self._by_time):
            for entry in heap:
                if entry.number == number:
                    heap.remove(entry)
                    heapq.heapify(heap)
                    return entry
        return None

    def clear(self) -> list[Entry]:
        """Take out everything, in no order."""
        entries = self._by_sample + self._by_time
        self._by_sample, self._by_time = [], []
        return entries


def wall_due(at: At) -> Seconds:
    """The monotonic time that an ``at`` on the wall clock or by delay means, as of now."""
    if at.clock == "delay":
        return Seconds(monotonic() + at.value)
    return Seconds(at.value - time() + monotonic())
