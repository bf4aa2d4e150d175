"""Events and score time on the embedded engine."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from csoundd.api.values import Array
from csoundd.engine.csound.score import HIGHEST_INSTRUMENT, Events, check_name, score_line
from csoundd.engine.csound.wasm.instance import Instance

NUMBERED: Final = {"i": 0, "f": 1, "e": 2}
"""The kinds of event that the API takes as numbers; the others travel as lines."""


class WasmScore(Events):
    """Live events, and where the score stands."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._instance: Instance = instance
        self._c, self._cs = instance.c, instance.cs

    def _numbers(self, kind: str, pfields: Array, *, block: bool) -> int:
        if kind in NUMBERED:
            self._instance.when_started(partial(self._event, NUMBERED[kind], pfields, block=block))
        else:
            line = score_line(kind, list(pfields))
            self._instance.when_started(partial(self._line, line, block=block))
        return 0

    def _event(self, kind: int, pfields: Array, *, block: bool) -> None:
        with self._instance.machine.lend(pfields.tobytes()) as pointer:
            self._c.csoundEvent(self._cs, kind, pointer, len(pfields), int(not block))

    def _line(self, message: str, *, block: bool) -> None:
        with self._instance.machine.lend(message) as text:
            self._c.csoundEventString(self._cs, text, int(not block and self._instance.started))

    def setEndMarker(self, time: float) -> None:
        self._numbers("e", np.array([0.0, time]), block=True)

    def instrNumber(self, name: str) -> int:
        with self._instance.machine.lend(name) as text:
            return int(self._c.csoundGetInstrNumber(self._cs, text))

    def killInstance(self, instr: float | str, mode: int, allowRelease: bool = True) -> None:
        check_name(instr)
        if not self._instance.started:
            return
        number = 0.0 if isinstance(instr, str) else float(instr)
        with self._instance.machine.lend(instr if isinstance(instr, str) else "") as text:
            name = text if isinstance(instr, str) else 0
            self._c.csoundKillInstance(self._cs, number, name, mode, int(allowRelease), 0)

    def silence(self) -> None:
        """End every sounding note at once."""
        kill, csound = self._c.csoundKillInstance, self._cs
        for number in range(1, HIGHEST_INSTRUMENT):
            kill(csound, float(number), 0, 0, 0, 0)

    def scoreTime(self) -> float:
        return float(self._instance.score_time())

    def isScorePending(self) -> bool:
        return bool(self._c.csoundIsScorePending(self._cs))

    def setScorePending(self, pending: bool) -> None:
        self._c.csoundSetScorePending(self._cs, int(pending))

    def scoreOffsetSeconds(self) -> float:
        return float(self._c.csoundGetScoreOffsetSeconds(self._cs))

    def setScoreOffsetSeconds(self, time: float) -> None:
        self._c.csoundSetScoreOffsetSeconds(self._cs, time)

    def rewindScore(self) -> None:
        self._c.csoundRewindScore(self._cs)
