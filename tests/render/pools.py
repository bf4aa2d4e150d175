"""A pool of renders that lasts for many tests, in a thread of its own: to start one takes longer than to render."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, Self, TypeVar

from csoundd.render.cache import Cache
from csoundd.render.piece import Piece, Render, Settings, stems_beside
from csoundd.render.pool import Pool
from csoundd.render.work import Result
from csoundd.render.workshop import Workshop
from tests.render.commands import LONG

T = TypeVar("T")


@dataclass(frozen=True)
class Done:
    """A render that is done: its file, its result, what it told meanwhile, and what Csound printed."""

    output: Path
    result: Result
    told: list[dict[str, Any]]
    log: list[str]


class Renders:
    """Renders on one engine."""

    def __init__(self, engine: str, *, forks: bool = True) -> None:
        self._engine, self._forks = engine, forks
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.pool = self.run(Pool.start(self._engine, 2, forks=self._forks))
        return self

    def __exit__(self, *_exception: object) -> None:
        self.run(self.pool.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONG)

    def render(
        self, piece: Path, output: Path, seconds: float | None = None, cache: Cache | None = None, **settings: Any
    ) -> Done:
        """Render a piece."""
        told: list[dict[str, Any]] = []
        wanted = Settings(**settings)
        asked = Render(Piece.read(piece), output, wanted, stems=stems_beside(output, wanted.stems))
        workshop = Workshop(self.pool, piece.parent, cache)
        result, log = self.run(workshop.render(asked, told.append, seconds))
        return Done(output, result, told, log)
