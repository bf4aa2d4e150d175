"""Compiling on a native Csound."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from csoundd.engine.csound.compiling import SharedCompiling
from csoundd.engine.csound.native.instance import Instance

ERROR: Final = 0x1000
"""The attribute of errors, which Csound 7 gives to most of what it prints."""


class NativeCompiling(SharedCompiling):
    """Code into the instance."""

    _instance: Instance

    def _compile_csd(self, text: str, *, block: bool) -> int:
        self._before(text)
        return self._instance.c.compile_csd(text, later=not block)

    def _read_score(self, text: str) -> None:
        self._instance.c.event_string(text, started=False)

    def _named(self, folder: Path) -> str | None:
        return str(folder)

    def evalCode(self, code: str) -> float:
        self._instance.keep_printed()
        value = float(self._instance.c.csoundEvalCode(code))
        # Csound 7.0.0 returns 0 for code that does not compile, where the API promises not-a-number:
        # docs/upstream-faults.md#csound7-eval-code.
        return math.nan if value == 0.0 and self._failed() else value

    def _failed(self) -> bool:
        """Whether what was printed since the last look tells of an error."""
        return any(attr & ERROR and "error" in text.casefold() for text, attr in self._instance.keep_printed())
