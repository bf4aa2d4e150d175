"""Compiling on the embedded engine."""

from __future__ import annotations

import math
import re
from typing import Final

from csoundd.engine.backends.compiling import FAILED, SharedCompiling
from csoundd.engine.backends.wasm.instance import Instance
from csoundd.engine.backends.wasm.opcodes import lacking_in
from csoundd.engine.backends.wasm.spectra import Spectra
from csoundd.engine.workspace import Workspace

TEXT: Final = 1
ERROR: Final = 0x1000
SECTIONS: Final = re.compile(
    r"<CsoundSynthesi[sz]er>.*?<CsInstruments>.*?</CsInstruments>.*?</CsoundSynthesi[sz]er>", re.DOTALL
)
"""Without them Csound gives up, and the machine with it."""


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
        if not SECTIONS.search(text):
            self._instance.warn(
                "that is no CSD: it has no <CsInstruments> in a <CsoundSynthesizer>, each with its end\n"
            )
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

    def evalCode(self, code: str) -> float:
        before = self._instance.errors
        with self._instance.machine.lend(code) as text:
            value = float(self._instance.c.csoundEvalCode(self._instance.cs, text))
        return value if self._instance.errors == before else math.nan
