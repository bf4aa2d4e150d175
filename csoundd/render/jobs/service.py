"""The methods ``render.*``: what clients ask of the jobs, checked before anything is kept."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from csoundd.api.renders import (
    JobState,
    RenderAttempt,
    RenderFailure,
    RenderFile,
    RenderFileKind,
    RenderFormat,
    RenderJob,
    RenderLevels,
    RenderList,
    RenderResult,
    Renders,
    RenderStemSum,
)
from csoundd.engine.workspace import Workspace
from csoundd.errors import EngineError, Forbidden, InvalidParams, LimitExceeded, NotFound, WrongState
from csoundd.limits import (
    RENDER_ATTEMPTS,
    RENDER_FILE_BYTES,
    RENDER_KEY_CHARACTERS,
    RENDER_NAME_CHARACTERS,
    RENDER_STEMS,
    RENDERS_LISTED,
)
from csoundd.render.jobs.lease import JobLease
from csoundd.render.jobs.queue import JobQueue
from csoundd.render.jobs.store import KeptAttempt, Row, Store, Submission, digest_of
from csoundd.render.piece import Piece, Settings

DIGEST: Final = re.compile("[0-9a-f]{64}")
SMALLEST_MEMORY: Final = 16 << 20
_NO_NAME: Final = re.compile(r"[^\w.,=+@ -]+")


class RenderService(Renders):
    """The jobs of a daemon, of pieces in ``workspace``.

    ``engines`` are those that a job may ask for; ``most_seconds`` is the longest that it may ask to be worked on.
    """

    def __init__(self, jobs: JobLease, workspace: Workspace, engines: frozenset[str], most_seconds: float) -> None:
        self._jobs, self._workspace = jobs, workspace
        self._engines, self._most_seconds = engines, most_seconds

    async def submit(  # noqa: PLR0913, PLR0917 - as declared
        self,
        csd: str | None = None,
        name: str = "",
        file: str | None = None,
        folder: str = "",
        format: RenderFormat | None = None,  # noqa: A002 - as declared
        channels: dict[str, float | str] | None = None,
        macros: dict[str, str] | None = None,
        options: list[str] | None = None,
        inputs: dict[str, str] | None = None,
        engine: str | None = None,
        maxDuration: float | None = None,  # noqa: N803 - as declared
        timeout: float | None = None,  # noqa: ASYNC109 - of the render, not of this call
        maxMemory: int | None = None,  # noqa: N803 - as declared
        priority: int = 0,
        attempts: int = RENDER_ATTEMPTS,
        key: str | None = None,
        cache: bool = True,  # noqa: FBT001, FBT002 - as declared
        wait: float = 0.0,
        stems: list[str] | None = None,
    ) -> RenderJob:
        """Have a piece rendered."""
        if (csd is None) == (file is None):
            raise InvalidParams("render.submit takes a piece: its text csd, or a file of the workspace")
        if engine is not None and engine not in self._engines:
            raise Forbidden(
                f"the engine {engine} is not for jobs here", hint=f"there are {', '.join(sorted(self._engines))}"
            )
        self.check(timeout, maxMemory, key)
        names = _stem_names(stems or [])
        asked: dict[str, Any] = {
            "folder": folder,
            "format": format,
            "channels": channels or {},
            "macros": macros or {},
            "options": options or [],
            "inputs": inputs or {},
            "engine": engine,
            "max_seconds": maxDuration,
            "timeout": timeout,
            "max_memory": maxMemory or 0,
            "cache": cache,
        }
        queue = await self._jobs.queue()
        piece = await asyncio.to_thread(self._piece, csd, file, name, asked)
        await asyncio.to_thread(_check_inputs, asked["inputs"], queue.inputs)
        if piece.is_endless and maxDuration is None:
            raise InvalidParams(f"the score of {piece.name} has no end", hint="maxDuration says how long it may be")
        suffix = Settings(format=format, options=tuple(options or ())).suffix_of(piece)
        asked["file_name"] = f"{safe_name(piece.stem)}{suffix}"
        asked["stems"] = _stem_files(safe_name(piece.stem), names, suffix)
        digest = digest_of(piece.text, piece.name, asked, priority)
        return await self.keep(piece.name, piece.text, asked, digest, priority, attempts, key, wait)

    def check(self, timeout: float | None, max_memory: int | None, key: str | None) -> None:
        """Raise for what no job may ask for."""
        if timeout is not None and timeout > self._most_seconds:
            raise LimitExceeded(
                f"a render is given up after {self._most_seconds:g} s", name="render_seconds", limit=self._most_seconds
            )
        if max_memory is not None and max_memory < SMALLEST_MEMORY:
            raise InvalidParams(f"maxMemory: a render takes {SMALLEST_MEMORY} bytes at least", parameter="maxMemory")
        if key is not None and not 0 < len(key) <= RENDER_KEY_CHARACTERS:
            raise InvalidParams(f"key: should have 1 to {RENDER_KEY_CHARACTERS} characters", parameter="key")

    async def keep(  # noqa: PLR0913, PLR0917 - what every job has
        self,
        name: str,
        text: str,
        asked: dict[str, Any],
        digest: str,
        priority: int,
        attempts: int,
        key: str | None,
        wait: float,
    ) -> RenderJob:
        """Keep a job that was checked, and wait for its end as long as is wanted.

        A job under the same ``key`` and with the same ``digest`` is answered in its place.
        """
        queue = await self._jobs.queue()
        row = await queue.submit(
            Submission(
                job=secrets.token_hex(8),
                name=name,
                text=text,
                asked=asked,
                digest=digest,
                key=key,
                priority=priority,
                most_attempts=attempts,
            )
        )
        if wait and not row.has_ended:
            await queue.ended(row.job, wait)
            row = await queue.look(lambda store: store.row(row.job))
        return _told(row, queue)

    async def status(self, job: str, log: bool = False, wait: float = 0.0) -> RenderJob:  # noqa: FBT001, FBT002 - as declared
        """A job."""
        queue = await self._jobs.queue()
        if wait:
            await queue.ended(job, wait)

        def look(store: Store) -> tuple[Row, list[KeptAttempt]]:
            row = store.row(job)
            return row, store.attempts(row)

        row, attempts = await queue.look(look)
        return _told(row, queue, [_attempt(each, printed=log) for each in attempts])

    async def list(
        self, state: JobState | None = None, name: str = "*", limit: int = 100, before: str | None = None
    ) -> RenderList:
        """Jobs, the latest first."""
        queue = await self._jobs.queue()
        rows = await queue.look(lambda store: store.listed(state, name, limit + 1, before))
        shown = rows[:limit]
        return RenderList([_told(row, queue) for row in shown], shown[-1].job if len(rows) > limit else None)

    async def cancel(self, job: str) -> RenderJob:
        """End a job."""
        queue = await self._jobs.queue()
        return _told(await queue.cancel(job), queue)

    async def retry(self, job: str) -> RenderJob:
        """Have a job done anew."""
        queue = await self._jobs.queue()
        return _told(await queue.retry(job), queue)

    async def remove(self, job: str) -> None:
        """Forget a job."""
        await (await self._jobs.queue()).remove(job)

    def _piece(self, csd: str | None, file: str | None, name: str, asked: dict[str, Any]) -> Piece:
        """The piece that is to be rendered, with the folder that it is in put down in ``asked``."""
        if csd is None:
            path = self._workspace.resolve(str(file))
            try:
                data = path.read_bytes()
            except OSError as problem:
                told = (problem.strerror or str(problem)).lower()
                raise NotFound(f"{file} cannot be read: {told}", hint="the path is one in the workspace") from None
            asked["folder"] = asked["folder"] or self._workspace.name(str(path.parent)) or ""
            called = name or path.name
        else:
            data, called = csd.encode(errors="surrogateescape"), name or "render"
        folder = self._workspace.resolve(asked["folder"])
        if not asked["inputs"] and not folder.is_dir():
            raise NotFound(f"there is no folder {asked['folder']!r} in the workspace")
        try:
            return Piece.of(called[:RENDER_NAME_CHARACTERS], data, folder)
        except EngineError as error:
            raise InvalidParams(error.message, hint=error.hint) from None


class RenderFiles:
    """The sound files of the jobs, mixes and stems, and what is put for jobs to read."""

    def __init__(self, jobs: JobLease) -> None:
        self._jobs = jobs

    async def find(self, job: str) -> list[Path]:
        """The sound files of a job, the mix first. Raises NotFound, and WrongState where there is none."""
        queue = await self._jobs.queue()
        row = await queue.look(lambda store: store.row(job))
        paths = queue.files_of(row)
        if not paths:
            raise WrongState(f"{job} has no sound file: it is {row.state}", hint="render.status waits for its end")
        return paths

    async def entries(self) -> list[dict[str, object]]:
        """The sound files of the latest jobs: where each is, how large, and its digest."""
        queue = await self._jobs.queue()
        rows = await queue.look(lambda store: store.listed("done", "*", RENDERS_LISTED, None))
        return [
            {"job": row.job} | {name: getattr(file, name) for name in ("stem", "path", "size", "sha256")}
            for row in rows
            if row.result is not None
            for file in _files(row.job, row.result)
        ]

    async def remove(self, job: str) -> None:
        """Forget a job, and delete its files. Raises NotFound, WrongState."""
        await (await self._jobs.queue()).remove(job)

    async def inputs(self) -> Path:
        """The folder of what is put for jobs to read, each file under the SHA-256 of its bytes."""
        folder = (await self._jobs.queue()).inputs
        await asyncio.to_thread(folder.mkdir, mode=0o700, exist_ok=True)
        return folder


def _check_inputs(inputs: Mapping[str, str], there: Path) -> None:
    """Raise for a name that leads out, a digest that is none, and an input that was not put."""
    inside = Workspace(there)
    for name, digest in inputs.items():
        inside.resolve(name)
        if not DIGEST.fullmatch(digest):
            raise InvalidParams(f"inputs: {digest!r} is no SHA-256 digest in lower-case letters", parameter="inputs")
    lacking = sorted({digest for digest in inputs.values() if not (there / digest).is_file()})
    if lacking:
        error = NotFound("some inputs are not there", hint=f"PUT /renders/inputs/{lacking[0]}")
        error.details["lacking"] = lacking
        raise error


def safe_name(stem: str) -> str:
    """``stem`` as the name of a file on any system."""
    name = _NO_NAME.sub("_", stem).encode(errors="replace")[:RENDER_FILE_BYTES].decode(errors="ignore")
    return name.strip(". ") or "render"


def _stem_names(names: list[str]) -> list[str]:
    """``names`` of stems, each once. Raises InvalidParams for too many, and for what is no name."""
    found = list(dict.fromkeys(names))
    if len(found) > RENDER_STEMS:
        raise InvalidParams(f"stems: a job has {RENDER_STEMS} at most, not {len(found)}", parameter="stems")
    if not all(found):
        raise InvalidParams("stems: an instrument or a channel has a name", parameter="stems")
    return found


def _stem_files(mix: str, names: list[str], suffix: str) -> dict[str, str]:
    """The names of the files of stems, each another one also on systems that know no capital letters."""
    found: dict[str, str] = {}
    taken = set[str]()
    for number, name in enumerate(names, 1):
        file = f"{mix}-{safe_name(name)}"
        if file.lower() in taken:
            file = f"{file}-{number}"
        taken.add(file.lower())
        found[name] = f"{file}{suffix}"
    return found


def _told(row: Row, queue: JobQueue, history: list[RenderAttempt] | None = None) -> RenderJob:
    return RenderJob(
        job=row.job,
        name=row.name,
        state=row.state,
        priority=row.priority,
        key=row.key,
        created=row.created,
        started=row.started,
        ended=row.ended,
        attempts=row.attempts,
        cached=row.cached,
        progress=queue.progress(row.job) if row.state == "running" else None,
        result=None if row.result is None or row.state != "done" else _result(row.job, row.result),
        error=None if row.error is None else RenderFailure(**row.error),
        history=history or [],
    )


def _result(job: str, kept: dict[str, Any]) -> RenderResult:
    files = _files(job, kept)
    mix, stem_sum = files[0], kept["stem_sum"]
    return RenderResult(
        path=mix.path,
        size=mix.size,
        sha256=mix.sha256,
        frames=kept["frames"],
        sr=kept["sr"],
        nchnls=kept["nchnls"],
        seconds=kept["frames"] / kept["sr"],
        levels=mix.levels,
        warnings=list(kept["warnings"]),
        warningCount=kept["warning_count"],
        inputs=list(kept["inputs"]),
        cut=kept["cut"],
        files=files,
        stemSum=stem_sum and RenderStemSum(stem_sum["difference"], stem_sum["seconds"], stem_sum["is_mix"]),
    )


def _files(job: str, kept: dict[str, Any]) -> list[RenderFile]:
    stems = {each["name"]: each for each in kept["stems"]}
    found = []
    for file in kept["files"]:
        stem = stems.get(file["name"])
        kind: RenderFileKind = "mix" if stem is None else "instrument" if stem["is_instrument"] else "channel"
        own = kept if stem is None else stem
        found.append(
            RenderFile(
                stem=None if stem is None else stem["name"],
                kind=kind,
                path=f"/renders/{job}/{quote(file['file'])}",
                size=file["size"],
                sha256=file["sha256"],
                nchnls=own["nchnls"],
                levels=_levels(own["levels"]),
            )
        )
    return found


def _levels(kept: dict[str, Any]) -> RenderLevels:
    return RenderLevels(
        peak=kept["peak"],
        truePeak=kept["true_peak"],
        rms=kept["rms"],
        loudness=kept["loudness"],
        clipped=kept["clipped"],
        notNumbers=kept["not_numbers"],
    )


def _attempt(kept: KeptAttempt, *, printed: bool) -> RenderAttempt:
    values = {name: value for name, value in asdict(kept).items() if name not in {"error", "log"}}
    error = None if kept.error is None else RenderFailure(**kept.error)
    return RenderAttempt(**values, error=error, log=kept.log if printed else [])
