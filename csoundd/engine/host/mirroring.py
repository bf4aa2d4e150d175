"""Keeps the mirror: the values of the control channels that the front has named, as they are after each turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from csoundd.engine.host.performer import Performer


class Mirroring:
    """Writes the channels of one backend."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer
        self._readings: list[Callable[[], float]] = []

    def show(self, names: list[str]) -> list[str]:
        """Keep these channels from now on, and no others; returns those there are, by their places."""
        backend = self._performer.backend
        there = [name for name in names if backend.kind(name) == "control"]
        self._readings = [cast("Callable[[], float]", backend.reading(name)) for name in there]
        return there

    def refresh(self) -> None:
        """Bring the mirror up to date, before the front hears of anything that has changed."""
        if self._readings:
            performer = self._performer
            values = [read() or 0.0 for read in self._readings]
            performer.ring.mirror.write(performer.sample, performer.cycle, performer.score_time(), values)

    def forget(self) -> None:
        """Csound was reset: the channels are gone."""
        self._readings.clear()
