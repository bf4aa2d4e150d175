"""``csoundd render --url`` and ``csoundd bounce``: the work is done by a daemon, as jobs.

What a piece reads is found here and put to the daemon by its content; the sound files come back when they are whole.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from csoundd.cli.remote import shown_token, to_daemon, trusting, url_of
from csoundd.errors import EngineCrashed, EngineError, EngineUnavailable, Timeout
from csoundd.limits import RENDER_FAREWELL_SECONDS, RENDER_WAIT_SECONDS
from csoundd.render.dryrun import Input, Inputs, names_files
from csoundd.render.inputs import SearchPath
from csoundd.render.jobs.engines import JobEngine
from csoundd.render.piece import Render
from csoundd.render.pool import RenderFailed, Told, placed_engine
from csoundd.render.work import MIX, Levels, Result, Stem, StemSum
from csoundd.render.workshop import Workshop, all_or_none, work_of
from csoundd_client import Client
from csoundd_client.client import address
from csoundd_client.errors import ConnectionLost, DaemonRestarted, RemoteError

CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Away:
    """A daemon: its address and its state folder as they were given, and whether it may answer from its cache."""

    url: str | None
    state: Path | None
    caches: bool

    @asynccontextmanager
    async def workshop(self, engine: str, here: Path) -> AsyncIterator[RemoteWorkshop]:
        """What renders there. Raises the client's errors where there is no daemon."""
        base = address(url_of(self.url, self.state)).replace("ws", "http", 1).removesuffix("/ws")
        local = _LocalEngine(engine)
        try:
            async with to_daemon(self.url, self.state, "csoundd render") as daemon:
                yield RemoteWorkshop(daemon, _Files(base, self.state), local, engine, here, caches=self.caches)
        finally:
            await local.close()


class _LocalEngine:
    """The engine of this machine, for pieces that read something: what that is has to be found here."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._engine: JobEngine | None = None
        self._finding = asyncio.Lock()

    async def found(self) -> JobEngine:
        """The engine. Raises EngineUnavailable where there is none."""
        async with self._finding:
            if self._engine is None:
                placed = await asyncio.to_thread(placed_engine, self._name)
                self._engine = JobEngine(self._name, placed, 1, None)
            return self._engine

    async def close(self) -> None:
        """End what it began."""
        if self._engine is not None:
            await self._engine.close()


class _Files:
    """The files of a daemon's jobs, over HTTP."""

    def __init__(self, base: str, state: Path | None) -> None:
        self._base, self._tls = base, trusting(state)

    def put(self, path: Path, digest: str) -> None:
        """Put an input, unless it is there already. Raises EngineError where it is not taken."""
        with suppress(urllib.error.HTTPError), self._opened("HEAD", f"/renders/inputs/{digest}"):
            return
        try:
            with path.open("rb") as file:
                self._opened("PUT", f"/renders/inputs/{digest}", file, path.stat().st_size).close()
        except urllib.error.HTTPError as refused:
            with refused:
                told = refused.read().decode(errors="replace")
            raise EngineError(f"the daemon does not take {path.name}: {told}") from None

    def get(self, path: str, target: Path, digest: str) -> None:
        """Write a sound file to ``target``. Raises EngineError where it is not what it is to be."""
        found = hashlib.sha256()
        with self._opened("GET", path) as answer, target.open("wb") as file:
            while block := answer.read(CHUNK_BYTES):
                found.update(block)
                file.write(block)
        if found.hexdigest() != digest:
            raise EngineError("the sound file did not come whole", hint="ask again: the daemon has it")

    def _opened(self, method: str, path: str, data: Any = None, size: int | None = None) -> Any:
        asked = urllib.request.Request(self._base + path, data, method=method)  # noqa: S310 - http or https, as above
        if size is not None:
            asked.add_header("Content-Length", str(size))
        if (token := shown_token()) is not None:
            asked.add_header("Authorization", f"Bearer {token}")
        return urllib.request.urlopen(asked, context=self._tls)  # noqa: S310 - as above


