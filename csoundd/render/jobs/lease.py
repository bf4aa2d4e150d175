"""The jobs of a daemon, from when they are first needed: most daemons render nothing, and keep no store for it."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from csoundd.engine.workspace import Workspace
from csoundd.errors import CsounddError, EngineUnavailable, NotFound
from csoundd.messages import RenderTold
from csoundd.render.jobs.queue import JobQueue, Rules
from csoundd.render.jobs.store import Store, StoreInUse, StoreNewer
from csoundd.render.jobs.store_thread import StoreThread

log = logging.getLogger("csoundd.renders")


class JobLease:
    """The jobs in ``folder``, which are opened when the first is submitted, or at once where there are some.

    Without a folder, or where another daemon has one that nobody ``chose``, jobs last as long as the daemon.
    """

    def __init__(self, folder: Path | None, workspace: Workspace, rules: Rules, *, chosen: bool) -> None:
        self._folder, self._chosen = folder, chosen
        self._workspace, self._rules = workspace, rules
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._opening = asyncio.Lock()
        self._queue: JobQueue | None = None
        self._listeners: list[Callable[[RenderTold], None]] = []
        self._is_closed = False

    async def resume(self) -> None:
        """Go on with the jobs that another daemon has left.

        Raises StoreInUse, StoreNewer and EngineUnavailable where that cannot be and the folder was chosen.
        """
        if self._folder is not None and (self._chosen or Store.is_in(self._folder)):
            await self.queue()

    async def queue(self) -> JobQueue:
        """The jobs. Raises EngineUnavailable where they cannot be kept."""
        async with self._opening:
            if self._is_closed:
                raise EngineUnavailable("the daemon ends")
            if self._queue is None:
                self._queue = await self._opened()
            return self._queue

    async def close(self) -> None:
        """End what runs."""
        async with self._opening:
            self._is_closed = True
            if self._queue is not None:
                await self._queue.close()
        if self._temporary is not None:
            await asyncio.to_thread(self._temporary.cleanup)

    @property
    def counts(self) -> dict[str, int]:
        """How many jobs there are in each state, and their ``bytes``, when it was last looked."""
        return {} if self._queue is None else self._queue.counts

    def on_told(self, listener: Callable[[RenderTold], None]) -> None:
        """Call ``listener`` with what becomes of jobs from now on, and how far they are."""
        self._listeners.append(listener)

    async def told(self, job: str | None) -> Sequence[RenderTold]:
        """How a job is, or all that run. Raises NotFound."""
        if self._queue is None:
            if job is not None:
                raise NotFound("there is no such job", hint="render.list has those there are")
            return ()
        return await self._queue.told(job)

    def _tell(self, told: RenderTold) -> None:
        for listener in self._listeners:
            listener(told)

    async def _opened(self) -> JobQueue:
        store = await asyncio.to_thread(self._store)
        queue = JobQueue(StoreThread(store), store.folder, self._workspace, self._rules)
        queue.on_told(self._tell)
        await queue.start()
        return queue

    def _store(self) -> Store:
        """The store, open: where nobody chose a folder that cannot be had, in one that ends with the daemon."""
        if self._folder is not None:
            store = Store(self._folder)
            try:
                store.open()
            except (StoreInUse, StoreNewer, OSError) as problem:
                told = problem.message if isinstance(problem, CsounddError) else f"{self._folder}: {problem.strerror}"
                if self._chosen:
                    hint = problem.hint if isinstance(problem, CsounddError) else None
                    raise EngineUnavailable(f"renders: {told}", hint=hint) from None
                log.warning("renders end with this daemon: %s", told)
            else:
                return store
        self._temporary = tempfile.TemporaryDirectory(prefix="csoundd-renders-")
        store = Store(Path(self._temporary.name))
        store.open()
        return store
