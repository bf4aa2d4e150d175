"""A throw-away engine that knows what the live one was told, in a folder of its own.

What code does in it, it does in that folder; it finds the workspace's files by Csound's search paths.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Final

from csoundd.engine.engine import Engine
from csoundd.engine.options import EngineName
from csoundd.engine.process.supervisor import Supervisor
from csoundd.errors import CsounddError

START: Final = "csound.start"


@asynccontextmanager
async def scratch_of(live: Engine, engine: EngineName | None = None, *, started: bool = True) -> AsyncIterator[Engine]:
    """An engine that has compiled what ``live`` has, of the same kind unless ``engine`` names another.

    If it is not to be ``started``, nothing of the code runs. Raises EngineUnavailable where no second engine comes up.
    """
    with TemporaryDirectory(prefix="csoundd-check-", ignore_cleanup_errors=True) as folder:
        kind = engine or live.options.engine
        options = replace(live.options, engine=kind, drive="step", realtime=False, folder=folder)
        async with Supervisor(options) as scratch:
            for command in live.journal.defined():
                if started or command.method != START:
                    with suppress(CsounddError):
                        await scratch.request(replace(command, session=None, at=None))
            yield scratch
