"""Events and score time on the system's Csound."""

from __future__ import annotations

import ctypes
from typing import Final

from csoundd.api.values import Array
from csoundd.engine.backends.native.instance import CSOUND_7, Instance
from csoundd.engine.backends.score import HIGHEST_INSTRUMENT, NAME, Events, check_name
from csoundd.errors import WrongState

NO_INSTRUMENT: Final = -1


class NativeScore(Events):
    """Live events, and where the score stands."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def _numbers(self, kind: str, pfields: Array, *, block: bool) -> int:
        csound = self._instance.wrapper
        return int((csound.scoreEvent(kind, pfields) if block else csound.scoreEventAsync(kind, pfields)) or 0)

    def _line(self, message: str, *, block: bool) -> None:
        csound = self._instance.wrapper
        if not self._instance.started and self._instance.version < CSOUND_7:
            csound.readScore(message)
        else:
            csound.eventString(message, block)

    def setEndMarker(self, time: float) -> None:
        self._instance.wrapper.setEndMarker(time)

    def instrNumber(self, name: str) -> int:
        if self._instance.version >= CSOUND_7:
            return int(self._instance.c.csoundGetInstrNumber(self._instance.pointer, name.encode()))
        if not NAME.match(name):
            return NO_INSTRUMENT
        if not self._instance.started:
            raise WrongState("Csound 6 numbers its instruments when it starts", hint="call csound.start first")
        return int(self._instance.wrapper.evalCode(f'return nstrnum("{name}")'))

    def killInstance(self, instr: float | str, mode: int, allowRelease: bool = True) -> None:
        check_name(instr)
        if self._instance.version >= CSOUND_7:
            self._instance.wrapper.killInstance(instr, mode, allowRelease)
        elif self._instance.started:
            self.kill(instr, mode, release=allowRelease)

    def kill(self, instr: float | str, mode: int, *, release: bool) -> int:
        """``csoundKillInstance``, for an instrument by number or name."""
        name = instr.encode() if isinstance(instr, str) else None
        number = ctypes.c_double(0.0 if isinstance(instr, str) else instr)
        return int(self._instance.c.csoundKillInstance(self._instance.pointer, number, name, mode, int(release)))

    def silence(self) -> None:
        """End every sounding note at once."""
        if self._instance.version >= CSOUND_7:
            self._instance.wrapper.compileOrc('turnoff2_i "all", 0, 0')
            return
        for number in range(1, HIGHEST_INSTRUMENT):
            self.kill(float(number), 0, release=False)

    def scoreTime(self) -> float:
        return float(self._instance.score_time())

    def isScorePending(self) -> bool:
        return bool(self._instance.wrapper.isScorePending())

    def setScorePending(self, pending: bool) -> None:
        self._instance.wrapper.setScorePending(pending)

    def scoreOffsetSeconds(self) -> float:
        return float(self._instance.wrapper.scoreOffsetSeconds())

    def setScoreOffsetSeconds(self, time: float) -> None:
        self._instance.wrapper.setScoreOffsetSeconds(time)

    def rewindScore(self) -> None:
        self._instance.wrapper.rewindScore()
