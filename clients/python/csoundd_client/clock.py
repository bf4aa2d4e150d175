"""The server's clock and the engine's position, seen from here."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

from csoundd_client.structs import Pong

Ping = Callable[[float], Awaitable[Pong]]


@dataclass(frozen=True, slots=True)
class Clock:
    """How the server's clock and ours compare, in seconds and samples.

    ``offset`` is what to add to ``time.time()`` to get the server's, ``round_trip`` how long an answer takes,
    ``sample`` where the engine was when our clock said ``taken``.
    """

    offset: float
    round_trip: float
    sample: int
    taken: float

    def wall(self, seconds: float | None = None) -> float:
        """The server's Unix time at ``seconds`` of ours, now by default: what ``At.wall`` wants."""
        return (time.time() if seconds is None else seconds) + self.offset

    def sample_at(self, seconds: float, sr: float) -> float:
        """The sample that the engine reaches at ``seconds`` of our clock if it plays on at ``sr`` samples a second."""
        return self.sample + (seconds - self.taken) * sr


@dataclass(frozen=True, slots=True)
class _Reading:
    offset: float
    round_trip: float
    sample: int
    taken: float


async def measure(ping: Ping, times: int) -> Clock:
    """Compare clocks ``times`` times: medians, since one slow answer says nothing about the clocks."""
    readings = [await _read(ping) for _ in range(times)]
    nearest = min(readings, key=lambda reading: reading.round_trip)
    return Clock(
        offset=median(reading.offset for reading in readings),
        round_trip=median(reading.round_trip for reading in readings),
        sample=nearest.sample,
        taken=nearest.taken,
    )


async def _read(ping: Ping) -> _Reading:
    sent, began = time.time(), time.perf_counter()
    pong = await ping(sent)
    round_trip = time.perf_counter() - began
    middle = sent + round_trip / 2
    return _Reading(pong.wall - middle, round_trip, pong.sample, middle)
