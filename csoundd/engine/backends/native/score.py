"""Events and score time on the system's Csound."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from csoundd.api.score import Score
from csoundd.api.values import PFields
from csoundd.engine.backends.native.instance import CSOUND_7, Instance
from csoundd.errors import InvalidParams, WrongState

KINDS: Final = frozenset("ifeaqdbx")
NAME: Final = re.compile(r"[A-Za-z_]\w*\Z")
NO_INSTRUMENT: Final = -1
HIGHEST_INSTRUMENT: Final = 16384
"""How far engine.panic looks for instruments by number; named ones come right after the highest."""


class NativeScore(Score):
    """Live events, and where the score stands."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def event(self, kind: str, pfields: PFields, block: bool = True) -> None:
        self._send(kind, pfields, block=block)

    def scoreEvent(self, kind: str, pfields: PFields) -> int:
        return self._send(kind, pfields, block=True)

    def scoreEventAsync(self, kind: str, pfields: PFields) -> None:
        self._send(kind, pfields, block=False)

    def _send(self, kind: str, pfields: PFields, *, block: bool) -> int:
        if kind not in KINDS:
            raise InvalidParams(f"{kind!r} is no kind of event", hint="i, f, e, a, q, d, b or x")
        if any(isinstance(pfield, str) for pfield in pfields):
            self._line(score_line(kind, list(pfields)), block=block)
            return 0
        csound, numbers = self._instance.wrapper, np.asarray(pfields, np.float64)
        code = csound.scoreEvent(kind, numbers) if block else csound.scoreEventAsync(kind, numbers)
        return int(code or 0)

    def eventString(self, message: str, block: bool = True) -> None:
        self._line(message, block=block)

    def inputMessage(self, message: str) -> None:
        self._line(message, block=True)

    def inputMessageAsync(self, message: str) -> None:
        self._line(message, block=False)

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
        if isinstance(instr, str) and not NAME.match(instr):
            raise InvalidParams(f"{instr!r} is no name of an instrument")
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


def score_line(kind: str, pfields: Sequence[float | str]) -> str:
    """An event as a line of a score, which strings can stand in.

    Raises InvalidParams for a string that no line can hold.
    """
    for pfield in pfields:
        if isinstance(pfield, str) and ('"' in pfield or "\n" in pfield):
            raise InvalidParams("a string in an event has no quotation marks and no line breaks")
    written = (f'"{pfield}"' if isinstance(pfield, str) else repr(float(pfield)) for pfield in pfields)
    return f"{kind} {' '.join(written)}"
