"""``/files/…``, the workspace over HTTP. GET and HEAD read, PUT writes, DELETE removes.

Every path stays inside the workspace, links included. What is put appears whole or not at all.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Send
from starlette.types import Scope as Asgi

from csoundd.errors import EXHAUSTED, CsounddError, Forbidden, InvalidRequest, LimitExceeded, NotFound, WrongState
from csoundd.metrics import Counts
from csoundd.transport.authentication import grant_of
from csoundd.transport.conditions import READING, conditional, failed, precondition_failed, unmet
from csoundd.transport.uploads import PART, WorkspaceRoom, not_taken, receive

log = logging.getLogger("csoundd.transport")

Resolve = Callable[[str], Path]
"""The real path of a path in the workspace; raises Forbidden for one that leads out."""

SAFE: Final = {
    "cache-control": "no-cache",
    "content-security-policy": "sandbox",
    "x-content-type-options": "nosniff",
}
"""A page that somebody has put into the workspace must not act in the name of the console."""


class FilesEndpoint:
    """Answers requests for files of the workspace; the largest that can be put has ``max_file`` bytes.

    ``room`` says how many files there may be, and of how many bytes together.
    """

    def __init__(
        self, resolve: Resolve, max_file: int, room: WorkspaceRoom | None = None, counts: Counts | None = None
    ) -> None:
        self._resolve = resolve
        self._max_file = max_file
        self._room = WorkspaceRoom(resolve("")) if room is None else room
        self._counts = Counts() if counts is None else counts
        self._changing = Lock()
        """Held from the look at what is there to its change, so that of two who set a condition one is refused."""

    def routes(self) -> list[BaseRoute]:
        """The routes that the HTTP server adds."""
        return [
            Route("/files", self._answer, methods=["GET"]),
            Route("/files/{path:path}", self._answer, methods=["GET", "PUT", "DELETE"]),
        ]

    async def _answer(self, request: Request) -> Response:
        path = request.path_params.get("path", "")
        try:
            return await self._done(request, path)
        except LimitExceeded as error:
            return not_taken(error, self._counts)
        except CsounddError as error:
            return failed(error)
        except OSError as problem:
            return refused(path, problem)

    async def _done(self, request: Request, path: str) -> Response:
        reading = request.method in READING
        grant_of(request.scope).permit("read" if reading else "compile", request.method)
        if "\0" in path:
            raise InvalidRequest("a path cannot contain a zero byte")
        target = self._resolve(path)
        if reading:
            ranged = request.method == "GET" and asks_for_bytes(request.headers.get("range"))
            return conditional(request, await asyncio.to_thread(self._read, path, target, ranged=ranged))
        if target == self._resolve(""):
            raise Forbidden("the workspace itself cannot be replaced or deleted")
        if request.method == "DELETE":
            done = await asyncio.to_thread(self._remove, request, path, target)
            return Response(status_code=HTTPStatus.NO_CONTENT) if done else precondition_failed()
        if path.endswith("/"):
            raise InvalidRequest("a file's path does not end in /")
        return await self._put(request, path, target)

    def _read(self, path: str, target: Path, *, ranged: bool) -> Response:
        found = target.stat()
        if stat.S_ISDIR(found.st_mode):
            listing = {"path": path.strip("/"), "entries": self._entries(target)}
            return Response(json.dumps(listing), media_type="application/json", headers=SAFE)
        if not stat.S_ISREG(found.st_mode):
            raise Forbidden(f"{path!r} is no file")
        # What cannot be opened is to be an answer, and not the end of one that has begun.
        target.open("rb").close()
        return FixedLengthFile(target, found, ranged=ranged)

    def _entries(self, folder: Path) -> list[dict[str, object]]:
        entries: list[dict[str, object]] = []
        for entry in sorted(folder.iterdir()):
            with suppress(Forbidden, OSError):
                found = self._resolve(str(entry)).stat()
                kind = "folder" if stat.S_ISDIR(found.st_mode) else "file"
                if not entry.name.startswith(PART):
                    size = found.st_size if kind == "file" else None
                    entries.append({"name": entry.name, "kind": kind, "size": size, "modified": found.st_mtime})
        return entries

    async def _put(self, request: Request, path: str, target: Path) -> Response:
        if await asyncio.to_thread(target.is_dir):
            raise WrongState(f"{path!r} is a folder")
        # Before the body is asked for, which may be long; and again before it takes its place.
        if _unmet(request, await asyncio.to_thread(_found, target)):
            return precondition_failed()
        await asyncio.to_thread(self._room.check)
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        part = await asyncio.to_thread(_part_beside, target)
        try:
            await receive(request, part, self._room, self._max_file)
            placed = await asyncio.to_thread(self._place, request, part, target)
        finally:
            part.unlink(missing_ok=True)
        return placed or precondition_failed()

    def _place(self, request: Request, part: Path, target: Path) -> Response | None:
        """Put what has come in its place, unless the conditions do not hold any more."""
        with self._changing:
            found = _found(target)
            if _unmet(request, found):
                return None
            placed = part.stat()
            etag = _etag(placed)
            part.replace(target)
            self._room.changed(found, placed)
        status = HTTPStatus.CREATED if found is None else HTTPStatus.NO_CONTENT
        return Response(status_code=status, headers={"etag": etag})

    def _remove(self, request: Request, path: str, target: Path) -> bool:
        """Remove what is there, unless the conditions do not hold."""
        with self._changing:
            found = _found(target)
            if found is not None and _unmet(request, found):
                return False
            _remove(path, self._resolve, target)
            self._room.changed(found, None)
            return True


def _found(target: Path) -> os.stat_result | None:
    """What the system knows of a file, None where there is none."""
    try:
        return target.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _etag(found: os.stat_result) -> str:
    """The entity tag of a file: another one for each that is put, and whenever it is written to."""
    return f'"{found.st_mtime_ns:x}-{found.st_size:x}-{found.st_ino:x}"'


def _unmet(request: Request, found: os.stat_result | None) -> bool:
    """Whether a condition for the change of a file does not hold."""
    if found is None:
        return unmet(request.method, request.headers, exists=False) is not None
    etag, modified = _etag(found), found.st_mtime
    return unmet(request.method, request.headers, exists=True, etag=etag, modified=modified) is not None


def asks_for_bytes(asked: str | None) -> bool:
    """Whether a Range header is one that is known here; others are to be ignored (RFC 9110, 14.2)."""
    return asked is not None and asked.partition("=")[0].strip().lower() == "bytes"


def _part_beside(target: Path) -> Path:
    """A new empty file in the folder of ``target``, with the rights that a file of that name would have."""
    with NamedTemporaryFile(prefix=PART, dir=target.parent, delete=False) as part:
        umask = os.umask(0)
        os.umask(umask)
        part_path = Path(part.name)
    part_path.chmod(0o666 & ~umask)
    return part_path


def _remove(path: str, resolve: Resolve, target: Path) -> None:
    # A link is removed itself, and not what it leads to.
    named = resolve(os.path.dirname(path.rstrip("/"))) / os.path.basename(path.rstrip("/"))  # noqa: PTH119, PTH120 - text off the wire
    if named.is_symlink():
        named.unlink()
    elif target.is_dir():
        target.rmdir()
    else:
        target.unlink()


def refused(path: str, problem: OSError) -> Response:
    """The system's refusal as an answer to a client, which learns nothing of other paths."""
    status = None
    match problem:
        case FileNotFoundError():
            error: CsounddError = NotFound(f"there is nothing at {path!r}")
        case PermissionError():
            error = Forbidden(f"no permission for {path!r}")
        case FileExistsError() | NotADirectoryError():
            error = WrongState(f"a folder on the way to {path!r} is a file")
        case _ if problem.errno in EXHAUSTED:
            reason = os.strerror(problem.errno).lower()
            log.warning("/files: %s", reason)
            error = LimitExceeded(f"{path!r}: {reason}", name="system", hint="try again later")
            return failed(error, HTTPStatus.SERVICE_UNAVAILABLE, headers={"retry-after": "1"})
        case _ if problem.strerror and problem.filename:
            error = WrongState(f"{path!r}: {problem.strerror.lower()}")
        case _:
            error, status = LimitExceeded(f"{path!r} cannot be written", name="system"), HTTPStatus.INSUFFICIENT_STORAGE
    return failed(error, status)


class FixedLengthFile(FileResponse):
    """Sends as much of a file as its Content-Length says, also of one that becomes longer meanwhile.

    A Range header counts only if it is ``ranged``.
    """

    def __init__(self, path: Path, found: os.stat_result, *, ranged: bool, filename: str | None = None) -> None:
        self._ranged = ranged
        super().__init__(path, headers=SAFE | {"etag": _etag(found)}, stat_result=found, filename=filename)

    async def __call__(self, scope: Asgi, receive: Receive, send: Send) -> None:
        """Send the file."""
        left, more = 0, True

        async def bounded(message: Message) -> None:
            nonlocal left, more
            if message["type"] == "http.response.start":
                left = int(dict(message["headers"])[b"content-length"])
            elif not more:
                return
            else:
                body = message.get("body", b"")[:left]
                left -= len(body)
                more = message.get("more_body", False) and left > 0
                message = dict(message) | {"body": body, "more_body": more}
            await send(message)

        if not self._ranged:
            scope = dict(scope) | {"headers": [(name, value) for name, value in scope["headers"] if name != b"range"]}
        await super().__call__(scope, receive, bounded)
