"""Programs that are not ours, run beside a daemon and read line by line."""

from __future__ import annotations

import asyncio
import shutil
import socket
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from tests.live.daemon import PATIENCE

AGAIN = 0.1
"""Seconds to wait for a line before it is asked for again."""


def needs(program: str, package: str) -> pytest.MarkDecorator:
    """Skip where ``program`` is absent; ``package`` is where Debian has it."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}, of Debian's {package}")


async def ran(*command: str | float) -> None:
    """Run a command to its end, which has to be a good one."""
    process = await asyncio.create_subprocess_exec(*map(str, command), stdin=DEVNULL)
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == 0


class Printing:
    """A program that prints lines."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def line(self, wanted: str) -> str:
        """Wait for a line that holds ``wanted``."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while line := (await self._process.stdout.readline()).decode():
                if wanted in line:
                    return line.rstrip()
        raise AssertionError(f"it ended without {wanted!r}")

    async def line_after(self, done: Callable[[], Awaitable[object]], wanted: str) -> str:
        """The first line with ``wanted`` once ``done`` was done: again and again, as nobody says when it listens."""
        reading = asyncio.create_task(self.line(wanted))
        while not reading.done():
            await done()
            await asyncio.wait([reading], timeout=AGAIN)
        return await reading


@asynccontextmanager
async def printing(*command: str | float) -> AsyncIterator[Printing]:
    """The command while it runs; it is asked to go at the end."""
    process = await asyncio.create_subprocess_exec(*map(str, command), stdin=DEVNULL, stdout=PIPE)
    try:
        yield Printing(process)
    finally:
        process.terminate()
        await process.wait()


def free_port() -> int:
    """A UDP port that nobody has at the moment, for a program that has to be told its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
