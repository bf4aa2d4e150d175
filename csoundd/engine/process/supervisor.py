"""Keeps an engine host running: starts it, learns of its end, starts the next one where it left off.

The states that this leads through are in ``csoundd/states.py``. What a host says and what it is told is not looked at
here: its messages go to the engine that is served.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import Any, Final, Protocol

from csoundd.engine.csound.registry import placed
from csoundd.engine.link.protocol import Hello, Message
from csoundd.engine.options import HostOptions
from csoundd.engine.process.process import ExitInfo, Process, Standby
from csoundd.engine.process.watchdog import Calls, watch
from csoundd.errors import CsounddError, EngineUnavailable
from csoundd.limits import (
    HOST_START_SECONDS,
    QUICK_DEATH_SECONDS,
    QUICK_DEATHS,
    SHORT_LIFE_SECONDS,
    START_AGAIN_SECONDS,
)
from csoundd.messages import Seconds, State
from csoundd.states import STATES

log = logging.getLogger("csoundd.engine")


NO_ROOM: Final = (OSError, RuntimeError)
"""What it raises when the system has no descriptors, memory or processes left, or (RuntimeError) no threads."""


def _no_room(problem: BaseException) -> str:
    told = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return f"no engine host can be started: {told.lower()}"


class _DiedRestoring(EngineUnavailable):
    """The engine died of what it was to be brought to."""


class Served(Calls, Protocol):
    """The engine in the front, as its supervisor sees it."""

    @property
    def state(self) -> State:
        """What it is in."""

    @property
    def options(self) -> HostOptions:
        """Those of the host that there is, or of the last one."""

    def receive(self, message: Message) -> None:
        """Take one message of the host."""

    def starting(self, options: HostOptions) -> HostOptions:
        """A host with ``options`` is about to be started: it begins a new epoch. Returns the options with that."""

    def attached(self, process: Process, hello: Hello, options: HostOptions) -> None:
        """A host is there that was started with ``options``, and knows nothing yet."""

    async def restore(self, was: State) -> None:
        """Bring the host to where the last one was, which was in the state ``was``."""

    def opened(self) -> None:
        """The host is where the last one was, and serves."""

    def detached(self, ended: ExitInfo | None, *, again: bool = False) -> bool:
        """There is no host any more; ``None`` where the next one is to be clean. Whether the end has done a reset."""

    def enter(self, event: str, state: State, reason: str | None = None) -> None:
        """Change the state, and tell so."""

    def failed(self, reason: str) -> None:
        """No host follows, unless one is asked for."""


class Supervisor:
    """Runs the hosts of the engine ``served``, one after another, from :meth:`start` to :meth:`close`."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._standby = Standby(served.receive)
        self._process: Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._closing = False
        self._wanted: HostOptions | None = None
        """The options of a host that was asked for and is not being started yet."""
        self._waiting: list[asyncio.Future[None]] = []
        """Who waits for the host that was asked for."""
        self._before = served.options
        """The options to go back to where no host comes up with those that were asked for."""
        self._stirred = asyncio.Event()
        self._was: State = "ready"
        """The state that the next host is brought to."""
        self._quick_deaths = 0
        self._presumed = 0
        """How many hosts in a row were ended soon after they were restored, as is presumed from outside."""
        self._died = False
        """Whether the last host came to its end by itself."""
        self._logged = ""
        """Why no host can be started, as the log has it already."""

    async def start(self, kept: State | None = None) -> None:
        """Start the first host. Raises EngineUnavailable where no engine can run here.

        ``kept`` is the state in which another process has left the engine. One that dies again and again when it is
        brought there begins clean.
        """
        self._was = kept if kept is not None and STATES[kept].calls else "ready"
        deaths = 0
        while True:
            try:
                await self._start(self._served.options)
                break
            except NO_ROOM as problem:
                self._served.detached(None)
                raise EngineUnavailable(_no_room(problem)) from problem
            except _DiedRestoring as death:
                deaths += 1
                if kept is None or deaths > QUICK_DEATHS:
                    self._served.detached(None)
                    raise
                log.warning("%s", death.message)
                if deaths == QUICK_DEATHS:
                    log.warning("what was kept of the engine is given up: the engine dies of it")
                    self._served.detached(None)
                    self._was = "ready"
            except BaseException:
                self._served.detached(None)
                await self._end("it is not wanted any more")
                raise
        self._keeping = asyncio.create_task(self._keep(), name="engine-supervisor")

    async def close(self) -> None:
        """Have the host end, and no other follow."""
        self._closing = True
        self._stirred.set()
        await self._standby.dismiss()
        await self._close_process()
        if self._keeping is not None:
            await self._keeping
        # A host that was on its way to replace a dead one may have come up meanwhile.
        await self._close_process()
        await self._standby.dismiss()
        self._served.detached(None)
        if self._process is not None:
            self._process.release()

    def restart(self, options: HostOptions) -> asyncio.Future[None]:
        """Have a host with ``options`` take the place of the present one: done when it is there.

        Its result is the error where none comes up with them; then there is one with the options of before.
        """
        restarted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._wanted is None and not self._waiting:
            self._before = self._served.options
        self._wanted = options
        self._waiting.append(restarted)
        self._stirred.set()
        self._ending = asyncio.create_task(self._close_process())
        return restarted

    def begin_anew(self, reason: str) -> None:
        """Have another host take the place of one that is of no use any more; what was compiled is compiled again."""
        if self._process is not None:
            self._process.kill(reason, anew=True)

    # One host after another.

    async def _keep(self) -> None:
        while not self._closing and self._process is not None:
            await self._watched(self._process)
            if not self._closing:
                await self._next()

    async def _watched(self, process: Process) -> None:
        """Look after a host until its end, and take note of how it ended."""
        served, ready_since = self._served, monotonic()
        watchdog = asyncio.create_task(watch(served, process))
        ended = await process.ended()
        watchdog.cancel()
        with suppress(asyncio.CancelledError):
            await watchdog
        if self._closing:
            return
        lived = Seconds(monotonic() - ready_since)
        self._presumed = self._presumed + 1 if ended.presumed and lived < SHORT_LIFE_SECONDS else 0
        if self._presumed >= QUICK_DEATHS:
            # Nobody sends signals so often: it has found a way to crash the sandbox.
            ended = replace(ended, from_outside=False)
        # What a client's command did to it does not come again by itself: that command is not replayed.
        quick = lived < QUICK_DEATH_SECONDS and not ended.from_outside and not ended.running
        self._quick_deaths = self._quick_deaths + 1 if quick else 0
        if STATES[served.state].calls:
            self._was = "ready" if ended.anew else served.state
        if ended.closed:
            served.detached(None)
        elif served.detached(ended, again=self._died and lived < SHORT_LIFE_SECONDS):
            self._was = "ready"
        # Nor does what a call did to it: it says nothing about the notes that sounded meanwhile.
        self._died = not ended.from_outside and not ended.running
        if not ended.host_lives:
            await self._reap(process)
        if not ended.closed:
            log.warning("the engine died: %s", ended.cause)
            served.enter("died", "offline", ended.cause)

    async def _next(self) -> None:
        """Start hosts until one is there that was not asked to be another meanwhile."""
        served = self._served
        options = served.options
        while not self._closing:
            wanted, self._wanted = self._wanted, None
            if wanted is not None:
                served.detached(None)
                await self._end("another engine is wanted")
                options, self._was, self._quick_deaths = wanted, "ready", 0
            elif self._quick_deaths >= QUICK_DEATHS:
                await self._give_up()
                continue
            try:
                await self._start(options)
            except CsounddError as failure:
                if self._wanted is None:
                    options = self._refused(failure)
                continue
            except NO_ROOM as problem:
                await self._wait_for_room(_no_room(problem))
                continue
            if self._wanted is None:
                for restarted in self._waited():
                    restarted.set_result(None)
                return

    async def _wait_for_room(self, reason: str) -> None:
        """The system has nothing left for a host: that is no fault of the host's, and may be over in a moment."""
        await self._end(reason)
        if reason != self._logged:
            self._logged = reason
            log.warning("%s; trying again every %g s", reason, START_AGAIN_SECONDS)
        self._served.enter("state", "offline", reason)
        self._stirred.clear()
        if self._closing or self._wanted is not None:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), START_AGAIN_SECONDS)

    def _refused(self, failure: CsounddError) -> HostOptions:
        """No host comes up; returns the options to go on with."""
        log.warning("%s", failure.message)
        self._quick_deaths += 1
        options = self._before if self._waiting else self._served.options
        for restarted in self._waited():
            restarted.set_exception(failure)
        return options

    def _waited(self) -> list[asyncio.Future[None]]:
        """Those who still wait, and wait no longer."""
        waiting, self._waiting = self._waiting, []
        return [restarted for restarted in waiting if not restarted.done()]

    async def _give_up(self) -> None:
        """A crash loop: say so, and wait for a restart that begins clean."""
        reason = f"a crash loop: {QUICK_DEATHS} deaths in a row right after the start; engine.restart begins clean"
        log.error("%s", reason)
        self._served.enter("failed", "failed", reason)
        self._served.failed(reason)
        self._quick_deaths = 0
        self._stirred.clear()
        await self._stirred.wait()

    async def _start(self, wanted: HostOptions) -> None:
        """Start a host in the place of one that is gone, and bring it to the state that there was.

        Raises EngineUnavailable where none comes up, and what is in NO_ROOM where the system cannot start one now.
        """
        served = self._served
        options = await asyncio.to_thread(placed, served.starting(wanted))
        process = self._process
        if process is None:
            process = self._process = await self._standby.claim(options)
        if process is not None:
            process.begin_again(options)
        else:
            process = await self._launched(options)
        served.attached(process, await self._greeting(process), options)
        await self._restored(process)
        served.opened()
        self._logged = ""
        self._standby.prepare(served.options)

    async def _launched(self, options: HostOptions) -> Process:
        """A new process, which nobody's change of mind leaves half started."""
        starting = asyncio.ensure_future(Process.start(options, self._served.receive))
        try:
            self._process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            self._process = await starting
            raise
        return self._process

    async def _greeting(self, process: Process) -> Hello:
        """What a host says of itself. Raises EngineUnavailable, or what it says instead, where it cannot serve."""
        ending, greeting = asyncio.ensure_future(process.ended()), process.greeting
        awaited: set[asyncio.Future[Any]] = {ending, greeting}
        try:
            await asyncio.wait(awaited, timeout=HOST_START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            ending.cancel()
            raise
        if greeting.done() and greeting.exception() is None:
            ending.cancel()
            return greeting.result()
        process.kill("it did not say that it was ready")
        ended = await ending
        await self._reap(process)
        if greeting.done():
            greeting.result()
        raise EngineUnavailable(f"the engine host did not start: {ended.cause}")

    async def _restored(self, process: Process) -> None:
        """Bring ``process`` to where the last one was. Raises EngineUnavailable where it ends before it is there."""
        watchdog = asyncio.create_task(watch(self._served, process))
        ending = asyncio.ensure_future(process.ended())
        restoring = asyncio.ensure_future(self._served.restore(self._was))
        awaited: set[asyncio.Future[Any]] = {ending, restoring}
        try:
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            ending.cancel()
            restoring.cancel()
            raise
        finally:
            watchdog.cancel()
        if restoring.done():
            ending.cancel()
            return restoring.result()
        restoring.cancel()
        ended = ending.result()
        if self._served.detached(ended, again=True):
            self._was = "ready"
        if not ended.host_lives:
            await self._reap(process)
        self._served.enter("died", "offline", ended.cause)
        raise _DiedRestoring(f"the engine died while it was restored: {ended.cause}")

    # The end of a host.

    async def _end(self, reason: str) -> None:
        """End the host that there is, if any, now."""
        if self._process is not None:
            self._process.kill(reason)
            await self._reap(self._process)

    async def _close_process(self) -> None:
        """Have the host that there is end in good order."""
        if self._process is not None:
            await self._process.close()

    async def _reap(self, process: Process) -> None:
        """Let go of a host that has ended, or is about to."""
        await process.over()
        process.release()
        self._process = None
