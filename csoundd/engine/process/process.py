"""The child process that the engine host runs in: starting it, its greeting, ending it, and why it ended.

One more may stand by, to take the place of the one that runs.
"""

from __future__ import annotations

import asyncio
import codecs
import json
import logging
import os
import signal
import socket
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, Final

from csoundd.engine.csound.registry import spec_at
from csoundd.engine.link.connection import FrontEnd, Receive
from csoundd.engine.link.memory import Field, Ring, shared_file
from csoundd.engine.link.protocol import CLOSE, INTERRUPT, Hello, encode_call
from csoundd.engine.options import HostOptions
from csoundd.engine.process.environment import cause_of, environment, temporary_folder
from csoundd.engine.workspace import VARIABLES
from csoundd.limits import HOST_GRACE_SECONDS, LAST_WORDS_SECONDS, SETTLED_ENGINE_SECONDS
from csoundd.messages import Command

log = logging.getLogger("csoundd.engine")

NANOSECONDS: Final = 1_000_000_000

FAULT_SIGNALS: Final = frozenset(
    getattr(signal, name)
    for name in ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT", "SIGTRAP", "SIGSYS", "SIGXCPU", "SIGXFSZ")
    if hasattr(signal, name)
)
"""The signals that a process may come to its end by for what it did itself; all others are sent by somebody else."""


def command_line(options: HostOptions, link: int, memory: int, *, standby: bool) -> list[str]:
    """The host's command line, with the descriptors of the link and of the shared memory.

    One that is to stand by is told only which engine to load, and which library.
    """
    descriptors = map(str, (link, memory, os.getpid()))
    library = "" if options.library is None else options.library.path
    told = json.dumps([options.place, library]) if standby else options.to_json()
    return [sys.executable, "-m", "csoundd.engine.host", *descriptors, told]


@dataclass(frozen=True, slots=True)
class ExitInfo:
    """The end of an engine: by whom, what it was doing since when, and whether its host is there for another.

    ``since`` is a monotonic time; ``hung`` says that it would not have ended. ``from_outside`` says that nothing it did
    is to blame: another process sent a signal, or it was asked to end (``closed``), or was of no use any more
    (``anew``). ``presumed`` says that this cannot be known for certain: a fault in the sandbox itself, which no code is
    known to cause, would look the same.
    """

    cause: str
    from_outside: bool
    running: int
    performing: bool
    since: float
    hung: bool = False
    closed: bool = False
    anew: bool = False
    host_lives: bool = False
    presumed: bool = False


