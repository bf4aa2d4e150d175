"""The jobs at work: so many at a time, the highest priority first, and told of while they run.

Everything that counts is in the store, before it is told: what is here is only what runs now.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar

from csoundd.api.renders import AttemptState, RenderFailure, RenderProgress
from csoundd.engine.options import Confine
from csoundd.engine.workspace import Workspace
from csoundd.errors import CsounddError, EngineCrashed, LimitExceeded, NotFound
from csoundd.limits import (
    RENDER_CACHE_BYTES,
    RENDER_COUNT_SECONDS,
    RENDER_INPUT_SECONDS,
    RENDER_NICENESS,
    RENDER_STORE_SECONDS,
    RENDER_SWEEP_SECONDS,
    RENDER_TOLD_LINES,
)
from csoundd.messages import RenderTold
from csoundd.render.jobs.engines import Engines
from csoundd.render.jobs.store import FILES, Row, Store, Submission, Taken
from csoundd.render.jobs.store_thread import StoreThread
from csoundd.render.piece import Piece, Render, Settings
from csoundd.render.pool import RenderFailed
from csoundd.render.work import MIX, UNLIKE, Played, Result
from csoundd.render.workshop import Confinement, Workshop

log = logging.getLogger("csoundd.renders")
T = TypeVar("T")

INPUTS: Final = "inputs"
"""The folder with what was put to be read by jobs, each under the SHA-256 of its bytes."""

WORK: Final = "work"
"""The folder with one for each job that runs and has inputs: they lie there under the names that it knows."""

SESSION_LOG: Final = "session.played"
"""The input of a job that plays a live session again: the log of it."""

CACHE: Final = "cache"
"""The folder with what was rendered before. It is the daemon's own: the renders in it were confined as its are."""

READ_BYTES: Final = 1 << 20
EXPIRED_EVERY: Final = 50
"""How many jobs end between two looks for old ones, beside those that the clock asks for."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for the jobs of a daemon: how many at a time, on which engine, and what is kept."""

    engine: str
    at_once: int
    max_memory: int
    """Bytes of one render, unless it asks for less."""

    most_waiting: int
    kept: int
    kept_bytes: int
    kept_seconds: float
    seconds: float
    """After which a render is given up."""

    confine: Confine
    cache_bytes: int = RENDER_CACHE_BYTES
    """Of what was rendered before, 0 for none."""

    samples: tuple[str, ...] = ()


