"""Compiling on the embedded engine."""

from __future__ import annotations

import math
from pathlib import Path

from csoundd.engine.csound.compiling import ERROR, FAILED, SharedCompiling
from csoundd.engine.csound.csound7 import CSD_IS_TEXT
from csoundd.engine.csound.wasm.instance import Instance
from csoundd.engine.csound.wasm.opcodes import lacking_in
from csoundd.syntax.csd import Csd, SectionKind, parse


class WasmCompiling(SharedCompiling):
    """Code into the instance."""

    _instance: Instance

    def _compile_csd(self, text: str, *, block: bool) -> int:
        csd = parse(text)
        if _lacking(csd):
            # Csound would give up, and the machine with it.
            self._instance.say(f"that is no CSD: {_lacking(csd)}\n", ERROR)
            return FAILED
        self._before(text)
        compile_csd = self._instance.c.csoundCompileCSD
        return self._explained(text, self._instance.attempt(compile_csd, text, CSD_IS_TEXT, int(not block)))

    def _explained(self, code: str, returned: int) -> int:
        """Say of code that did not compile which of its opcodes only another engine has."""
        lacks = lacking_in(code) if returned else []
        if lacks:
            self._instance.warn(f"{', '.join(lacks)}: not in the embedded engine; the native engine has it\n")
        return returned

    def _read_score(self, text: str) -> None:
        self._instance.c.csoundReadScore(text)

    def _named(self, folder: Path) -> str | None:
        return self._instance.folders.inside(folder)

    def evalCode(self, code: str) -> float:
        before = self._instance.errors
        value = float(self._instance.c.csoundEvalCode(code))
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
