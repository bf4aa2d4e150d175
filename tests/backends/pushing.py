"""A hub over a real engine: what clients push goes in, what the callbacks tell comes out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, cast

from csoundd.engine.client.engine import Engine
from csoundd.engine.options import EngineName
from csoundd.messages import Drive, StreamFrame
from csoundd.streams.hub import Hub
from tests.engine.listening import PATIENCE, do, engine_in
from tests.streams.fakes import check_options

HEADER = "sr = 48000\nksmps = 64\nnchnls = 1\n0dbfs = 1\n"


class TopicReader:
    """Keeps the frames it is offered; ``until`` waits for more."""

    def __init__(self) -> None:
        self.frames: list[StreamFrame] = []
        self._stirred = asyncio.Event()

    def offer(self, frame: StreamFrame) -> None:
        if frame.ended is None:
            self.frames.append(frame)
            self._stirred.set()

    def hold(self, stream: str) -> None: ...

    @property
    def behind(self) -> bool:
        return False

    def when_level(self, level: Callable[[], None]) -> None:
        level()

    @property
    def data(self) -> list[Any]:
        return [frame.data for frame in self.frames]

    async def until(self, wanted: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not wanted():
                self._stirred.clear()
                await self._stirred.wait()


class Stage:
    """An engine that is stepped, and its hub."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.hub = Hub(engine, check_options)

    async def hear(self, topic: str, **options: object) -> TopicReader:
        reader = TopicReader()
        await self.hub.subscribe(reader, topic, options)
        return reader

    async def push(self, topic: str, data: object) -> object:
        return (await self.hub.push(topic, data))["accepted"]

    async def play(self, orchestra: str) -> None:
        assert await do(self.engine, "csound.compileOrc", HEADER + orchestra, True) == 0
        assert await do(self.engine, "csound.start") == 0

    async def step(self, cycles: int = 1) -> None:
        for _ in range(cycles):
            await do(self.engine, "csound.performKsmps")

    async def channel(self, name: str) -> object:
        return cast("list[object]", await do(self.engine, "csound.controlChannel", name))[0]

    async def text(self, name: str) -> object:
        return await do(self.engine, "csound.stringChannel", name)


@asynccontextmanager
async def staged(
    workspace: Path, drive: Drive = "step", options: tuple[str, ...] = (), engine: EngineName = "auto"
) -> AsyncIterator[Stage]:
    async with engine_in(workspace, drive, options, engine) as opened:
        yield Stage(opened)


class Staged(Protocol):
    """Opens the engine that the suite runs on in ``workspace``."""

    def __call__(
        self, workspace: Path, drive: Drive = "step", options: tuple[str, ...] = ()
    ) -> AbstractAsyncContextManager[Stage]: ...
