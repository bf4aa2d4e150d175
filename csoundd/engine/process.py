"""The child process that the engine host runs in: starting it, ending it, and why it ended."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Literal

from csoundd.engine.environment import Variables, merged, resolved
from csoundd.engine.link import Unframer, frame
from csoundd.engine.ring import Field, Ring, shared_file
from csoundd.engine.traps import cause_of
from csoundd.engine.workspace import Workspace
from csoundd.messages import Drive, Frames, Seconds

log = logging.getLogger("csoundd.engine")

GRACE: Final = Seconds(1.0)
"""How long a host may take to end in good order before it is killed."""

Receive = Callable[[list[object]], None]
EngineName = Literal["auto", "native", "wasm"]


@dataclass(frozen=True, slots=True)
class HostOptions:
    """Everything a host is told when it starts."""

    engine: EngineName = "auto"
    drive: Drive = "clock"
    workspace: str = "."
    block: Frames = Frames(128)
    realtime: bool = True
    options: tuple[str, ...] = ()
    opcode_dir: str = ""
    epoch: int = 1
    environment: Variables = ()
    """Csound's variables as they were set over the API."""

    folder: str = ""
    """Where the host runs, if not in the workspace: then Csound searches the workspace for what it reads."""

    def with_variable(self, name: str, value: str | None) -> HostOptions:
        """The same, with one of Csound's variables set, or with None removed. Raises Forbidden for what may not be."""
        given = resolved(Workspace(self.workspace), name, value)
        return replace(self, environment=merged(self.environment, name, given))


@dataclass(frozen=True, slots=True)
class Death:
    """How a host ended: by whom, and what it was doing."""

    cause: str
    from_outside: bool
    running: int
    performing: bool


class Process:
    """One engine host from start to end. ``receive`` gets its messages, in the event loop."""

    def __init__(self, child: asyncio.subprocess.Process, ring: Ring, transport: asyncio.Transport) -> None:
        self.pid = child.pid
        self.ring = ring
        self._child, self._transport = child, transport
        self._killed_by_us: str | None = None

    @classmethod
    async def start(cls, options: HostOptions, receive: Receive) -> Process:
        """Start a host. Its first message says that it is ready, or why it cannot be."""
        memory = shared_file()
        ours, theirs = socket.socketpair()
        try:
            child = await asyncio.create_subprocess_exec(
                *_command(options, theirs.fileno(), memory),
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
        transport, _ = await loop.create_unix_connection(lambda: _FrontEnd(receive), sock=ours)
        return cls(child, ring, transport)

    def send(self, framed: bytes) -> None:
        """Write to the host; it reads when it can."""
        self._transport.write(framed)

    @property
    def backlog(self) -> int:
        """Bytes that the host has not taken yet."""
        return self._transport.get_write_buffer_size()

    async def ended(self) -> Death:
        """Wait for the end of the process."""
        status = await self._child.wait()
        header = self.ring.header
        outside = int(header[Field.OUTSIDE_SIGNAL])
        running, performing = int(header[Field.RUNNING]), bool(header[Field.PERFORMING])
        if self._killed_by_us is not None:
            return Death(self._killed_by_us, from_outside=False, running=running, performing=performing)
        by_kill = status == -signal.SIGKILL
        cause = _cause(-outside if outside else status)
        return Death(cause, from_outside=by_kill or bool(outside), running=running, performing=performing)

    def kill(self, reason: str) -> None:
        """End the host now: one in an endless loop hears nothing but SIGKILL."""
        self._killed_by_us = reason
        with suppress(ProcessLookupError):
            self._child.kill()

    async def close(self) -> None:
        """Let the host end in good order, or kill it after a grace."""
        if self._child.returncode is None:
            self.send(frame([0, "host.close", [], None, None, "run"]))
            try:
                await asyncio.wait_for(self._child.wait(), GRACE)
            except TimeoutError:
                self.kill("it did not end when asked to")
                await self._child.wait()

    def release(self) -> None:
        """Let go of the link and the shared memory of a host that has ended."""
        self._transport.close()
        self.ring.close()


class _FrontEnd(asyncio.Protocol):
    """The front's end of the link."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._unframer = Unframer()

    def data_received(self, data: bytes) -> None:
        for message in self._unframer.feed(data):
            self._receive(message)


def _command(options: HostOptions, link: int, memory: int) -> list[str]:
    told = json.dumps(asdict(options) | {"parent": os.getpid()})
    return [sys.executable, "-m", "csoundd.engine.host", str(link), str(memory), told]


def environment(options: HostOptions) -> dict[str, str]:
    """The host's environment. It starts in another folder, so this package must be found without it."""
    told = dict(options.environment)
    own = {name: value for name, value in (os.environ | told).items() if value is not None}
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    return (
        own
        | _search_paths(options, own)
        | {
            "LIBCSOUND_INSTALL": "0",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": path,
            "PYTHONSAFEPATH": "1",
        }
    )


def _search_paths(options: HostOptions, own: dict[str, str]) -> dict[str, str]:
    """Where Csound looks for what it reads and puts what it writes, in a host that runs outside the workspace."""
    if not options.folder:
        return {}
    searched = {name: [options.workspace, own.get(name, "")] for name in ("INCDIR", "SADIR", "SSDIR")}
    searched["SSDIR"].append(own.get("SFDIR", ""))
    return {name: ";".join(filter(None, paths)) for name, paths in searched.items()} | {"SFDIR": options.folder}


def _cause(status: int) -> str:
    if status >= 0:
        return cause_of(status) or f"it exited with status {status}"
    try:
        return f"it was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"it was ended by signal {-status}"
