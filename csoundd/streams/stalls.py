"""Notices clients that take nothing, with one timer for all of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol


class Watched(Protocol):
    """The sending side of one connection."""

    @property
    def waiting(self) -> bool:
        """Whether anything waits for the client."""

    @property
    def taken(self) -> int:
        """Bytes the socket has taken so far."""

    def stalled(self) -> None:
        """Nothing has been taken for too long."""


@dataclass(slots=True)
class _Seen:
    taken: int
    still: float


class StallWatch:
    """Tells a connection when something has waited for ``patience`` seconds and the socket took no byte."""

    def __init__(self, patience: float = 10.0, interval: float = 1.0) -> None:
        self._patience = patience
        self._interval = interval
        self._seen: dict[Watched, _Seen | None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._looked = 0.0

    def add(self, watched: Watched) -> None:
        """Look at ``watched`` from now on."""
        self._seen[watched] = None
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._looked = loop.time()
            self._timer = loop.call_later(self._interval, self._look)

    def discard(self, watched: Watched) -> None:
        """Do not look at ``watched`` any more."""
        self._seen.pop(watched, None)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        # While this process itself stood still no client could show that it takes anything.
        passed = min(loop.time() - self._looked, 2 * self._interval)
        self._looked = loop.time()
        for watched in [watched for watched in self._seen if self._is_stalled(watched, passed)]:
            self.discard(watched)
            watched.stalled()
        self._timer = loop.call_later(self._interval, self._look) if self._seen else None

    def _is_stalled(self, watched: Watched, passed: float) -> bool:
        seen = self._seen[watched]
        if not watched.waiting:
            self._seen[watched] = None
        elif seen is None or seen.taken != watched.taken:
            self._seen[watched] = _Seen(watched.taken, 0.0)
        else:
            seen.still += passed
            return seen.still >= self._patience
        return False
