"""Events and score time on the embedded engine."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from csoundd.api.score import Score
from csoundd.api.values import PFields
from csoundd.engine.backends.native.score import HIGHEST_INSTRUMENT, KINDS, score_line
from csoundd.engine.backends.wasm.instance import Instance
from csoundd.errors import InvalidParams

NAME: Final = re.compile(r"[A-Za-z_]\w*\Z")
NUMBERED: Final = {"i": 0, "f": 1, "e": 2}
"""The kinds of event that the API takes as numbers; the others travel as lines."""

END: Final = 2


class WasmScore(Score):
    """Live events, and where the score stands."""

    def __init__(self, instance: Instance) -> None:
        self._instance, self._c, self._cs = instance, instance.c, instance.cs

    def event(self, kind: str, pfields: PFields, block: bool = True) -> None:
        self._send(kind, pfields, block=block)

    def scoreEvent(self, kind: str, pfields: PFields) -> int:
        return self._send(kind, pfields, block=True)

    def scoreEventAsync(self, kind: str, pfields: PFields) -> None:
        self._send(kind, pfields, block=False)

    def _send(self, kind: str, pfields: PFields, *, block: bool) -> int:
        if kind not in KINDS:
            raise InvalidParams(f"{kind!r} is no kind of event", hint="i, f, e, a, q, d, b or x")
        if kind not in NUMBERED or any(isinstance(pfield, str) for pfield in pfields):
            self._line(score_line(kind, list(pfields)), block=block)
        else:
            self._numbers(NUMBERED[kind], np.asarray(pfields, "<f8"), block=block)
        return 0

    def _numbers(self, kind: int, pfields: np.ndarray[tuple[int], np.dtype[np.float64]], *, block: bool) -> None:
        def send() -> None:
            with self._instance.machine.lend(pfields.tobytes()) as pointer:
                self._c.csoundEvent(self._cs, kind, pointer, len(pfields), int(not block))

        self._instance.when_started(send)

    def eventString(self, message: str, block: bool = True) -> None:
        self._line(message, block=block)

    def inputMessage(self, message: str) -> None:
        self._line(message, block=True)

    def inputMessageAsync(self, message: str) -> None:
        self._line(message, block=False)

    def _line(self, message: str, *, block: bool) -> None:
        def send() -> None:
            with self._instance.machine.lend(message) as text:
                self._c.csoundEventString(self._cs, text, int(not block))

        self._instance.when_started(send)

    def setEndMarker(self, time: float) -> None:
        self._numbers(END, np.array([0.0, time]), block=True)

    def instrNumber(self, name: str) -> int:
        with self._instance.machine.lend(name) as text:
            return int(self._c.csoundGetInstrNumber(self._cs, text))

    def killInstance(self, instr: float | str, mode: int, allowRelease: bool = True) -> None:
        if isinstance(instr, str) and not NAME.match(instr):
            raise InvalidParams(f"{instr!r} is no name of an instrument")
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
