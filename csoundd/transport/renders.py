"""``/renders/…``: the sound files of jobs, and under ``/renders/inputs/…`` what jobs are to read.

GET and HEAD read, DELETE forgets a job with all its files, PUT brings an input under the SHA-256 of its bytes: what is
there already need not be sent again, as a HEAD tells.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from csoundd.errors import CsounddError, Forbidden, InvalidParams, LimitExceeded, NotFound, WrongState
from csoundd.messages import Scope
from csoundd.metrics import Counts
from csoundd.transport.authentication import grant_of
from csoundd.transport.conditions import JSON_TYPE, READING, conditional, failed
from csoundd.transport.files import FixedLengthFile, asks_for_bytes, refused
from csoundd.transport.uploads import PART, WorkspaceRoom, not_taken, receive

DIGEST: Final = re.compile("[0-9a-f]{64}")


class RenderFiles(Protocol):
    """The sound files of jobs, and their inputs."""

    async def find(self, job: str) -> list[Path]:
        """The sound files of a job, the mix first. Raises NotFound, and WrongState where there is none."""

    async def entries(self) -> list[dict[str, object]]:
        """The sound files of the latest jobs."""

    async def remove(self, job: str) -> None:
        """Forget a job, and delete its files. Raises NotFound, WrongState."""

    async def inputs(self) -> Path:
        """The folder of the inputs."""


class RendersEndpoint:
    """Answers requests for the files of jobs; the largest input has ``max_file`` bytes.

    ``room`` makes, for the folder of the inputs, what says how many there may be, and of how many bytes together.
    """

    def __init__(
        self, files: RenderFiles, max_file: int, room: Callable[[Path], WorkspaceRoom], counts: Counts
    ) -> None:
        self._files, self._max_file, self._new_room, self._counts = files, max_file, room, counts
        self._room: WorkspaceRoom | None = None

    def routes(self) -> list[BaseRoute]:
        """The routes that the HTTP server adds."""
        return [
            Route("/renders", self._list, methods=["GET"]),
            Route("/renders/inputs/{digest}", self._input, methods=["GET", "PUT"]),
            Route("/renders/{job}", self._sound, methods=["GET", "DELETE"]),
            Route("/renders/{job}/{name}", self._sound, methods=["GET", "DELETE"]),
        ]

    async def _list(self, request: Request) -> Response:
        try:
            _permit(request, "read")
            listing = {"entries": await self._files.entries()}
        except CsounddError as error:
            return failed(error)
        return Response(json.dumps(listing), media_type=JSON_TYPE, headers={"cache-control": "no-store"})

    async def _sound(self, request: Request) -> Response:
        job, name = request.path_params["job"], request.path_params.get("name")
        try:
            _permit(request, "read" if request.method in READING else "compile")
            if request.method == "DELETE" and name is None:
                await self._files.remove(job)
                return Response(status_code=HTTPStatus.NO_CONTENT)
            mix, *stems = await self._files.find(job)
            path = mix if name is None else next((each for each in (mix, *stems) if each.name == name), None)
            if path is None:
                has = ", ".join(each.name for each in (mix, *stems))
                raise NotFound(f"the sound files of {job} are {has}" if stems else f"the sound file of {job} is {has}")
            if request.method == "DELETE":
                if path in stems:
                    raise WrongState(f"{name} goes with its job", hint=f"DELETE /renders/{job} deletes all its files")
                await self._files.remove(job)
                return Response(status_code=HTTPStatus.NO_CONTENT)
            ranged = request.method == "GET" and asks_for_bytes(request.headers.get("range"))
            return conditional(request, await asyncio.to_thread(_file, path, ranged=ranged, name=path.name))
        except CsounddError as error:
            return failed(error)
        except OSError as problem:
            return refused(job, problem)

    async def _input(self, request: Request) -> Response:
        digest = request.path_params["digest"]
        try:
            _permit(request, "compile")
            if not DIGEST.fullmatch(digest):
                raise InvalidParams("an input is named by the SHA-256 of its bytes, in lower-case letters")
            folder = await self._files.inputs()
            if request.method in READING:
                return conditional(request, await asyncio.to_thread(_file, folder / digest, ranged=False, name=digest))
            return await self._put(request, folder, digest)
        except LimitExceeded as error:
            return not_taken(error, self._counts)
        except CsounddError as error:
            return failed(error)
        except OSError as problem:
            return refused(digest, problem)

    async def _put(self, request: Request, folder: Path, digest: str) -> Response:
        """Take an input in. It appears whole or not at all, and only where its bytes are those that it is named by."""
        target = folder / digest
        if await asyncio.to_thread(target.is_file):
            # A job that is about to ask for it finds it.
            await asyncio.to_thread(target.touch)
            return Response(status_code=HTTPStatus.NO_CONTENT)
        if self._room is None:
            self._room = self._new_room(folder)
        await asyncio.to_thread(self._room.check)
        part = folder / f"{PART}{digest}-{id(request):x}"
        try:
            found = hashlib.sha256()
            await receive(request, part, self._room, self._max_file, found.update)
            if found.hexdigest() != digest:
                raise InvalidParams(f"what came has the SHA-256 {found.hexdigest()}")
            self._room.changed(None, part.stat())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return Response(status_code=HTTPStatus.CREATED)


def _permit(request: Request, scope: Scope) -> None:
    """Raise Forbidden where a request lacks ``scope``, or its token is limited to channels."""
    grant = grant_of(request.scope)
    grant.permit(scope, f"{request.method} /renders")
    if grant.channels is not None:
        raise Forbidden("/renders is not for a token that is limited to channels")


def _file(path: Path, *, ranged: bool, name: str) -> Response:
    found = path.stat()
    path.open("rb").close()
    return FixedLengthFile(path, found, ranged=ranged, filename=name)
