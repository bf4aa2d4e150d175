"""``orc.check``: code compiled in a throw-away engine. The live engine hears nothing of it."""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

from csoundd.api.orc import OrcCheck
from csoundd.api.records import CompileReport, Diagnostic
from csoundd.engine.engine import Engine
from csoundd.engine.scratch.engine import scratch_of
from csoundd.engine.scratch.opinion import SecondOpinion
from csoundd.errors import EngineCrashed
from csoundd.messages import Command, Printed

AT_ONCE: Final = 2
"""How many throw-away engines there may be at a time; further checks wait for them."""


class OrcChecker(OrcCheck):
    """Checks code against what ``live`` has compiled so far, with a second opinion on what it refuses."""

    def __init__(self, live: Engine, opinion: SecondOpinion | None = None) -> None:
        self._live, self._opinion = live, opinion
        self._room = asyncio.Semaphore(AT_ONCE)

    async def check(self, code: str) -> CompileReport:
        """Compile ``code`` for trial. Raises EngineUnavailable where no second engine comes up."""
        command = Command("orc.compile", [code])
        report = await self._report(command)
        sentence = None if report.ok or self._opinion is None else await self._opinion.on(command, report.messages)
        if sentence is not None:
            report.diagnostics.append(Diagnostic(0, 0, sentence, "warning"))
        return report

    async def _report(self, command: Command) -> CompileReport:
        async with self._room, scratch_of(self._live) as scratch:
            printed: list[str] = []
            scratch.on(Printed, lambda event: printed.append(event.text))
            try:
                found = await scratch.request(command)
            except EngineCrashed as crash:
                diagnostic = Diagnostic(0, 0, f"this code crashes Csound's compiler: {crash.message}", "error")
                return CompileReport(ok=False, diagnostics=[diagnostic], messages=printed)
            return _report(cast("dict[str, Any]", found))


def _report(found: dict[str, Any]) -> CompileReport:
    diagnostics = [Diagnostic(**diagnostic) for diagnostic in found["diagnostics"]]
    return CompileReport(found["ok"], diagnostics, found["messages"])
