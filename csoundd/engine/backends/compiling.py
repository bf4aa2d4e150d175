"""Compiling, the same on every engine: the text of a CSD before it is compiled, and the header of an orchestra."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from csoundd.api.compiling import Compiling
from csoundd.engine.backends.csd import prepared
from csoundd.engine.backends.instance import CsoundInstance
from csoundd.engine.workspace import Workspace

FAILED: Final = -1


class SharedCompiling(Compiling):
    """Code into the instance: an engine compiles an orchestra, and a CSD that has been put right."""

    def __init__(self, instance: CsoundInstance, workspace: Workspace) -> None:
        self._instance, self._workspace = instance, workspace

    @abstractmethod
    def _compile_csd(self, text: str, *, block: bool) -> int:
        """``csoundCompileCSD`` of a text: its code."""

    def compileOrcHeader(
        self,
        sr: int | None = None,
        nchnls: int = 2,
        nchnls_i: int | None = None,
        zerodbfs: float = 1.0,
        ksmps: int = 64,
        a4: float | None = None,
    ) -> None:
        header = {"sr": sr, "ksmps": ksmps, "nchnls": nchnls, "nchnls_i": nchnls_i, "0dbfs": zerodbfs, "A4": a4}
        self.compileOrc("\n".join(f"{name} = {value}" for name, value in header.items() if value is not None))

    def compileCsd(self, path: str, block: bool = True) -> int:
        try:
            text = self._workspace.resolve(path).read_bytes().decode(errors="replace")
        except OSError as error:
            self._instance.warn(f"cannot read {path!r}: {error.strerror}\n")
            return FAILED
        return self.compileCsdText(text, block)

    def compileCsdText(self, code: str, block: bool = True) -> int:
        text, warnings = prepared(code)
        for warning in warnings:
            self._instance.warn(warning)
        return self._compile_csd(text, block=block)
