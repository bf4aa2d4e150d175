"""``orc.check``: code compiled in a throw-away engine that knows what the live one was told.

The live engine hears nothing of it. What the code does while it compiles, it does in a folder of its own; it finds
the workspace's files by Csound's search paths.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

from csoundd.api.orc import OrcCheck
from csoundd.api.records import CompileReport, Diagnostic
from csoundd.engine.engine import Engine
from csoundd.engine.supervisor import Supervisor
from csoundd.errors import CsounddError, EngineCrashed
from csoundd.messages import Command, EngineEvent, Printed

AT_ONCE: Final = 2
"""How many throw-away engines there may be at a time; further checks wait for them."""


class OrcChecker(OrcCheck):
    """Checks code against what ``live`` has compiled so far."""

    def __init__(self, live: Engine) -> None:
        self._live = live
        self._room = asyncio.Semaphore(AT_ONCE)

    async def check(self, code: str) -> CompileReport:
        """Compile ``code`` for trial. Raises EngineUnavailable where no second engine comes up."""
        async with self._room, self._scratch() as scratch:
            printed: list[str] = []
            await self._replay(scratch)
            scratch.listen(lambda event: _note(event, printed))
            try:
                found = await scratch.request(Command("orc.compile", [code]))
            except EngineCrashed as crash:
                diagnostic = Diagnostic(0, 0, f"this code crashes Csound's compiler: {crash.message}", "error")
                return CompileReport(ok=False, diagnostics=[diagnostic], messages=printed)
            return _report(cast("dict[str, Any]", found))

    @asynccontextmanager
    async def _scratch(self) -> AsyncIterator[Engine]:
        with TemporaryDirectory(prefix="csoundd-check-", ignore_cleanup_errors=True) as folder:
            options = replace(self._live.options, drive="step", realtime=False, folder=folder)
            async with Supervisor(options) as scratch:
                yield scratch

    async def _replay(self, scratch: Engine) -> None:
        for command in self._live.journal.definitions():
            with suppress(CsounddError):
                await scratch.request(replace(command, session=None, at=None))


def _note(event: EngineEvent, printed: list[str]) -> None:
    if isinstance(event, Printed):
        printed.append(event.text)


def _report(found: dict[str, Any]) -> CompileReport:
    diagnostics = [Diagnostic(**diagnostic) for diagnostic in found["diagnostics"]]
    return CompileReport(found["ok"], diagnostics, found["messages"])
