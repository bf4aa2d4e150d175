"""The hosts of one engine, one at a time: each is started, greets, and is brought to where the last one was."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any, Final, cast

from csoundd.engine.engine import Engine
from csoundd.engine.engines import placed
from csoundd.engine.link.frames import Hello, Kind
from csoundd.engine.options import HostOptions
from csoundd.engine.process.process import Process
from csoundd.engine.process.watchdog import watch
from csoundd.errors import EngineUnavailable, error_of
from csoundd.messages import Seconds, State

log = logging.getLogger("csoundd.engine")

SETTLED: Final = Seconds(5.0)
"""How long an engine serves before another host is loaded to stand by: what is only tried needs none."""

START_LIMIT: Final = Seconds(30.0)
"""How long a host may take until it says that it is ready."""


class Hosts:
    """``process`` is the host that there is, None between two."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.process: Process | None = None
        self._hello: asyncio.Future[Hello] | None = None
        self.was_reset = False
        self._standby: Process | None = None
        self._standby_for: HostOptions | None = None
        self._standing_by: asyncio.Task[None] | None = None

    async def start(self, was: State) -> None:
        """Start a host in the place of one that is gone, and bring it to the state that there was.

        Raises EngineUnavailable where none comes up.
        """
        engine = self.engine
        engine.begin_epoch()
        self._hello = asyncio.get_running_loop().create_future()
        engine.configure(await asyncio.to_thread(placed, engine.options))
        process = self.process = await self._begun(replace(engine.options, epoch=engine.epoch))
        hello = await self._greeting(process, self._hello)
        engine.attached(process, hello)
        restored = await self._restored(process, was)
        if engine.state == "starting":
            engine.enter("restored" if any(restored.values()) else "state", "ready", None, restored)
        else:
            engine.enter("restored", engine.state, None, restored)
        engine.open()
        self.prepare_standby()

    async def _begun(self, options: HostOptions) -> Process:
        """The host that is to greet: the one that survived its engine, or a new one."""
        if self.process is None:
            standby = await self._take_standby(options)
            if standby is None:
                return await self._host(options)
            self.process = standby
        self.process.begin_again(options)
        return self.process

    def prepare_standby(self) -> None:
        """Have a host loaded that can take the place of this one: most of what a start takes is loading."""
        options = self.engine.options
        if options.realtime and options.drive in {"clock", "device"} and self._standing_by is None:
            self._standby_for = options
            self._standing_by = asyncio.create_task(self._stand_by(options), name="standby-host")

    async def _stand_by(self, options: HostOptions) -> None:
        await asyncio.sleep(SETTLED)
        starting = asyncio.ensure_future(Process.start(options, self._receive, standby=True))
        try:
            self._standby = await asyncio.shield(starting)
        except asyncio.CancelledError:
            self._standby = await starting
            raise

    async def _take_standby(self, options: HostOptions) -> Process | None:
        """The host that stands by, None where there is none for ``options``."""
        prepared = self._standby_for
        if self._standby is None or prepared is None or _loads(prepared) != _loads(options):
            await self.dismiss_standby()
            return None
        standby, self._standby, self._standing_by = self._standby, None, None
        return standby

    async def dismiss_standby(self) -> None:
        """End the host that stands by."""
        if self._standing_by is not None:
            self._standing_by.cancel()
            await asyncio.wait({self._standing_by})
        standby, self._standby, self._standing_by = self._standby, None, None
        if standby is not None:
            standby.kill("it is not needed")
            await standby.over()
            standby.release()

    async def _host(self, options: HostOptions) -> Process:
        """A new host, which nobody's change of mind leaves half started."""
        starting = asyncio.ensure_future(Process.start(options, self._receive))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            self.process = await starting
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
        await self.reap(process)
        if hello.done():
            hello.result()
        raise EngineUnavailable(f"the engine host did not start: {death.cause}")

    async def _restored(self, process: Process, was: State) -> dict[str, object]:
        """Bring ``process`` to where the last one was. Raises EngineUnavailable where it ends before it is there."""
        watchdog = asyncio.create_task(watch(self.engine, process))
        ending = asyncio.ensure_future(process.ended())
        restoring = asyncio.ensure_future(self.engine.restore(was))
        awaited: set[asyncio.Future[Any]] = {ending, restoring}
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        watchdog.cancel()
        if restoring.done():
            ending.cancel()
            return restoring.result()
        restoring.cancel()
        death = ending.result()
        self.was_reset = self.engine.detached(death, again=True)
        if not death.host_lives:
            await self.reap(process)
        raise EngineUnavailable(f"the engine died while it was restored: {death.cause}")

    async def reap(self, process: Process) -> None:
        """Let go of a host that has ended, or is about to."""
        await process.over()
        process.release()
        self.process = None

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

    async def abort(self) -> None:
        """End a host that came up for nothing: whoever wanted it does so no longer."""
        if self.process is not None:
            self.process.kill("it is not wanted any more")
            self.engine.detached(None)
            await self.reap(self.process)

    async def close(self) -> None:
        """Have the host that there is end."""
        if self.process is not None:
            await self.process.close()


def _loads(options: HostOptions) -> tuple[object, ...]:
    """What a host is started with that it cannot be told later."""
    return options.place, options.library, options.opcode_dir, options.workspace, options.folder
