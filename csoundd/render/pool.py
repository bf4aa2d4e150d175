"""A pool of renders: so many at once, each in a process of its own, where nothing that happens touches another."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, Final, Protocol, Self

from csoundd.engine.csound.registry import placed
from csoundd.engine.options import HostOptions
from csoundd.engine.process.environment import cause_of
from csoundd.errors import EngineCrashed, EngineError, Timeout
from csoundd.limits import RENDER_METERED_SECONDS, RENDER_OUTPUT_BYTES
from csoundd.render.launcher import Child, ForkServer, Launcher, Spawner, WarmProcess
from csoundd.render.work import MEASURE, MEASURED_BESIDE, SILENCE, Levels, Result, Work

LINE_BYTES: Final = 1 << 24
"""The longest line that a render tells: its log is in one."""

Told = Callable[[dict[str, Any]], None]
"""Takes what a render tells while it runs: ``started`` and ``progress``."""


def placed_engine(name: str) -> HostOptions:
    """The options of the engine that ``name`` means here. Raises EngineUnavailable where there is none."""
    return placed(HostOptions(engine=name, drive="free", realtime=False))


class RenderFailed(EngineError):
    """A render that came to nothing; ``log`` is what Csound printed."""

    def __init__(self, message: str, hint: str | None, log: list[str]) -> None:
        super().__init__(message, hint=hint)
        self.log = log


class Renderer(Protocol):
    """What renders: a pool, or what starts one when it has to."""

    @property
    def engine(self) -> HostOptions:
        """Its engine, placed."""

    async def render(self, work: Work, told: Told, *, timeout: float | None = None) -> tuple[Result, list[str]]:  # noqa: ASYNC109 - of the render, not of this call
        """Render, as :meth:`Pool.render` does."""


class Pool:
    """Renders on one engine, at most ``size`` at a time."""

    def __init__(self, launcher: Launcher, engine: HostOptions, size: int) -> None:
        self._launcher, self.engine = launcher, engine
        self._free = asyncio.Semaphore(size)

    @classmethod
    async def start(
        cls, engine: str, size: int, *, forks: bool = sys.platform == "linux", warm: WarmProcess | None = None
    ) -> Self:
        """A pool for the engine of that name, which forks from ``warm`` where that is there already.

        Raises EngineUnavailable where there is none, and OSError where no process can be started.
        """
        if not forks:
            options = placed_engine(engine)
            return cls(Spawner(options), options, size)
        server = await ForkServer.start() if warm is None else ForkServer(warm, warm.link)
        try:
            # A library is found by loading it in processes of their own, which takes as long as the server's beginning.
            options = await asyncio.to_thread(placed_engine, engine)
        except BaseException:
            await server.close()
            raise
        server.load(options)
        return cls(server, options, size)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End every render that still runs."""
        await self._launcher.close()

    async def render(self, work: Work, told: Told, *, timeout: float | None = None) -> tuple[Result, list[str]]:  # noqa: ASYNC109 - of the render, not of this call
        """Render once there is room for it: the result, and what Csound printed.

        The file is under the name ``work.output`` then. Raises RenderFailed, EngineCrashed where the process has ended
        before the piece, and Timeout after ``timeout`` seconds of rendering.
        """
        async with self._free:
            return await self._rendered(work, told, timeout)

    async def _rendered(self, work: Work, told: Told, seconds: float | None) -> tuple[Result, list[str]]:
        last: dict[str, Any] | None = None
        meter: _Started | None = None
        since = monotonic()
        try:
            async with asyncio.timeout(seconds), AsyncExitStack() as begun:
                render = await begun.enter_async_context(self._started(work.to_json()))
                with suppress(ConnectionError):
                    while line := await render.reader.readline():
                        last = json.loads(line)
                        if last["event"] in {"done", "failed"}:
                            break
                        told(last)
                        metered = last["event"] == "progress" and not (work.encoding or work.dry)
                        if metered and meter is None and monotonic() - since > RENDER_METERED_SECONDS:
                            asked = json.dumps({MEASURE: work.output})
                            meter = await begun.enter_async_context(self._started(asked))
                            render.writer.write(MEASURED_BESIDE)
                render.writer.close()
                status = await render.child.ended()
                if last is not None and last["event"] == "done":
                    result = Result.from_values(last["result"])
                    if meter is not None and result.levels == SILENCE:
                        result = replace(result, levels=await self._levels(work.output, result.frames, meter))
                    return result, last["log"]
        except TimeoutError:
            raise Timeout(
                f"it has not come to its end after {seconds:g} s", hint="a longer timeout lets it go on"
            ) from None
        if last is not None and last["event"] == "failed":
            raise RenderFailed(last["message"], last["hint"], last["log"])
        said = render.output.last_line()
        raise EngineCrashed(
            f"Csound crashed: {cause_of(status)}" + (f", saying {said!r}" if said else ""),
            hint="the engine wasm is not brought down by a piece; another engine may have another fault",
        )

    async def _levels(self, path: str, frames: int, meter: _Started) -> Levels:
        """What has measured a file while it grew tells of it, now that it is whole.

        Where it has come to grief, or has not seen what is there, the file is measured again.
        """
        found = await meter.answer()
        if found.get("frames") != frames:
            async with self._started(json.dumps({MEASURE: path})) as again:
                found = await again.answer()
        if "levels" not in found:
            raise EngineError("the levels of the file could not be measured")
        return Levels(**found["levels"])

    @asynccontextmanager
    async def _started(self, asked: str) -> AsyncIterator[_Started]:
        """A process of which one thing is asked; at the end it is ended, with what it has begun."""
        ours, theirs = socket.socketpair()
        reading, writing = os.pipe()
        with theirs, ExitStack() as lent:
            lent.callback(os.close, writing)
            output = _Tail(reading)
            child = await self._launcher.launch(theirs, writing)
        try:
            with ExitStack() as unconnected:
                unconnected.enter_context(ours)
                reader, writer = await asyncio.open_connection(sock=ours, limit=LINE_BYTES)
                # From here on it is the transport's to close: uvloop would close what has its number by then as well
                # (2 of 1,000 renders of a daemon failed of a bad file descriptor, uvloop 0.22).
                unconnected.pop_all()
            with closing(writer):
                writer.write(asked.encode() + b"\n")
                yield _Started(child, reader, writer, output)
        finally:
            child.kill()
            await child.ended()
            output.close()


