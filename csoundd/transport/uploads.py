"""Files that clients put: how many there may be in a folder, and how one is taken in that is whole or not at all."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from csoundd.errors import LimitExceeded
from csoundd.limits import SWALLOWED_FILE_BYTES, WORKSPACE_BYTES, WORKSPACE_FILES, WORKSPACE_LOOK_SECONDS
from csoundd.metrics import Counts
from csoundd.transport.conditions import failed

PART: Final = ".csoundd-"
"""How the names of files that are still being written begin."""

GATHERED_BYTES: Final = 1 << 18
"""What is worth a trip to a thread."""


class WorkspaceRoom:
    """Says whether ``folder`` may hold more: at most so many files, of so many bytes together.

    It is gone through again after WORKSPACE_LOOK_SECONDS; in between what is put and deleted here is counted. It may be
    asked from any thread.
    """

    def __init__(self, folder: Path, files: int = WORKSPACE_FILES, total: int = WORKSPACE_BYTES) -> None:
        self._folder = folder
        self._most_files, self._most_bytes = files, total
        self._files = self._bytes = 0
        self._looked: float | None = None
        self._looking = Lock()

    @property
    def bytes_left(self) -> int:
        """Bytes that there is room for, by what is known."""
        return self._most_bytes - self._bytes

    @property
    def used(self) -> tuple[int, int]:
        """Files, and their bytes, by what is known: nothing before the first file is put."""
        return self._files, self._bytes

    def check(self) -> None:
        """Raise LimitExceeded where there is no room for one more file."""
        with self._looking:
            if self._looked is None or monotonic() - self._looked > WORKSPACE_LOOK_SECONDS:
                self._look()
                self._looked = monotonic()
        if self._files >= self._most_files:
            message = f"the workspace has {self._most_files} files, the most there may be"
            raise LimitExceeded(message, name="files", limit=self._most_files)
        if self.bytes_left <= 0:
            raise self.full()

    def full(self) -> LimitExceeded:
        """The error for a file that there is no room for."""
        message = f"the files of the workspace may have {self._most_bytes} bytes together"
        return LimitExceeded(message, name="workspace", limit=self._most_bytes)

    def changed(self, before: os.stat_result | None, after: os.stat_result | None) -> None:
        """Take note of a file that was put, replaced or deleted."""
        with self._looking:
            for found, sign in ((before, -1), (after, 1)):
                if found is not None and stat.S_ISREG(found.st_mode):
                    self._files += sign
                    self._bytes += sign * found.st_size

    def _look(self) -> None:
        """Count what there is, links not followed; no further than there may be."""
        self._files = self._bytes = 0
        for folder, _, names in os.walk(self._folder):
            for name in names:
                with suppress(OSError):
                    found = os.stat(os.path.join(folder, name), follow_symlinks=False)  # noqa: PTH116, PTH118 - 3 times as fast
                    if stat.S_ISREG(found.st_mode) and not name.startswith(PART):
                        self._files += 1
                        self._bytes += found.st_size
            if self._files > self._most_files:
                return


async def receive(
    request: Request, part: Path, room: WorkspaceRoom, most_bytes: int, look: Callable[[bytes], object] | None = None
) -> None:
    """Write the body of a request to ``part``, which the caller puts in its place or deletes; ``look`` sees it all.

    Raises LimitExceeded for more than ``room`` has, and for more than ``most_bytes``: a little more than those is read,
    so that the client comes to hear of it.
    """
    size = 0
    with part.open("wb") as file:
        async for chunk in _chunks(request):
            size += len(chunk)
            if size > room.bytes_left:
                raise room.full()
            if size <= most_bytes:
                if look is not None:
                    look(chunk)
                await asyncio.to_thread(file.write, chunk)
            elif size > most_bytes + SWALLOWED_FILE_BYTES:
                break
    if size > most_bytes:
        raise LimitExceeded(f"a file of more than {most_bytes} bytes", name="file", limit=most_bytes)


def not_taken(error: LimitExceeded, counts: Counts) -> Response:
    """The answer to a client whose file is too much, which is counted."""
    name = error.details.get("name")
    counts.limited(name)
    return failed(error, HTTPStatus.INSUFFICIENT_STORAGE if name in {"files", "workspace"} else None)


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces of some size."""
    gathered = bytearray()
    async for chunk in request.stream():
        gathered += chunk
        if len(gathered) >= GATHERED_BYTES:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)