class JobQueue:
    """The jobs of one daemon, kept by ``store`` in ``folder``, of pieces in ``workspace``."""

    def __init__(self, store: StoreThread, folder: Path, workspace: Workspace, rules: Rules) -> None:
        self._store, self._folder, self._workspace, self._rules = store, folder, workspace, rules
        self._engines = Engines(rules.at_once, folder / CACHE, rules.cache_bytes)
        self._slots = asyncio.Semaphore(rules.at_once)
        self._wanted = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._cancelled: set[str] = set()
        self._progress: dict[str, RenderProgress] = {}
        self._waiters: dict[str, set[asyncio.Future[None]]] = {}
        self._listeners: list[Callable[[RenderTold], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._ended = 0
        self._changed = asyncio.Event()
        self.counts: dict[str, int] = {}
        """How many jobs there are in each state, and their ``bytes``, as of a second ago."""

    async def start(self) -> None:
        """Go on where another daemon was ended."""
        left = await self._store.do(Store.recover)
        if left:
            log.warning("%d renders were running when the daemon before this one died: they begin anew", len(left))
        await asyncio.to_thread(self._clear_up, await self._store.do(_kept_jobs))
        for work in (self._dispatch(), self._sweep(), self._count()):
            self._tasks.append(asyncio.create_task(work))

    async def close(self) -> None:
        """End what runs, which is begun anew by the next daemon, and leave the store to others."""
        running = [*self._tasks, *self._running.values()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
        await self._engines.close()
        with suppress(CsounddError):
            await self._store.do(_interrupt)
        await self._store.close()

    # What clients ask for.

    async def submit(self, asked: Submission) -> Row:
        """Keep a job and have it done in its turn; the one that there is already under its key.

        Raises InvalidParams for a key that belongs to something else, LimitExceeded where too many wait.
        """
        row, is_new = await self._store.do(lambda store: store.submit(asked, self._rules.most_waiting))
        if is_new:
            self._tell(row)
            self._wanted.set()
        return row

    async def ended(self, job: str, seconds: float) -> None:
        """Wait until a job has ended, or for so long. Raises NotFound."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiters.setdefault(job, set())
        waiting.add(waiter)
        try:
            if not (await self._store.do(lambda store: store.row(job))).has_ended:
                await asyncio.wait((waiter,), timeout=seconds)
        finally:
            waiting.discard(waiter)
            if not waiting and self._waiters.get(job) is waiting:
                del self._waiters[job]

    async def cancel(self, job: str) -> Row:
        """End a job that waits or runs. Raises NotFound."""
        before = await self._store.do(lambda store: store.row(job))
        row = await self._store.do(lambda store: store.cancel(job))
        if row.state == "cancelled" and before.state != "cancelled":
            self._over(row)
        while row.state == "running":
            # It may have been taken a moment ago, and not have begun: then it is ended when it does.
            task = self._running.get(job)
            if job not in self._cancelled:
                self._cancelled.add(job)
                if task is not None:
                    task.cancel()
            await asyncio.wait((task,)) if task is not None else await asyncio.sleep(0)
            row = await self._store.do(lambda store: store.row(job))
        return row

    async def retry(self, job: str) -> Row:
        """Have a job done anew. Raises NotFound, WrongState."""
        row = await self._store.do(lambda store: store.retry(job))
        self._tell(row)
        self._wanted.set()
        return row

    async def remove(self, job: str) -> None:
        """Forget a job, and delete its files. Raises NotFound, WrongState."""
        await self._store.do(lambda store: store.remove(job))
        self._changed.set()
        await asyncio.to_thread(self._delete, [job])

    async def look(self, step: Callable[[Store], T]) -> T:
        """The result of a look into the store."""
        return await self._store.do(step)

    def progress(self, job: str) -> RenderProgress | None:
        """How far a job is, None where it does not run."""
        return self._progress.get(job)

    def files_of(self, row: Row) -> list[Path]:
        """The sound files of a job that is done, the mix first; none of any other."""
        if row.state != "done" or row.result is None:
            return []
        return [self._place(row.job) / each["file"] for each in row.result["files"]]

    @property
    def inputs(self) -> Path:
        """The folder of what was put for jobs to read."""
        return self._folder / INPUTS

    # What is told of them.

    def on_told(self, listener: Callable[[RenderTold], None]) -> None:
        """Call ``listener`` with what becomes of jobs from now on, and how far they are."""
        self._listeners.append(listener)

    async def told(self, job: str | None) -> Sequence[RenderTold]:
        """How a job is, or all that run. Raises NotFound."""
        if job is None:
            rows = await self._store.do(Store.running)
        else:
            rows = [await self._store.do(lambda store: store.row(job))]
        return [self._told_of(row) for row in rows]

    def _told_of(self, row: Row, printed: list[str] | None = None) -> RenderTold:
        data: dict[str, object] = {"job": row.job, "state": row.state, "name": row.name, "attempt": row.attempts}
        progress = self._progress.get(row.job)
        if progress is not None:
            data |= _plain(progress)
        if row.state == "done":
            data["cached"] = row.cached
        if row.error is not None:
            data["error"] = row.error
        if printed and row.state == "failed":
            data["log"] = printed[-RENDER_TOLD_LINES:]
        return RenderTold(row.job, row.state, data)

    def _tell(self, row: Row, printed: list[str] | None = None) -> None:
        self._issue(self._told_of(row, printed))

    def _issue(self, told: RenderTold) -> None:
        if not told.is_progress:
            self._changed.set()
        for listener in self._listeners:
            listener(told)

    def _over(self, row: Row, printed: list[str] | None = None) -> None:
        """Tell that a job has ended, or waits again."""
        self._tell(row, printed)
        if row.has_ended:
            for waiter in self._waiters.pop(row.job, ()):
                if not waiter.done():
                    waiter.set_result(None)
            self._ended += 1
            if self._ended % EXPIRED_EVERY == 0:
                self._tasks[:] = [task for task in self._tasks if not task.done()]
                self._tasks.append(asyncio.create_task(self._expire()))
        else:
            self._wanted.set()

    # The work.

    async def _dispatch(self) -> None:
        while True:
            await self._slots.acquire()
            while True:
                self._wanted.clear()
                try:
                    taken = await self._store.do(Store.take)
                except CsounddError as problem:
                    log.warning("no render can be begun: %s", problem.message)
                    await asyncio.sleep(RENDER_STORE_SECONDS)
                    continue
                if taken is not None:
                    break
                await self._wanted.wait()
            self._begin(taken)

    def _begin(self, taken: Taken) -> None:
        job = taken.row.job
        task = self._running[job] = asyncio.create_task(self._run(taken))

        def over(task: asyncio.Task[None]) -> None:
            self._running.pop(job, None)
            self._progress.pop(job, None)
            self._cancelled.discard(job)
            self._slots.release()
            if not task.cancelled() and (fault := task.exception()) is not None:
                log.error("a fault in csoundd itself", exc_info=fault)

        task.add_done_callback(over)
        if job in self._cancelled:
            task.cancel()

    async def _run(self, taken: Taken) -> None:
        """Render a job, and keep what came of it, whatever that is."""
        job, printed = taken.row.job, list[str]()
        try:
            self._progress[job] = RenderProgress(0.0, 0.0, 0.0)
            self._tell(taken.row)
            result, printed = await self._rendered(taken)
            printed = self._scrubbed(job, printed)
            files = await asyncio.to_thread(_settled, self._place(job), _file_names(taken))
            values = asdict(result) | {"files": files, "inputs": [self._shown(each) for each in result.inputs]}
            size = sum(each["size"] for each in files)
            row = await self._keep(lambda store: store.done(job, values, printed, size=size, cached=result.cached))
        except asyncio.CancelledError:
            if job not in self._cancelled:
                # The daemon ends: it is begun anew by the next one.
                raise
            row = await self._failed(job, "cancelled", RenderFailure("Cancelled", "it was cancelled"), printed)
        except Exception as failure:  # noqa: BLE001 - whatever it is, this job has failed, and the others go on
            state, error = _failure(failure)
            if isinstance(failure, RenderFailed):
                printed = self._scrubbed(job, failure.log)
            row = await self._failed(job, state, self._said(job, error), printed)
        self._progress.pop(job, None)
        self._over(row, printed)

    async def _failed(self, job: str, state: AttemptState, error: RenderFailure, printed: list[str]) -> Row:
        """Keep that an attempt came to nothing, and delete what there is of it."""
        row = await self._keep(lambda store: store.not_done(job, state, error, printed))
        if row.state != "done":
            await asyncio.to_thread(self._delete, [job])
        return row

    async def _keep(self, step: Callable[[Store], T]) -> T:
        """Have the store keep something; as long as the disk is full, try again."""
        is_told = False
        while True:
            try:
                return await self._store.do(step)
            except LimitExceeded as full:
                if not is_told:
                    log.warning("what became of a render cannot be written: %s", full.message)
                is_told = True
                await asyncio.sleep(RENDER_STORE_SECONDS)

    async def _rendered(self, taken: Taken) -> tuple[Result, list[str]]:
        asked, job = taken.asked, taken.row.job
        place = self._place(job)
        await asyncio.to_thread(_emptied, place)
        session: dict[str, Any] | None = asked.get("session")
        if asked["inputs"]:
            folder = await asyncio.to_thread(self._laid_out, job, asked["inputs"])
            reach = here = folder
        else:
            reach = here = self._workspace.folder
            folder = self._workspace.resolve(asked["folder"])
        settings = Settings(
            asked["channels"],
            asked["macros"],
            tuple(asked["options"]),
            asked["format"],
            asked["max_seconds"],
            min(asked["max_memory"] or self._rules.max_memory, self._rules.max_memory),
            tuple(asked["stems"]),
        )
        files = {name: place / file for name, file in _file_names(taken).items()}
        render = Render(Piece(taken.row.name, taken.text, folder), files.pop(MIX), settings, stems=files)
        seconds = min(asked["timeout"] or self._rules.seconds, self._rules.seconds)
        begun = monotonic()
        length: asyncio.Task[float | None] | None = None

        def told(event: dict[str, Any]) -> None:
            nonlocal length
            if event["event"] == "progress":
                # Of what is over before it tells how far it is nobody asks what is left.
                length = length or asyncio.create_task(asyncio.to_thread(lambda: render.seconds))
                known = length.result() if length.done() else None
                self._follow(taken.row, event, monotonic() - begun, known)

        confinement = Confinement(self._rules.confine, str(reach), self._rules.samples, RENDER_NICENESS)

        try:
            engine = await self._engines.of(asked["engine"] or self._rules.engine)
            workshop = Workshop(engine, here, engine.cache if asked["cache"] else None, confinement)
            if session is not None:
                inexact = [f"warning: {UNLIKE} {each}" for each in session["inexact"]]
                played = Played(
                    str(folder / SESSION_LOG), session["options"], session["cycles"], session["start"], session["until"]
                )
                result, printed = await workshop.bounce(render, played, told, seconds)
                warnings = (*inexact, *result.warnings)
                return replace(result, warnings=warnings, warning_count=result.warning_count + len(inexact)), printed
            return await workshop.render(render, told, seconds)
        finally:
            if length is not None:
                length.cancel()
            if asked["inputs"]:
                await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))

    def _follow(self, row: Row, event: dict[str, Any], took: float, length: float | None) -> None:
        seconds = float(event["seconds"])
        speed = seconds / max(took, 1e-6)
        eta = None if length is None or not speed else round(max(0.0, length - seconds) / speed, 2)
        self._progress[row.job] = RenderProgress(float(event["score_time"]), seconds, round(speed, 2), eta)
        if self._listeners:
            data = {"job": row.job, "state": "running", **_plain(self._progress[row.job])}
            self._issue(RenderTold(row.job, "running", data, is_progress=True))

    # Files.

    def _place(self, job: str) -> Path:
        """The folder of a job."""
        return self._folder / FILES / job

    def _laid_out(self, job: str, inputs: dict[str, str]) -> Path:
        """A folder with the inputs of a job under their names. They are copies: a piece may write to what it reads."""
        folder = self._folder / WORK / job
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        inside = Workspace(folder)
        for name, digest in inputs.items():
            path = inside.resolve(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copyfile(self.inputs / digest, path)
            except FileNotFoundError:
                raise NotFound(f"the input {name} is not there any more", hint="put it again") from None
        return folder

    def _delete(self, jobs: Sequence[str]) -> None:
        for job in jobs:
            shutil.rmtree(self._place(job), ignore_errors=True)

    def _clear_up(self, known: set[str]) -> None:
        """Delete what belongs to no job, and what was being worked on."""
        shutil.rmtree(self._folder / WORK, ignore_errors=True)
        with suppress(FileNotFoundError):
            for folder in (self._folder / FILES).iterdir():
                if folder.name not in known:
                    shutil.rmtree(folder, ignore_errors=True)

    async def _sweep(self) -> None:
        while True:
            await self._expire()
            await self._engines.close_idle()
            await asyncio.sleep(RENDER_SWEEP_SECONDS)

    async def _count(self) -> None:
        while True:
            self._changed.clear()
            with suppress(CsounddError):
                self.counts = await self._store.do(Store.counts)
            await asyncio.sleep(RENDER_COUNT_SECONDS)
            await self._changed.wait()

    async def _expire(self) -> None:
        rules, before = self._rules, time.time() - self._rules.kept_seconds
        try:
            old = await self._store.do(lambda store: store.expire(before, rules.kept, rules.kept_bytes))
            wanted = await self._store.do(Store.inputs)
        except CsounddError as problem:
            log.warning("old renders stay: %s", problem.message)
            return
        self._changed.set()
        await asyncio.to_thread(self._delete, old)
        await asyncio.to_thread(_forget_inputs, self.inputs, wanted)

    # What is told of paths: clients know the workspace, and their own files by name.

    def _shown(self, path: str) -> str:
        return self._workspace.name(path) or Path(path).name

    def _scrub(self, job: str, text: str) -> str:
        for folder in (self._place(job), self._folder / WORK / job, self._workspace.folder):
            text = text.replace(f"{folder}{os.sep}", "")
        return text

    def _said(self, job: str, error: RenderFailure) -> RenderFailure:
        hint = None if error.hint is None else self._scrub(job, error.hint)
        return RenderFailure(error.type, self._scrub(job, error.message), hint)

    def _scrubbed(self, job: str, printed: list[str]) -> list[str]:
        return [self._scrub(job, line) for line in printed]


def _failure(failure: Exception) -> tuple[AttemptState, RenderFailure]:
    """How an attempt ended, and why."""
    if isinstance(failure, CsounddError):
        state: AttemptState = "crashed" if isinstance(failure, EngineCrashed) else "failed"
        kind = "EngineError" if isinstance(failure, RenderFailed) else type(failure).__name__
        return state, RenderFailure(kind, failure.message, failure.hint)
    if isinstance(failure, OSError):
        return "failed", RenderFailure("EngineError", (failure.strerror or str(failure)).lower())
    log.error("a fault in csoundd itself", exc_info=failure)
    return "failed", RenderFailure("InternalError", "a fault in csoundd itself", "the server's log says more")


def _kept_jobs(store: Store) -> set[str]:
    """The jobs that have, or may have, a folder of their own."""
    return store.known(each.name for each in (store.folder / FILES).iterdir())


def _interrupt(store: Store) -> None:
    """Have those wait again that run, as the daemon ends."""
    told = RenderFailure("Cancelled", "the daemon ended while it was rendered")
    for row in store.running():
        store.not_done(row.job, "interrupted", told, [])


def _file_names(taken: Taken) -> dict[str, str]:
    """The names of the files of a job: of the mix, and of the stems."""
    return {MIX: taken.asked["file_name"], **taken.asked["stems"]}


def _plain(progress: RenderProgress) -> dict[str, object]:
    return {name: value for name, value in asdict(progress).items() if value is not None}


def _emptied(place: Path) -> None:
    """Make ``place`` an empty folder: what an attempt left there that was cut off is nothing."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, mode=0o700)


def _settled(place: Path, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The size and the SHA-256 of each file in ``place``: all are on the disk then, under their names."""
    found = []
    for name, file_name in names.items():
        digest, size = hashlib.sha256(), 0
        with (place / file_name).open("rb") as file:
            while block := file.read(READ_BYTES):
                digest.update(block)
                size += len(block)
            os.fsync(file.fileno())
        found.append({"name": name, "file": file_name, "size": size, "sha256": digest.hexdigest()})
    folder = os.open(place, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return found


def _forget_inputs(folder: Path, wanted: set[str]) -> None:
    """Delete inputs that no job asks for, once they have waited long enough for one that does."""
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            with suppress(OSError):
                if path.name not in wanted and time.time() - path.stat().st_mtime > RENDER_INPUT_SECONDS:
                    path.unlink()
