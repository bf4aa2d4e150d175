"""Compiling on the embedded engine."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from csoundd.engine.csound.compiling import ERROR, FAILED, SharedCompiling
from csoundd.engine.csound.wasm.instance import Instance
from csoundd.engine.csound.wasm.opcodes import lacking_in
from csoundd.engine.csound.wasm.spectra import Spectra
from csoundd.engine.workspace import Workspace
from csoundd.syntax.csd import Csd, SectionKind, parse

TEXT: Final = 1


class WasmCompiling(SharedCompiling):
    """Code into the instance."""

    def __init__(self, instance: Instance, workspace: Workspace, spectra: Spectra) -> None:
        super().__init__(instance, workspace)
        self._instance: Instance = instance
        self._spectra = spectra

    def compileOrc(self, orc: str, block: bool = True) -> int:
        self._spectra.prepare(orc)
        with self._instance.machine.lend(orc) as text:
            return self._explained(orc, int(self._instance.c.csoundCompileOrc(self._instance.cs, text, int(not block))))

    def compileOrcAsync(self, orc: str) -> int:
        return self.compileOrc(orc, block=False)

    def _compile_csd(self, text: str, *, block: bool) -> int:
        csd = parse(text)
        if _lacking(csd):
            # Csound would give up, and the machine with it.
            self._instance.say(f"that is no CSD: {_lacking(csd)}\n", ERROR)
            return FAILED
        self._spectra.prepare(text)
        with self._instance.machine.lend(text) as pointer:
            compile_csd = self._instance.c.csoundCompileCSD
            returned = self._instance.attempt(compile_csd, self._instance.cs, pointer, TEXT, int(not block))
        return self._explained(text, returned)

    def _explained(self, code: str, returned: int) -> int:
        """Say of code that did not compile which of its opcodes only another engine has."""
        lacks = lacking_in(code) if returned else []
        if lacks:
            self._instance.warn(f"{', '.join(lacks)}: not in the embedded engine; the native engine has it\n")
        return returned

    def _read_score(self, text: str) -> None:
        with self._instance.machine.lend(text) as score:
            self._instance.c.csoundReadScore(self._instance.cs, score)

    def _named(self, folder: Path) -> str | None:
        return self._instance.folders.inside(folder)

    def evalCode(self, code: str) -> float:
        before = self._instance.errors
        with self._instance.machine.lend(code) as text:
            value = float(self._instance.c.csoundEvalCode(self._instance.cs, text))
        return value if self._instance.errors == before else math.nan


def _lacking(csd: Csd) -> str:
    """What a CSD lacks that Csound gives up on, empty where it has all."""
    if not csd.is_started:
        return "it has no <CsoundSynthesizer> at the beginning of a line"
    unclosed = next((section.kind for section in csd.sections if not section.is_closed), None)
    if unclosed:
        return f"its <{unclosed}> has no end"
    has_orchestra = any(section.kind is SectionKind.INSTRUMENTS for section in csd.sections)
    return "" if has_orchestra else "it has no <CsInstruments> at the beginning of a line"
