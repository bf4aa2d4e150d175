"""How the process of a render begins: forked from one that is warm, or as a program of its own.

On Linux it is forked (``server.py``), which takes 20 ms; elsewhere each is a program, which loads everything anew.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Final, Protocol, Self

from csoundd.engine.options import HostOptions
from csoundd.engine.process.environment import environment
from csoundd.errors import EngineUnavailable

STATUS_BYTES: Final = 4096
"""The longest message of the warm process: which render has ended, and how."""


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
