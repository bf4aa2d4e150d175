"""Compiling on the system's Csound."""

from __future__ import annotations

from csoundd.engine.backends.commandline import checked
from csoundd.engine.backends.compiling import SharedCompiling
from csoundd.engine.backends.native.instance import NO_SOUND_FILE, Instance
from csoundd.engine.backends.native.mididriver import PORTS
from csoundd.engine.workspace import Workspace


class NativeCompiling(SharedCompiling):
    """Code into the instance, by libcsound."""

    def __init__(self, instance: Instance, workspace: Workspace) -> None:
        super().__init__(instance, workspace)
        self._instance: Instance = instance

    def compileOrc(self, orc: str, block: bool = True) -> int:
        return int(self._instance.wrapper.compileOrc(orc, block))

    def compileOrcAsync(self, orc: str) -> int:
        return int(self._instance.wrapper.compileOrcAsync(orc))

    def _compile_csd(self, text: str, *, block: bool) -> int:
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
