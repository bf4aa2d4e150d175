"""Compiling code into the engine.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final, Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import CompileReport
from csoundd_client.values import Timing

_COMPILE_REPORT: Final = reader(CompileReport)


class OrcCompile(Namespace):
    """Compiling code into the engine."""

    def compile(self, code: str, **timing: Unpack[Timing]) -> Call[CompileReport]:
        """Compile code and merge it, as ``csound.compileOrc`` does, and say what is wrong with it.

        Of code that a library of Csound 6 refuses and the embedded engine accepts, a diagnostic says so.
        """
        return self._request("orc.compile", [code], timing, _COMPILE_REPORT)
