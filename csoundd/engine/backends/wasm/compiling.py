"""Compiling on the embedded engine."""

from __future__ import annotations

import math
import re
from typing import Final

from csoundd.engine.backends.commandline import checked
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

    def compileCommandLine(self, *args: str) -> int:
        """As the command does it, step by step: given the words, Csound would give up on a file that is not there."""
        given = args if args and not args[0].startswith("-") else ("csound", *args)
        options = [word for argument in given[1:] if argument.startswith("-") for word in checked(argument)]
        pieces = [word for word in given[1:] if not word.startswith("-")]
        if not self._files_there(pieces):
            return FAILED
        self._set(options)
        if any(self._compiled(piece) != 0 for piece in pieces):
            return FAILED
        # What stands on the command line wins over what a piece says of itself.
        self._set(options)
        return self._instance.start()

    def _set(self, options: list[str]) -> None:
        for option in options:
            self._instance.set_option(option)

    def _compiled(self, piece: str) -> int:
        if piece.endswith(".csd"):
            return self.compileCsd(piece)
        text = self._workspace.resolve(piece).read_bytes().decode(errors="replace")
        if piece.endswith(".orc"):
            return self.compileOrc(text)
        with self._instance.machine.lend(text) as score:
            return int(self._instance.c.csoundReadScore(self._instance.cs, score) or 0)

    def _files_there(self, pieces: list[str]) -> bool:
        """Whether the pieces are in the workspace."""
        missing = [piece for piece in pieces if not self._workspace.resolve(piece).is_file()]
        for word in missing:
            self._instance.warn(f"cannot read {word!r}\n")
        return not missing

    def evalCode(self, code: str) -> float:
        before = self._instance.errors
        with self._instance.machine.lend(code) as text:
            value = float(self._instance.c.csoundEvalCode(self._instance.cs, text))
        return value if self._instance.errors == before else math.nan
