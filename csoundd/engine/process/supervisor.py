"""Keeps an engine host running: starts it, learns of its death, starts the next one where it left off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import Final

from csoundd.engine.engine import Engine, InterceptorFactory
from csoundd.engine.options import HostOptions
from csoundd.engine.process.hosts import Hosts
from csoundd.engine.process.process import ExitInfo, Process
from csoundd.engine.process.watchdog import watch
from csoundd.errors import CsounddError
from csoundd.messages import Seconds, State
from csoundd.states import STATES


class Restarts:
    """``wanted`` are the options of an engine that was asked for and is not there yet."""

    def __init__(self, options: HostOptions) -> None:
        self.wanted: HostOptions | None = None
        self._before = options
        self._waiting: list[asyncio.Future[None]] = []

    def want(self, options: HostOptions) -> asyncio.Future[None]:
        """Ask for an engine with ``options``: done when it is there."""
        restarted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.wanted = options
        self._waiting.append(restarted)
        return restarted

    def take(self, present: HostOptions) -> HostOptions:
        """The options of the engine that is to be started now, in the place of one with those of the ``present``."""
        assert self.wanted is not None
        self._before, taken, self.wanted = present, self.wanted, None
        return taken

    def done(self) -> None:
        """The engine that was asked for is there."""
        for restarted in self._taken():
            restarted.set_result(None)

    def refused(self, failure: CsounddError, present: HostOptions) -> HostOptions:
        """No engine comes up with what was asked for: the options to go on with, those of before."""
        options = self._before if self._waiting else present
        for restarted in self._taken():
            restarted.set_exception(failure)
        return options

    def _taken(self) -> list[asyncio.Future[None]]:
        """Those who still wait, and wait no longer."""
        waiting, self._waiting = self._waiting, []
        return [restarted for restarted in waiting if not restarted.done()]


log = logging.getLogger("csoundd.engine")

QUICK: Final = Seconds(0.5)
"""A host that dies within this time of being ready has not served."""

SHORT: Final = Seconds(10.0)
"""An engine that was restored and dies again within this time may well have died of the same thing."""

CRASH_LOOP: Final = 3
"""So many quick deaths of its own in a row, and a new host would die as well."""


class Supervisor:
    """Runs the hosts of one engine, one after another, from ``async with`` to its end.

    ``interceptors`` are what may answer calls of the engine in place of its host, the first asked first.
    """

    def __init__(self, options: HostOptions, interceptors: Sequence[InterceptorFactory] = ()) -> None:
        self.engine = Engine(options, self._restart_with, self._begin_anew, interceptors)
        self._hosts = Hosts(self.engine)
        self._restarts = Restarts(options)
        self._task: asyncio.Task[None] | None = None
        self._quick_deaths, self._lived, self._died = 0, Seconds(0.0), False
        self._was: State = "ready"
        self._stirred = asyncio.Event()
        self._ending: asyncio.Task[None] | None = None
        self._closing = False
        self._anew: str | None = None

    async def __aenter__(self) -> Engine:
        """Start the first host. Raises EngineUnavailable where no engine can run here."""
        try:
            await self._hosts.start(self._was)
        except BaseException:
            await self._hosts.abort()
            raise
        self._task = asyncio.create_task(self._keep(), name="engine-supervisor")
        return self.engine

    async def __aexit__(self, *_exc: object) -> None:
        self._closing = True
        self.engine.closing()
        self._stirred.set()
        await self._hosts.dismiss_standby()
        await self._hosts.close()
        if self._task is not None:
            await self._task
        # A host that was on its way to replace a dead one may have come up meanwhile.
        await self._hosts.close()
        await self._hosts.dismiss_standby()
        self.engine.detached(None)
        if self._hosts.process is not None:
            self._hosts.process.release()
        self.engine.enter("state", "offline", "the daemon is stopping")
        await self.engine.close()

    async def _keep(self) -> None:
        while not self._closing and self._hosts.process is not None:
            death = await self._watched(self._hosts.process)
            if self._closing:
                return
            await self._replace(death)

    async def _watched(self, process: Process) -> ExitInfo:
        ready_since = monotonic()
        watchdog = asyncio.create_task(watch(self.engine, process))
        death = await process.ended()
        watchdog.cancel()
        with suppress(asyncio.CancelledError):
            await watchdog
        # What a client's command did to it does not come again by itself: that command is not replayed.
        self._lived = Seconds(monotonic() - ready_since)
        quick = self._lived < QUICK and not death.from_outside and not death.running
        self._quick_deaths = self._quick_deaths + 1 if quick else 0
        return death

    async def _replace(self, death: ExitInfo) -> None:
        engine, process = self.engine, self._hosts.process
        assert process is not None
        if STATES[engine.state].calls:
            self._was = engine.state
        anew, self._anew = self._anew, None
        if anew is not None:
            death = replace(death, cause=anew, from_outside=True)
        if engine.detached(None if self._restarts.wanted else death, again=self._died and self._lived < SHORT):
            self._was = "ready"
        self._died = not death.from_outside
        if not death.host_lives:
            await self._hosts.reap(process)
        if self._restarts.wanted is None:
            log.warning("the engine died: %s", death.cause)
            engine.enter("died", "offline", death.cause)
        await self._try_again()

    async def _try_again(self) -> None:
        while not self._closing:
            if self._restarts.wanted is not None:
                await self._take_wanted()
            if self._quick_deaths >= CRASH_LOOP:
                return await self._give_up()
            try:
                await self._hosts.start(self._was)
            except CsounddError as failure:
                self._failed_to_start(failure)
                continue
            if self._restarts.wanted is None:
                self._restarts.done()
            else:
                # It was asked for while there was nothing to end.
                self._end()
            return None
        return None

    def _failed_to_start(self, failure: CsounddError) -> None:
        if self._hosts.was_reset:
            self._hosts.was_reset, self._was = False, "ready"
        if self._restarts.wanted is None:
            log.warning("%s", failure.message)
            self._quick_deaths += 1
            self.engine.configure(self._restarts.refused(failure, self.engine.options))

    async def _give_up(self) -> None:
        """A crash loop: say so, and wait for a restart that begins clean."""
        reason = f"a crash loop: {CRASH_LOOP} deaths in a row right after the start; engine.restart begins clean"
        log.error("%s", reason)
        self.engine.enter("failed", "failed", reason)
        self.engine.failed(reason)
        self._quick_deaths = 0
        self._stirred.clear()
        await self._stirred.wait()
        await self._try_again()

    async def _take_wanted(self) -> None:
        if self._hosts.process is not None:
            self._hosts.process.kill("another engine is wanted")
            await self._hosts.reap(self._hosts.process)
        self.engine.configure(self._restarts.take(self.engine.options))
        self._was, self._quick_deaths = "ready", 0

    def _restart_with(self, options: HostOptions) -> asyncio.Future[None]:
        restarted = self._restarts.want(options)
        self._stirred.set()
        self._end()
        return restarted

    def _begin_anew(self, reason: str) -> None:
        """Have another host take the place of one that is of no use any more; what was compiled is compiled again."""
        if self._hosts.process is not None and self._anew is None:
            self._anew, self._was = reason, "ready"
            self._hosts.process.kill(reason)

    def _end(self) -> None:
        """Have the host that there is end, for another in its place."""
        if self._hosts.process is not None:
            self._ending = asyncio.create_task(self._hosts.process.close())