def _kill(child: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        child.kill()


class Process:
    """One engine host from start to end. ``receive`` gets its messages, in the event loop."""

    def __init__(
        self,
        child: asyncio.subprocess.Process,
        ring: Ring,
        front_end: FrontEnd,
        said: _StandardErrorCopy,
        *,
        survives_faults: bool = False,
    ) -> None:
        self.pid = child.pid
        self.ring = ring
        self.front_end = front_end
        self._child, self._said = child, said
        self._survives_faults = survives_faults
        """Whether the faults of its code are traps: then no signal that ends the process is of its own doing."""

        self._ended_by_us: str | None = None
        self._closed = self._anew = self._stopped = False

    @property
    def greeting(self) -> asyncio.Future[Hello]:
        """What the host says of its engine when that is ready; its exception says why it cannot be."""
        return self.front_end.greeting

    @property
    def interruptible(self) -> bool:
        """Whether the engine can be ended without its host."""
        greeting = self.greeting
        return greeting.done() and greeting.exception() is None and greeting.result().interruptible

    @classmethod
    async def start(cls, options: HostOptions, receive: Receive, *, standby: bool = False) -> Process:
        """Start a host. Its first message says that it is ready, or why it cannot be.

        Raises OSError where the system has no descriptors, memory or processes left; then nothing is left of it.

        One that is to stand by only loads what it needs, and says nothing until :meth:`begin_again`.
        """
        loop = asyncio.get_running_loop()
        with ExitStack() as lent, ExitStack() as kept:
            memory = shared_file()
            lent.callback(os.close, memory)
            ours, theirs = socket.socketpair()
            lent.callback(theirs.close)
            kept.callback(ours.close)
            said, saying = os.pipe()
            lent.callback(os.close, saying)
            reading = kept.enter_context(os.fdopen(said, "rb", 0))
            child = await asyncio.create_subprocess_exec(
                *command_line(options, theirs.fileno(), memory, standby=standby),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=saying,
                stderr=saying,
                pass_fds=(theirs.fileno(), memory),
                cwd=options.folder or options.workspace,
                env=environment(options) | temporary_folder(options),
            )
            kept.callback(_kill, child)
            ring = Ring(memory)
            kept.callback(ring.close)
            _, standard_error = await loop.connect_read_pipe(_StandardErrorCopy, reading)
            _, front_end = await loop.create_unix_connection(lambda: FrontEnd(receive, ring), sock=ours)
            kept.pop_all()
        traps = spec_at(options.place).capabilities.traps_by_signals
        return cls(child, ring, front_end, standard_error, survives_faults=traps)

    def begin_again(self, options: HostOptions) -> None:
        """Have a host whose engine was lost make another, which says that it is ready, or why it cannot be."""
        self._ended_by_us, self._anew, self._stopped = None, False, False
        self.front_end.begin_again()
        whole = environment(options)
        variables = {name: whole[name] for name in VARIABLES if name in whole}
        self.send(encode_call(0, Command("host.begin", [options.to_json(), variables])))

    def send(self, framed: bytes) -> None:
        """Write to the host; it reads when it can."""
        self.front_end.write(framed)

    @property
    def backlog(self) -> int:
        """Bytes that the host has not taken yet."""
        return self.front_end.transport.get_write_buffer_size()

    async def ended(self) -> ExitInfo:
        """Wait for the end of the engine: that of the process, or before that of the engine alone."""
        exit_ = asyncio.ensure_future(self._child.wait())
        loss = self.front_end.loss
        try:
            awaited: set[asyncio.Future[Any]] = {exit_, loss}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            if exit_.done():
                # What it has sent last still counts, and may not have been read.
                await asyncio.wait({self.front_end.closed}, timeout=LAST_WORDS_SECONDS)
            return self._died(exit_.result()) if exit_.done() else self._exit_info(loss.result(), host_lives=True)
        finally:
            exit_.cancel()

    async def over(self) -> None:
        """Wait for the end of the process."""
        await self._child.wait()
        # A program that the orchestra began may hold the pipe open for longer.
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._said.ended), LAST_WORDS_SECONDS)

    def _died(self, status: int) -> ExitInfo:
        outside = int(self.ring.header[Field.OUTSIDE_SIGNAL])
        is_fault = -status in FAULT_SIGNALS
        sent = bool(outside) or (status < 0 and (self._survives_faults or not is_fault))
        return self._exit_info(
            cause_of(-outside if outside else status), from_outside=sent, presumed=sent and is_fault and not outside
        )

    def _exit_info(
        self, cause: str, *, from_outside: bool = False, presumed: bool = False, host_lives: bool = False
    ) -> ExitInfo:
        header, ours = self.ring.header, self._ended_by_us
        return ExitInfo(
            ours or cause,
            from_outside=(from_outside and ours is None) or self._closed or self._anew or self._stopped,
            running=int(header[Field.RUNNING]),
            performing=bool(header[Field.PERFORMING]),
            since=header[Field.SINCE_NS] / NANOSECONDS,
            hung=ours is not None,
            closed=self._closed,
            anew=self._anew,
            host_lives=host_lives,
            presumed=presumed and ours is None,
        )

    def interrupt(self, reason: str) -> None:
        """End the engine now, and where that cannot be done alone, or was tried before, the host with it."""
        if INTERRUPT is None or not self.interruptible or self._ended_by_us is not None:
            self.kill(reason)
            return
        self._ended_by_us = reason
        with suppress(ProcessLookupError):
            self._child.send_signal(INTERRUPT)

    def kill(self, reason: str, *, anew: bool = False, stopped: bool = False) -> None:
        """End the host now: one in an endless loop hears nothing but SIGKILL.

        ``anew``: it is of no use any more. ``stopped``: somebody has stopped it, so what it did is not to blame.
        """
        self._ended_by_us, self._anew, self._stopped = reason, anew, stopped
        with suppress(ProcessLookupError):
            self._child.kill()

    async def close(self) -> None:
        """Let the host end in good order, or kill it after a grace."""
        self._closed = True
        if self._child.returncode is None:
            self.send(encode_call(0, Command(CLOSE, [])))
            try:
                await asyncio.wait_for(self._child.wait(), HOST_GRACE_SECONDS)
            except TimeoutError:
                self.kill("it did not end when asked to")
                await self._child.wait()

    def release(self) -> None:
        """Let go of the link and the shared memory of a host that has ended."""
        self.front_end.drain()
        self.front_end.transport.close()
        self._said.transport.close()
        self.ring.close()


class _StandardErrorCopy(asyncio.Protocol):
    """Passes on to standard error what a host writes there, in the host's place: it must not wait for a reader."""

    transport: asyncio.BaseTransport

    def __init__(self) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        sys.stderr.write(self._decoder.decode(data))

    def connection_lost(self, _error: Exception | None) -> None:
        self.ended.set_result(None)


class Standby:
    """One host that can take the place of another. ``receive`` gets its messages once it has."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._process: Process | None = None
        self._loaded: tuple[object, ...] = ()
        self._loading: asyncio.Task[None] | None = None

    def prepare(self, options: HostOptions) -> None:
        """Have a host loaded in a while that can be made the one of ``options``, if they are those of a performance."""
        if options.realtime and options.drive in {"clock", "device"} and self._loading is None:
            self._loaded = _loads(options)
            self._loading = asyncio.create_task(self._load(options), name="standby-host")

    async def _load(self, options: HostOptions) -> None:
        await asyncio.sleep(SETTLED_ENGINE_SECONDS)
        starting = asyncio.ensure_future(Process.start(options, self._receive, standby=True))
        try:
            self._process = await asyncio.shield(starting)
        except OSError as problem:
            log.warning("no engine host can stand by: %s", problem.strerror or problem)
        except asyncio.CancelledError:
            self._process = await starting
            raise

    async def claim(self, options: HostOptions) -> Process | None:
        """The host that stands by, None where there is none for ``options``."""
        if self._process is None or self._loaded != _loads(options):
            await self.dismiss()
            return None
        process, self._process, self._loading = self._process, None, None
        return process

    async def dismiss(self) -> None:
        """End the host that stands by, or its loading."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.wait({self._loading})
        process, self._process, self._loading = self._process, None, None
        if process is not None:
            process.kill("it is not needed")
            await process.over()
            process.release()


def _loads(options: HostOptions) -> tuple[object, ...]:
    """What a host is started with that it cannot be told later."""
    return options.place, options.library, options.opcode_dir, options.workspace, options.folder
