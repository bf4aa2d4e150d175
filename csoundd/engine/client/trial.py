"""Throw-away engines that know what the live one was told, each in a folder of its own; ``orc.check`` is one use.

What code does in it, it does in that folder; it finds the workspace's files by Csound's search paths.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

from csoundd.api.orchestra import OrcCheck
from csoundd.api.values import CompileReport, Diagnostic
from csoundd.engine.client.engine import Engine
from csoundd.engine.options import EngineName
from csoundd.errors import CsounddError, EngineCrashed, EngineUnavailable
from csoundd.limits import TRIAL_ENGINES
from csoundd.messages import Command, MessagePrinted

START: Final = "csound.start"

Advise = Callable[[Engine, Command, list[str]], Awaitable[str | None]]
"""Says, in a sentence, what there is to say of a command that the engine refused and of what it printed over it."""


@asynccontextmanager
async def trial_engine(
    live: Engine, engine: EngineName | None = None, *, started: bool = True, empty: bool = False, at_home: bool = False
) -> AsyncIterator[Engine]:
    """An engine that has compiled what ``live`` has, of the same kind unless ``engine`` names another.

    If it is not to be ``started``, nothing of the code runs; an ``empty`` one has compiled nothing; one ``at_home``
    runs in the workspace itself. Raises EngineUnavailable where no second engine comes up.
    """
    try:
        made = TemporaryDirectory(prefix="csoundd-check-", ignore_cleanup_errors=True)
    except OSError as problem:
        raise EngineUnavailable(f"there is no room to try it in: {problem.strerror or problem}") from problem
    with made as folder:
        kind = engine or live.options.engine
        place = live.options.folder if at_home else folder
        options = replace(live.options, engine=kind, drive="step", realtime=False, folder=place)
        async with Engine(options) as trial:
            for command in () if empty else live.journal.defined():
                if started or command.method != START:
                    with suppress(CsounddError):
                        await trial.request(replace(command, session=None, at=None))
            yield trial


class OrcChecker(OrcCheck):
    """Checks code against what ``live`` has compiled so far; ``advise`` is asked about what it refuses."""

    def __init__(self, live: Engine, advise: Advise | None = None) -> None:
        self._live, self._advise = live, advise
        self._room = asyncio.Semaphore(TRIAL_ENGINES)

    async def check(self, code: str) -> CompileReport:
        """Compile ``code`` for trial. Raises EngineUnavailable where no second engine comes up."""
        command = Command("orc.compile", [code])
        report = await self._report(command)
        asked = None if report.ok else self._advise
        sentence = None if asked is None else await asked(self._live, command, report.messages)
        if sentence is not None:
            report.diagnostics.append(Diagnostic(0, 0, sentence, "warning"))
        return report

    async def _report(self, command: Command) -> CompileReport:
        async with self._room, trial_engine(self._live) as trial:
            printed: list[str] = []
            trial.on(MessagePrinted, lambda event: printed.append(event.text))
            try:
                found = await trial.request(command)
            except EngineCrashed as crash:
                diagnostic = Diagnostic(0, 0, f"this code crashes Csound's compiler: {crash.message}", "error")
                return CompileReport(ok=False, diagnostics=[diagnostic], messages=printed)
            return _report(cast("dict[str, Any]", found))


def _report(found: dict[str, Any]) -> CompileReport:
    diagnostics = [Diagnostic(**diagnostic) for diagnostic in found["diagnostics"]]
    return CompileReport(found["ok"], diagnostics, found["messages"])
