"""The child process that the engine host runs in: starting it, ending it, and why it ended."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, cast

from csoundd.engine.environment import VARIABLES
from csoundd.engine.link.frames import CLOSE, INTERRUPT, Kind, Unframer, call_frame
from csoundd.engine.link.ring import Field, Ring, shared_file
from csoundd.engine.options import HostOptions
from csoundd.engine.process.death import Death, cause_of
from csoundd.engine.process.launching import command_line, environment
from csoundd.messages import Command, Seconds

log = logging.getLogger("csoundd.engine")

NANOSECONDS: Final = 1_000_000_000
GRACE: Final = Seconds(1.0)
"""How long a host may take to end in good order before it is killed."""

LAST_WORDS: Final = Seconds(0.5)
"""How long the front reads on after a host's end: a process that the orchestra started may hold the link open."""

Receive = Callable[[list[object]], None]


class Process:
    """One engine host from start to end. ``receive`` gets its messages, in the event loop."""

    def __init__(self, child: asyncio.subprocess.Process, ring: Ring, front_end: _FrontEnd) -> None:
        self.pid = child.pid
        self.ring = ring
        self.interruptible = False
        self._child, self._front_end = child, front_end
        self._ended_by_us: str | None = None

    @classmethod
    async def start(cls, options: HostOptions, receive: Receive, *, standby: bool = False) -> Process:
        """Start a host. Its first message says that it is ready, or why it cannot be.

        One that is to stand by only loads what it needs, and says nothing until :meth:`begin_again`.
        """
        memory = shared_file()
        ours, theirs = socket.socketpair()
        try:
            child = await asyncio.create_subprocess_exec(
                *command_line(options, theirs.fileno(), memory, standby=standby),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),
                pass_fds=(theirs.fileno(), memory),
                cwd=options.folder or options.workspace,
                env=environment(options),
            )
            ring = Ring(memory)
        finally:
            theirs.close()
            os.close(memory)
        loop = asyncio.get_running_loop()
        _, front_end = await loop.create_unix_connection(lambda: _FrontEnd(receive), sock=ours)
        return cls(child, ring, front_end)

    def begin_again(self, options: HostOptions) -> None:
        """Have a host whose engine was lost make another, which says that it is ready, or why it cannot be."""
        self._ended_by_us = None
        self._front_end.loss = asyncio.get_running_loop().create_future()
        whole = environment(options)
        variables = {name: whole[name] for name in VARIABLES if name in whole}
        self.send(call_frame(0, Command("host.begin", [options.told(), variables])))

    def send(self, framed: bytes) -> None:
        """Write to the host; it reads when it can."""
        self._front_end.transport.write(framed)

    @property
    def backlog(self) -> int:
        """Bytes that the host has not taken yet."""
        return self._front_end.transport.get_write_buffer_size()

    async def ended(self) -> Death:
        """Wait for the end of the engine: that of the process, or before that of the engine alone."""
        exit_ = asyncio.ensure_future(self._child.wait())
        loss = self._front_end.loss
        try:
            awaited: set[asyncio.Future[Any]] = {exit_, loss}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            if exit_.done():
                # What it has sent last still counts, and may not have been read.
                await asyncio.wait({self._front_end.closed}, timeout=LAST_WORDS)
            return self._died(exit_.result()) if exit_.done() else self._death(loss.result(), host_lives=True)
        finally:
            exit_.cancel()

    async def over(self) -> None:
        """Wait for the end of the process."""
        await self._child.wait()

    def _died(self, status: int) -> Death:
        outside = int(self.ring.header[Field.OUTSIDE_SIGNAL])
        by_kill = status == -signal.SIGKILL and self._ended_by_us is None
        return self._death(cause_of(-outside if outside else status), from_outside=by_kill or bool(outside))

    def _death(self, cause: str, *, from_outside: bool = False, host_lives: bool = False) -> Death:
        header, ours = self.ring.header, self._ended_by_us
        return Death(
            ours or cause,
            from_outside=from_outside and ours is None,
            running=int(header[Field.RUNNING]),
            performing=bool(header[Field.PERFORMING]),
            since=header[Field.SINCE_NS] / NANOSECONDS,
            hung=ours is not None,
            host_lives=host_lives,
        )

    def interrupt(self, reason: str) -> None:
        """End the engine now, and where that cannot be done alone, or was tried before, the host with it."""
        if INTERRUPT is None or not self.interruptible or self._ended_by_us is not None:
            self.kill(reason)
            return
        self._ended_by_us = reason
        with suppress(ProcessLookupError):
            self._child.send_signal(INTERRUPT)

    def kill(self, reason: str) -> None:
        """End the host now: one in an endless loop hears nothing but SIGKILL."""
        self._ended_by_us = reason
        with suppress(ProcessLookupError):
            self._child.kill()

    async def close(self) -> None:
        """Let the host end in good order, or kill it after a grace."""
        if self._child.returncode is None:
            self.send(call_frame(0, Command(CLOSE, [])))
            try:
                await asyncio.wait_for(self._child.wait(), GRACE)
            except TimeoutError:
                self.kill("it did not end when asked to")
                await self._child.wait()

    def release(self) -> None:
        """Let go of the link and the shared memory of a host that has ended."""
        self._front_end.transport.close()
        self.ring.close()


class _FrontEnd(asyncio.Protocol):
    """The front's end of the link. ``loss`` is what the host says of an engine that it survived."""

    transport: asyncio.Transport

    def __init__(self, receive: Receive) -> None:
        self.loss: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._receive = receive
        self._unframer = Unframer()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

    def data_received(self, data: bytes) -> None:
        for message in self._unframer.feed(data):
            match message:
                case [Kind.LOST, str(cause)]:
                    self.loss.set_result(cause)
                case _:
                    self._receive(message)