class RemoteWorkshop:
    """Renders by a daemon, as a :class:`Workshop` does here."""

    def __init__(
        self, daemon: Client, files: _Files, local: _LocalEngine, engine: str, here: Path, *, caches: bool
    ) -> None:
        self._daemon, self._files, self._local = daemon, files, local
        self._engine, self._here, self._caches = engine, here, caches

    async def inputs(self, render: Render) -> tuple[Inputs, list[Input]]:
        """What a piece reads, without rendering it, and what is in that."""
        return await Workshop(await self._local.found(), self._here).inputs(render)

    async def render(self, render: Render, told: Told, seconds: float | None) -> tuple[Result, list[str]]:
        """Render to the files that are asked for: the result, and what Csound printed.

        They are under their names when all are whole. Raises EngineError where one cannot be written, RenderFailed,
        EngineCrashed and Timeout as the daemon tells of them.
        """
        with all_or_none(render) as parts:
            return await self._rendered(render, parts, told, seconds)

    async def _rendered(
        self, render: Render, parts: dict[str, Path], told: Told, seconds: float | None
    ) -> tuple[Result, list[str]]:
        settings = render.settings
        try:
            render.piece.text.encode()
        except UnicodeEncodeError:
            raise EngineError("it is not in UTF-8, as a daemon takes it", hint="render it without --url") from None
        asked = {
            "csd": render.piece.text,
            "name": f"{render.name}.csd",
            "format": settings.format_of(render.output),
            "channels": settings.channels,
            "macros": settings.macros,
            "options": list(render.options),
            "inputs": await self._put(render),
            "engine": None if self._engine == "auto" else self._engine,
            "maxDuration": settings.max_seconds,
            "timeout": seconds,
            "maxMemory": settings.max_memory or None,
            "stems": list(settings.stems),
            "key": secrets.token_hex(16),
            "cache": self._caches,
        }
        return await self._taken("render.submit", asked, parts, told)

    async def bounce(
        self, render: Render, told: Told, start: float, until: float | None, seconds: float | None
    ) -> tuple[Result, list[str]]:
        """Render again what the daemon has played from ``start`` to ``until``, as :meth:`render` does a piece."""
        asked = {
            "name": render.name,
            "format": render.settings.format,
            "start": start,
            "until": until,
            "timeout": seconds,
            "key": secrets.token_hex(16),
        }
        with all_or_none(render) as parts:
            return await self._taken("session.bounce", asked, parts, told)

    async def _taken(
        self, method: str, asked: dict[str, Any], parts: dict[str, Path], told: Told
    ) -> tuple[Result, list[str]]:
        """The job that ``method`` makes, watched to its end, and its files fetched into ``parts``."""
        try:
            # What is not asked for is left out: a daemon of an earlier version may not know of it.
            job = await self._called(method, **{k: v for k, v in asked.items() if v not in (None, [], {})})
            ended = await self._followed(job["job"], told)
            done = _result(ended)
            for file in ended["result"]["files"]:
                part = parts[MIX if file["stem"] is None else file["stem"]]
                await asyncio.to_thread(self._files.get, file["path"], part, file["sha256"])
        except RemoteError as refused:
            raise EngineError(str(refused)) from None
        except urllib.error.URLError as refused:
            raise EngineError(f"the sound file cannot be fetched: {refused}") from None
        return done

    async def _put(self, render: Render) -> dict[str, str]:
        """Put what a piece reads to the daemon: the digests by the names that the piece has for it."""
        if not names_files(render.piece.text):
            return {}
        inputs, found = await self.inputs(render)
        inputs.check()
        engine = (await self._local.found()).engine
        search = SearchPath.of(work_of(render, render.output, engine, self._here))
        digests: dict[str, str] = {}
        for each in found:
            digests |= dict.fromkeys(_asked_names(each, search), each.sha256)
            await asyncio.to_thread(self._files.put, each.path, each.sha256)
        return digests

    async def _followed(self, job: str, told: Told) -> dict[str, Any]:
        """A job that has ended; ``told`` hears how far it is until then. An interrupt cancels it."""
        following = asyncio.create_task(self._follow(job, told))
        try:
            while True:
                ended = await self._called("render.status", job=job, log=True, wait=RENDER_WAIT_SECONDS)
                if ended["ended"] is not None:
                    return ended
        except asyncio.CancelledError:
            with suppress(TimeoutError, RemoteError, ConnectionLost):
                async with asyncio.timeout(RENDER_FAREWELL_SECONDS):
                    await self._daemon.call("render.cancel", job=job)
            raise
        finally:
            following.cancel()

    async def _follow(self, job: str, told: Told) -> None:
        with suppress(RemoteError, ConnectionLost):
            async with self._daemon.subscribe("render", job=job) as frames:
                async for frame in frames.across():
                    if "scoreTime" in frame.data:
                        seconds = frame.data["seconds"]
                        told({"event": "progress", "score_time": frame.data["scoreTime"], "seconds": seconds})

    async def _called(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a call, which is made again where the connection was lost: jobs outlive a daemon."""
        while True:
            try:
                result: dict[str, Any] = (
                    await self._daemon.call(method, deadline=2 * RENDER_WAIT_SECONDS, **params)
                ).result
            except ConnectionLost:
                with suppress(DaemonRestarted):
                    await self._daemon.ready()
            else:
                return result


def _asked_names(found: Input, search: SearchPath) -> list[str]:
    """The names by which a piece may ask for a file that it has opened. Raises EngineError for one by its whole path.

    A file in one of the folders that are searched has one for each of them that it lies in: that of INCDIR may be in
    the piece's own.
    """
    if not os.path.isabs(found.name):  # noqa: PTH117 - a name of Csound's
        return [found.name]
    inside = [found.path.relative_to(each) for _, each in search.folders if found.path.is_relative_to(each)]
    if not inside:
        raise EngineError(f"it reads {found.path} by its whole path, which the daemon does not have")
    return list(dict.fromkeys(name.as_posix() for name in inside))


def _result(job: dict[str, Any]) -> tuple[Result, list[str]]:
    """The result of a job that has ended, and what Csound printed. Raises what it came to."""
    log = job["history"][-1]["log"] if job["history"] else []
    if job["state"] != "done":
        error = job["error"] or {"type": "Cancelled", "message": "it was cancelled", "hint": None}
        match error["type"]:
            case "EngineCrashed":
                raise EngineCrashed(error["message"], hint=error["hint"])
            case "Timeout":
                raise Timeout(error["message"], hint=error["hint"])
            case "EngineUnavailable":
                raise EngineUnavailable(error["message"], hint=error["hint"])
            case _:
                raise RenderFailed(error["message"], error["hint"], log)
    told = job["result"]
    stem_sum = told["stemSum"]
    result = Result(
        frames=told["frames"],
        sr=told["sr"],
        nchnls=told["nchnls"],
        levels=_levels(told["levels"]),
        warnings=tuple(told["warnings"]),
        warning_count=told["warningCount"],
        inputs=tuple(told["inputs"]),
        cut=told["cut"],
        cached=job["cached"],
        stems=tuple(
            Stem(each["stem"], each["kind"] == "instrument", each["nchnls"], _levels(each["levels"]))
            for each in told["files"]
            if each["stem"] is not None
        ),
        stem_sum=stem_sum and StemSum(stem_sum["difference"], stem_sum["seconds"], stem_sum["isMix"]),
    )
    return result, log


def _levels(told: dict[str, Any]) -> Levels:
    return Levels(told["peak"], told["truePeak"], told["rms"], told["loudness"], told["clipped"], told["notNumbers"])
