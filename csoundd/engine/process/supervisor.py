"""Keeps an engine host running: starts it, learns of its death, starts the next one where it left off."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any, Final, cast

from csoundd.engine.detours.errands import Errands
from csoundd.engine.detours.evaluating import evaluate
from csoundd.engine.detours.glances import Glances
from csoundd.engine.detours.recorder import Recorder
from csoundd.engine.engine import Engine
from csoundd.engine.link.frames import Hello, Kind
from csoundd.engine.options import HostOptions
from csoundd.engine.process.death import Death
from csoundd.engine.process.process import Process
from csoundd.engine.process.watchdog import watch
from csoundd.errors import CsounddError, EngineUnavailable, error_of
from csoundd.messages import Seconds, State

log = logging.getLogger("csoundd.engine")

START_LIMIT: Final = Seconds(30.0)
"""How long a host may take until it says that it is ready."""

QUICK: Final = Seconds(0.5)
"""A host that dies within this time of being ready has not served."""

SHORT: Final = Seconds(10.0)
"""An engine that was restored and dies again within this time may well have died of the same thing."""

CRASH_LOOP: Final = 3
"""So many quick deaths of its own in a row, and a new host would die as well."""


class Supervisor:
    """Runs the hosts of one engine, one after another, from ``async with`` to its end."""

    def __init__(self, options: HostOptions) -> None:
        self.engine = Engine(options)
        self._recorder = Recorder(self.engine)
        self._errands = Errands(self.engine)
        self._glances = Glances(self.engine)
        self.engine.detours["thread.evalCode"] = partial(evaluate, self.engine)
        self.engine.restart_with = self._restart_with
        self._process: Process | None = None
        self._hello: asyncio.Future[Hello] | None = None
        self._task: asyncio.Task[None] | None = None
        self._quick_deaths, self._lived, self._died = 0, Seconds(0.0), False
        self._was: State = "ready"
        self._wanted: HostOptions | None = None
        self._before = options
        self._restarted: list[asyncio.Future[None]] = []
        self._stirred = asyncio.Event()
        self._ending: asyncio.Task[None] | None = None
        self._closing = False

    async def __aenter__(self) -> Engine:
        """Start the first host. Raises EngineUnavailable where no engine can run here."""
        try:
            await self._start()
        except BaseException:
            await self._abort()
            raise
        self._task = asyncio.create_task(self._keep(), name="engine-supervisor")
        return self.engine

    async def __aexit__(self, *_exc: object) -> None:
        self._closing = True
        self._stirred.set()
        await self._close_process()
        if self._task is not None:
            await self._task
        # A host that was on its way to replace a dead one may have come up meanwhile.
        await self._close_process()
        self.engine.detached(None)
        if self._process is not None:
            self._process.release()
        self.engine.enter("state", "offline", "the daemon is stopping")
        await self._errands.close()
        await self._recorder.close()

    async def _abort(self) -> None:
        """End a host that came up for nothing: whoever wanted it does so no longer."""
        if self._process is not None:
            self._process.kill("it is not wanted any more")
            self.engine.detached(None)
            await self._buried(self._process)

    async def _close_process(self) -> None:
        if self._process is not None:
            await self._process.close()

    async def _start(self) -> None:
        engine = self.engine
        engine.epoch += 1
        engine.enter("state", "starting")
        self._hello = asyncio.get_running_loop().create_future()
        process = self._process = await self._begun(replace(engine.options, epoch=engine.epoch))
        hello = await self._greeting(process, self._hello)
        engine.attached(process, hello)
        restored = await self._restored(process)
        if engine.state == "starting":
            engine.enter("restored" if any(restored.values()) else "state", "ready", None, restored)
        else:
            engine.enter("restored", engine.state, None, restored)
        engine.open()

    async def _begun(self, options: HostOptions) -> Process:
        """The host that is to greet: the one that survived its engine, or a new one."""
        if self._process is None:
            return await self._host(options)
        self._process.begin_again(options)
        return self._process

    async def _host(self, options: HostOptions) -> Process:
        """A new host, which nobody's change of mind leaves half started."""
        starting = asyncio.ensure_future(Process.start(options, self._receive))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            self._process = await starting
            raise

    async def _greeting(self, process: Process, hello: asyncio.Future[Hello]) -> Hello:
        ending = asyncio.ensure_future(process.ended())
        awaited: set[asyncio.Future[Any]] = {ending, hello}
        await asyncio.wait(awaited, timeout=START_LIMIT, return_when=asyncio.FIRST_COMPLETED)
        if hello.done() and hello.exception() is None:
            ending.cancel()
            return hello.result()
        process.kill("it did not say that it was ready")
        death = await ending
        await self._buried(process)
        if hello.done():
            hello.result()
        raise EngineUnavailable(f"the engine host did not start: {death.cause}")

    async def _restored(self, process: Process) -> dict[str, object]:
        """Bring ``process`` to where the last one was. Raises EngineUnavailable where it ends before it is there."""
        dog = asyncio.create_task(watch(self.engine, process))
        ending = asyncio.ensure_future(process.ended())
        restoring = asyncio.ensure_future(self.engine.restore(self._was))
        awaited: set[asyncio.Future[Any]] = {ending, restoring}
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        dog.cancel()
        if restoring.done():
            ending.cancel()
            return restoring.result()
        restoring.cancel()
        death = ending.result()
        self.engine.detached(death, again=True)
        if not death.host_lives:
            await self._buried(process)
        raise EngineUnavailable(f"the engine died while it was restored: {death.cause}")

    async def _buried(self, process: Process) -> None:
        """Let go of a host that has ended, or is about to."""
        await process.over()
        process.release()
        self._process = None

    def _receive(self, message: list[object]) -> None:
        if message[0] == Kind.READY and self._hello is not None and not self._hello.done():
            self._greet(message)
        elif message[0] != Kind.READY:
            try:
                self.engine.receive(message)
            except Exception:
                # A listener's fault must not cost the link, and with it the engine.
                log.exception("a message of the engine host was not taken in")

    def _greet(self, message: list[object]) -> None:
        assert self._hello is not None
        match message:
            case [_, None, int(code), str(problem), hint]:
                self._hello.set_exception(error_of(code, problem, {"hint": hint}))
            case _:
                self._hello.set_result(Hello(**cast("dict[str, str]", message[1])))  # type: ignore[arg-type]

    async def _keep(self) -> None:
        while not self._closing and self._process is not None:
            death = await self._watched(self._process)
            if self._closing:
                return
            await self._replace(death)

    async def _watched(self, process: Process) -> Death:
        ready_since = monotonic()
        dog = asyncio.create_task(watch(self.engine, process))
        death = await process.ended()
        dog.cancel()
        with suppress(asyncio.CancelledError):
            await dog
        # What a client's command did to it does not come again by itself: that command is not replayed.
        self._lived = Seconds(monotonic() - ready_since)
        quick = self._lived < QUICK and not death.from_outside and not death.running
        self._quick_deaths = self._quick_deaths + 1 if quick else 0
        return death

    async def _replace(self, death: Death) -> None:
        engine, process = self.engine, self._process
        assert process is not None
        if engine.state in ("ready", "playing", "paused", "ended"):
            self._was = engine.state
        engine.detached(None if self._wanted else death, again=self._died and self._lived < SHORT)
        self._died = True
        if not death.host_lives:
            await self._buried(process)
        if self._wanted is None:
            log.warning("the engine died: %s", death.cause)
            engine.enter("died", "offline", death.cause)
        await self._try_again()

    async def _try_again(self) -> None:
        while not self._closing:
            if self._wanted is not None:
                await self._take_wanted()
            if self._quick_deaths >= CRASH_LOOP:
                return await self._give_up()
            try:
                await self._start()
            except CsounddError as failure:
                self._failed_to_start(failure)
                continue
            if self._wanted is None:
                self._tell_restarted()
            else:
                # It was asked for while there was nothing to end.
                self._end()
            return None
        return None

    def _failed_to_start(self, failure: CsounddError) -> None:
        if self._wanted is None:
            log.warning("%s", failure.message)
            self._quick_deaths += 1
            self._refuse_restart(failure)

    async def _give_up(self) -> None:
        """A crash loop: say so, and wait for a restart that begins clean."""
        reason = f"a crash loop: {CRASH_LOOP} deaths in a row right after the start; engine.restart begins clean"
        log.error("%s", reason)
        self.engine.enter("failed", "failed", reason)
        self._quick_deaths = 0
        self._stirred.clear()
        await self._stirred.wait()
        await self._try_again()

    async def _take_wanted(self) -> None:
        assert self._wanted is not None
        if self._process is not None:
            self._process.kill("another engine is wanted")
            await self._buried(self._process)
        self._before, self.engine.options, self._wanted = self.engine.options, self._wanted, None
        self._was, self._quick_deaths = "ready", 0

    def _restart_with(self, options: HostOptions) -> asyncio.Future[None]:
        restarted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wanted = options
        self._restarted.append(restarted)
        self._stirred.set()
        self._end()
        return restarted

    def _end(self) -> None:
        """Have the host that there is end, for another in its place."""
        if self._process is not None:
            self._ending = asyncio.create_task(self._process.close())

    def _refuse_restart(self, failure: CsounddError) -> None:
        """No engine comes up with what was asked for: go back to what there was before."""
        if self._restarted:
            self.engine.options = self._before
        waiting, self._restarted = self._restarted, []
        for restarted in waiting:
            if not restarted.done():
                restarted.set_exception(failure)

    def _tell_restarted(self) -> None:
        waiting, self._restarted = self._restarted, []
        for restarted in waiting:
            if not restarted.done():
                restarted.set_result(None)
