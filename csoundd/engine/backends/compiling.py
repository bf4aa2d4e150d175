"""Compiling, the same on every engine: the text of a CSD before it is compiled, and the header of an orchestra."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from csoundd.api.compiling import Compiling
from csoundd.engine.backends.commandline import checked
from csoundd.engine.backends.csd import prepared
from csoundd.engine.backends.instance import CsoundInstance
from csoundd.engine.workspace import Workspace
from csoundd.syntax.csd import parse
from csoundd.syntax.faults import orchestra_fault

FAILED: Final = -1


class SharedCompiling(Compiling):
    """Code into the instance: an engine compiles an orchestra, and a CSD that has been put right."""

    def __init__(self, instance: CsoundInstance, workspace: Workspace) -> None:
        self._instance, self._workspace = instance, workspace

    @abstractmethod
    def _compile_csd(self, text: str, *, block: bool) -> int:
        """``csoundCompileCSD`` of a text: its code."""

    @abstractmethod
    def _read_score(self, text: str) -> None:
        """Take the text of a score, before the start."""

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

    def compileCommandLine(self, *args: str) -> int:
        """As the command does it, step by step.

        The embedded Csound would give up on a file that is not there, and native 7.0.0 forgets that the host has MIDI.
        """
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
        self._read_score(text)
        return 0

    def _files_there(self, pieces: list[str]) -> bool:
        """Whether the pieces are in the workspace."""
        missing = [piece for piece in pieces if not self._workspace.resolve(piece).is_file()]
        for word in missing:
            self._instance.warn(f"cannot read {word!r}\n")
        return not missing

    def compileCsdText(self, code: str, block: bool = True) -> int:
        fault = orchestra_fault(parse(code).orchestra)
        if fault is not None:
            self._instance.warn(f"the orchestra is not read: {fault.reason}, line {fault.line} of it\n")
            return FAILED
        text, warnings = prepared(code)
        for warning in warnings:
            self._instance.warn(warning)
        return self._compile_csd(text, block=block)