@dataclass(frozen=True, slots=True)
class _Started:
    """A process that was started, the link to it, and what keeps its output."""

    child: Child
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    output: _Tail

    async def answer(self) -> dict[str, Any]:
        """What it says when it is told nothing more; nothing where it has died."""
        with suppress(OSError):
            self.writer.write_eof()
            found: dict[str, Any] = json.loads(await self.reader.readline() or "{}")
            return found
        return {}


class _Tail:
    """Keeps the last of what a process writes to its standard output and error: it must not wait for a reader.

    It reads and closes the pipe by itself: uvloop 0.22 closes one that it is given twice, and between the two the
    number may be that of a file which another thread has opened. 2 of 1,000 renders of a daemon failed of that.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._pieces: deque[bytes] = deque()
        self._size = 0
        os.set_blocking(descriptor, False)
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, RENDER_OUTPUT_BYTES)
        except BlockingIOError:
            return
        if not data:
            self.close()
            return
        self._pieces.append(data)
        self._size += len(data)
        while self._size - len(self._pieces[0]) > RENDER_OUTPUT_BYTES:
            self._size -= len(self._pieces.popleft())

    def last_line(self) -> str:
        """The last line that is not empty, to be told."""
        text = b"".join(self._pieces).decode(errors="replace")
        return next((line.strip()[:200] for line in reversed(text.splitlines()) if line.strip()), "")

    def close(self) -> None:
        """Read no more."""
        if self._descriptor >= 0:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1
