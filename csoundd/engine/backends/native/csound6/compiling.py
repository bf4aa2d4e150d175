"""Compiling on Csound 6, which takes no option any more once a piece is compiled."""

from __future__ import annotations

from csoundd.engine.backends.commandline import checked
from csoundd.engine.backends.native.compiling import NativeCompiling
from csoundd.engine.backends.native.instance import NO_SOUND_FILE
from csoundd.engine.backends.native.mididriver import PORTS


class Csound6Compiling(NativeCompiling):
    """Code into the instance. A command line goes to Csound as a whole, with what the drive needs at its end."""

    def compileCommandLine(self, *args: str) -> int:
        for argument in args:
            checked(argument)
        given = args if args and not args[0].startswith("-") else ("csound", *args)
        own = (NO_SOUND_FILE,) if self._instance.host_audio else ()
        self._instance.about_to_start()
        midi = PORTS if self._instance.host_midi else ()
        code = self._instance.c.compile(*given, *own, *midi)
        self._instance.started = code == 0
        return code
