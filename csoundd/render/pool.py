"""A pool of renders: so many at once, each in a process of its own, where nothing that happens touches another.

On Linux the processes are forked from one that is warm (``server.py``); elsewhere each is a program of its own.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
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
from csoundd.engine.process.environment import cause_of, environment
from csoundd.errors import EngineCrashed, EngineError, EngineUnavailable, Timeout
from csoundd.limits import RENDER_METERED_SECONDS, RENDER_OUTPUT_BYTES
from csoundd.render.work import MEASURE, MEASURED_BESIDE, SILENCE, Levels, Result, Work

LINE_BYTES: Final = 1 << 24
"""The longest line that a render tells: its log is in one."""

STATUS_BYTES: Final = 4096
"""The longest message of the warm process: which render has ended, and how."""

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


class Child(Protocol):
    """The process of one render."""

    def kill(self) -> None:
        """End it, with what it has begun."""

    async def ended(self) -> int:
        """Its exit status, negative for a signal, once it has ended."""


class Launcher(Protocol):
    """Starts the process of a render."""

    async def launch(self, link: socket.socket, output: int) -> Child:
        """Start one, with its end of the link and with what takes its output."""

    async def close(self) -> None:
        """End all that it has started."""


class ForkedChild:
    """A process that the server has forked."""

    def __init__(self, kill: Callable[[], None]) -> None:
        self._kill = kill
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def kill(self) -> None:
        """End it."""
        if not self.status.done():
            self._kill()

    async def ended(self) -> int:
        """Its exit status."""
        return await asyncio.shield(self.status)


class ServerProcess(Protocol):
    """The warm process: a program of its own, or forked from this one."""

    def kill(self) -> None:
        """End it."""

    async def wait(self) -> int:
        """Its exit status, once it has ended."""


class WarmProcess:
    """A warm process that was forked from this one, and this end of the link to it."""

    def __init__(self, pid: int, link: socket.socket) -> None:
        self._pid, self.link = pid, link
        self._is_there = True

    @classmethod
    def fork(cls) -> Self:
        """Fork it: what this process has imported need not be imported again, and the rest is while it goes on.

        For a process with one thread, before it has an event loop or has opened anything, and as soon as it is known
        that something is rendered: it imports for 0.2 s, on another processor, while this one finds out what it is.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if pid:
            theirs.close()
            ours.settimeout(0)
            return cls(pid, ours)
        try:
            ours.close()
            # Importing makes many objects and hardly any garbage.
            gc.disable()
            os.environ.update(environment(HostOptions()))
            from csoundd.render.server import serve_forked  # noqa: PLC0415 - it imports what the parent does not need

            serve_forked(theirs, parent)
        finally:
            # Nothing of the parent's is flushed or closed in order a second time.
            os._exit(1)

    def kill(self) -> None:
        """End it. Once it has been waited for, its number may be another process's, and nothing is done."""
        if self._is_there:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    async def wait(self) -> int:
        """Its exit status, once it has ended."""
        _, status = await asyncio.to_thread(os.waitpid, self._pid, 0)
        self._is_there = False
        return os.waitstatus_to_exitcode(status)

    def close(self) -> None:
        """End it where no pool has done so."""
        self.kill()
        if self._is_there:
            os.waitpid(self._pid, 0)
            self._is_there = False
            self.link.close()


class ForkServer:
    """The warm process, and those that it has forked."""

    def __init__(self, process: ServerProcess, link: socket.socket) -> None:
        self._process, self._link = process, link
        self._children: dict[int, ForkedChild] = {}
        self._made = 0
        asyncio.get_running_loop().add_reader(link, self._heard)

    @classmethod
    async def start(cls) -> Self:
        """Start it. It loads what is the same for every engine while the caller finds out which it is."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, ExitStack() as kept:
            kept.enter_context(ours)
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "csoundd.render.server",
                str(theirs.fileno()),
                str(os.getpid()),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=environment(HostOptions()),
            )
            ours.settimeout(0)
            kept.pop_all()
        return cls(process, ours)

    def load(self, options: HostOptions) -> None:
        """Have it load the engine of ``options``."""
        library = "" if options.library is None else options.library.path
        variables = {name: value for name, value in environment(options).items() if os.environ.get(name) != value}
        with suppress(OSError):
            # Where it is gone, the first render tells.
            self._link.send(json.dumps([options.place, library, variables, _plugin_folder(options)]).encode())

    async def launch(self, link: socket.socket, output: int) -> Child:
        """Have a process forked."""
        self._made += 1
        number = self._made
        child = self._children[number] = ForkedChild(lambda: self._ask(number))
        self._ask(number, link.fileno(), output)
        return child

    def _ask(self, number: int, *descriptors: int) -> None:
        try:
            socket.send_fds(self._link, [json.dumps(number).encode()], descriptors)
        except OSError as failure:
            raise EngineUnavailable(f"the process that starts renders is gone: {failure.strerror}") from failure

    def _heard(self) -> None:
        try:
            data = self._link.recv(STATUS_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._link)
            for child in self._children.values():
                child.status.set_result(-signal.SIGKILL)
            self._children.clear()
            return
        number, what, value = json.loads(data)
        if what == "status":
            self._children.pop(number).status.set_result(value)

    async def close(self) -> None:
        """End it, and with it whatever it has forked."""
        asyncio.get_running_loop().remove_reader(self._link)
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._link.close()
        for child in self._children.values():
            if not child.status.done():
                child.status.set_result(-signal.SIGKILL)


def _plugin_folder(options: HostOptions) -> str:
    """The folder with the plug-ins of a library, where it is the only one that Csound searches beside the user's."""
    library = options.library
    if library is None or len(library.plugin_folders) != 1:
        return ""
    (folder,) = library.plugin_folders
    return folder if environment(options).get(library.plugin_variable, folder) == folder else ""


class OwnProcess:
    """A program that renders one piece."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def kill(self) -> None:
        """End it, with what it has begun where the system knows of sessions."""
        with suppress(ProcessLookupError):
            if sys.platform != "win32":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    async def ended(self) -> int:
        """Its exit status."""
        return await self._process.wait()


class Spawner:
    """Starts a program for each render."""

    def __init__(self, options: HostOptions) -> None:
        self._options = options
        self._children: list[OwnProcess] = []

    async def launch(self, link: socket.socket, output: int) -> Child:
        """Start a program."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "csoundd.render.worker",
            str(link.fileno()),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(link.fileno(),),
            env=environment(self._options),
            start_new_session=True,
        )
        child = OwnProcess(process)
        self._children.append(child)
        return child

    async def close(self) -> None:
        """End all programs."""
        for child in self._children:
            child.kill()


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
