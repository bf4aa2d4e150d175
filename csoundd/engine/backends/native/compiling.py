"""Compiling on the system's Csound."""

from __future__ import annotations

from csoundd.api.compiling import Compiling
from csoundd.engine.backends.commandline import checked
from csoundd.engine.backends.csd import prepared
from csoundd.engine.backends.native.instance import NO_SOUND_FILE, Instance
from csoundd.engine.backends.native.mididriver import PORTS
from csoundd.engine.workspace import Workspace

FAILED = -1


class NativeCompiling(Compiling):
    """Code into the instance, by libcsound."""

    def __init__(self, instance: Instance, workspace: Workspace) -> None:
        self._instance, self._csound, self._workspace = instance, instance.wrapper, workspace

    def compileOrc(self, orc: str, block: bool = True) -> int:
        return int(self._instance.wrapper.compileOrc(orc, block))

    def compileOrcAsync(self, orc: str) -> int:
        return int(self._instance.wrapper.compileOrcAsync(orc))

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
        return int(self._instance.wrapper.compileCsdText(text, block))

    def compileCommandLine(self, *args: str) -> int:
        for argument in args:
            checked(argument)
        given = args if args and not args[0].startswith("-") else ("csound", *args)
        own = (NO_SOUND_FILE,) if self._instance.host_audio else ()
        self._instance.about_to_start()
        midi = PORTS if self._instance.host_midi else ()
        code = int(self._instance.wrapper.compileCommandLine(*given, *own, *midi))
        self._instance.started = code == 0
        return code

    def evalCode(self, code: str) -> float:
        return float(self._instance.wrapper.evalCode(code))
