"""The method ``session.bounce``: the log of what was played is fetched from the engine, and becomes a job's input."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, cast

from csoundd.api.renders import Bounces, RenderFormat, RenderJob
from csoundd.engine.options import HostOptions
from csoundd.errors import InvalidParams, LimitExceeded, WrongState
from csoundd.limits import PLAYED_PART_BYTES, RENDER_ATTEMPTS, RENDER_NAME_CHARACTERS
from csoundd.messages import Command
from csoundd.render.jobs.lease import JobLease
from csoundd.render.jobs.queue import SESSION_LOG
from csoundd.render.jobs.service import RenderService, safe_name
from csoundd.render.jobs.store import digest_of
from csoundd.render.piece import Piece, Settings
from csoundd.whole_file import write_whole

TOLD: Final = "host.played"
PART: Final = "host.played_part"


class Asked(Protocol):
    """An engine that answers calls."""

    async def request(self, command: Command) -> object:
        """The result of ``command``. Raises what the engine answers if that is an error."""


@dataclass(frozen=True, slots=True)
class PlayedSession:
    """What was played until now: the log, the options of the engine, in JSON, and how far it has come.

    ``whole`` is the cycle until which the log has everything.
    """

    log: bytes
    options: str
    cycle: int
    whole: int
    ksmps: int
    sr: float
    inexact: tuple[str, ...]

    @classmethod
    async def fetched(cls, engine: Asked) -> PlayedSession:
        """What ``engine`` has played. Raises WrongState where that is nothing."""
        told = cast("dict[str, Any]", await engine.request(Command(TOLD, [])))
        if not told["cycle"]:
            raise WrongState("nothing was played since the engine began or was reset", hint="thread.play plays")
        log = bytearray()
        while len(log) < told["bytes"]:
            count = min(PLAYED_PART_BYTES, told["bytes"] - len(log))
            log += cast("bytes", await engine.request(Command(PART, [told["epoch"], len(log), count])))
        return cls(
            bytes(log),
            told["options"],
            told["cycle"],
            told["whole"],
            told["ksmps"],
            told["sr"],
            tuple(told["inexact"]),
        )

    def seconds(self, cycle: int) -> float:
        """The time of a cycle."""
        return cycle * self.ksmps / self.sr


class BounceService(Bounces):
    """Bounces of what ``engine`` plays, as jobs that ``renders`` checks and tells of."""

    def __init__(self, jobs: JobLease, renders: RenderService, engine: Asked) -> None:
        self._jobs, self._renders, self._engine = jobs, renders, engine

    async def bounce(  # noqa: PLR0913, PLR0917 - as declared
        self,
        name: str = "bounce",
        format: RenderFormat = "wav32f",  # noqa: A002 - as declared
        start: float = 0.0,
        until: float | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - of the render, not of this call
        maxMemory: int | None = None,  # noqa: N803 - as declared
        priority: int = 0,
        attempts: int = RENDER_ATTEMPTS,
        key: str | None = None,
        wait: float = 0.0,
    ) -> RenderJob:
        """Render again what was played."""
        self._renders.check(timeout, maxMemory, key)
        played = await PlayedSession.fetched(self._engine)
        end = played.seconds(played.cycle) if until is None else until
        if start >= end:
            raise InvalidParams(f"start: there is nothing from {start:g} s to {end:g} s", parameter="start")
        whole = played.seconds(played.whole)
        if played.whole < played.cycle and end > whole:
            raise LimitExceeded(
                f"the log of what is played was full after {whole:.3f} s",
                hint=f"until={whole:.3f} renders what is in it; csound.reset begins another",
                name="played_log",
            )
        queue = await self._jobs.queue()
        digest = hashlib.sha256(played.log).hexdigest()
        await asyncio.to_thread(_put, queue.inputs, digest, played.log)
        called = name[:RENDER_NAME_CHARACTERS] or "bounce"
        suffix = Settings(format=format).suffix_of(Piece(called, "", Path()))
        session = {
            "options": played.options,
            "cycles": played.cycle,
            "start": start,
            "until": until,
            "inexact": list(played.inexact),
        }
        asked: dict[str, Any] = {
            "folder": "",
            "format": format,
            "channels": {},
            "macros": {},
            "options": [],
            "inputs": {SESSION_LOG: digest},
            "engine": HostOptions.from_json(played.options).engine,
            "max_seconds": end - start,
            "timeout": timeout,
            "max_memory": maxMemory or 0,
            "cache": False,
            "stems": {},
            "session": session,
            "file_name": f"{safe_name(called)}{suffix}",
        }
        # Asked again, under the same key, more has been played meanwhile.
        same = digest_of("", called, {"bounce": [format, start, until]}, priority)
        return await self._renders.keep(called, "", asked, same, priority, attempts, key, wait)


def _put(folder: Path, digest: str, data: bytes) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / digest
    if path.is_file():
        path.touch()
    else:
        write_whole(path, data)
