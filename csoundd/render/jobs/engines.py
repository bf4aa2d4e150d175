"""The engines that jobs ask for: each placed once, with a pool as long as there are jobs that need one, and a cache."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import monotonic

from csoundd.engine.options import HostOptions
from csoundd.errors import EngineUnavailable
from csoundd.limits import RENDER_IDLE_SECONDS
from csoundd.render.cache import Cache
from csoundd.render.pool import Pool, Told, placed_engine
from csoundd.render.work import Result, Work


class JobEngine:
    """An engine: it is found once, and its warm process is there while there are jobs that are not in the cache."""

    def __init__(self, name: str, engine: HostOptions, size: int, cache: Cache | None) -> None:
        self.engine, self.cache = engine, cache
        self._name, self._size = name, size
        self._pool: Pool | None = None
        self._starting = asyncio.Lock()
        self._busy, self._used = 0, 0.0

    async def render(self, work: Work, told: Told, *, timeout: float | None = None) -> tuple[Result, list[str]]:  # noqa: ASYNC109 - of the render, not of this call
        """Render, as :meth:`Pool.render` does. A pool whose warm process has died is replaced once."""
        self._busy += 1
        try:
            pool = await self._started()
            try:
                return await pool.render(work, told, timeout=timeout)
            except EngineUnavailable:
                await self._give_up(pool)
                return await (await self._started()).render(work, told, timeout=timeout)
        finally:
            self._busy -= 1
            self._used = monotonic()

    async def _started(self) -> Pool:
        async with self._starting:
            if self._pool is None:
                self._pool = await Pool.start(self._name, self._size)
            return self._pool

    async def _give_up(self, pool: Pool) -> None:
        async with self._starting:
            if self._pool is pool:
                self._pool = None
                await pool.close()

    async def close_idle(self) -> None:
        """End the warm process if nothing needed it for a while."""
        if self._pool is not None and not self._busy and monotonic() - self._used > RENDER_IDLE_SECONDS:
            await self._give_up(self._pool)

    async def close(self) -> None:
        """End it."""
        if self._pool is not None:
            await self._give_up(self._pool)


class Engines:
    """The engines that jobs have asked for. What they render is kept in ``cache``, at most ``most_bytes`` of it."""

    def __init__(self, size: int, cache: Path, most_bytes: int) -> None:
        self._size, self._cache, self._most_bytes = size, cache, most_bytes
        self._engines: dict[str, JobEngine] = {}
        self._finding = asyncio.Lock()

    async def of(self, name: str) -> JobEngine:
        """The engine of that name. Raises EngineUnavailable where there is none."""
        async with self._finding:
            if name not in self._engines:
                self._engines[name] = await asyncio.to_thread(self._found, name)
            return self._engines[name]

    def _found(self, name: str) -> JobEngine:
        engine = placed_engine(name)
        cache = Cache.of(self._cache, engine, self._most_bytes) if self._most_bytes else None
        return JobEngine(name, engine, self._size, cache)

    async def close_idle(self) -> None:
        """End the warm processes that nothing needed for a while."""
        for engine in self._engines.values():
            await engine.close_idle()

    async def close(self) -> None:
        """End all of them."""
        for engine in self._engines.values():
            await engine.close()
