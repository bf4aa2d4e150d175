"""Events and score time on the system's Csound."""

from __future__ import annotations

from typing import Final

from csoundd.api.values import Array
from csoundd.engine.csound.native.instance import Instance
from csoundd.engine.csound.score import NAME, Events, check_name

NO_INSTRUMENT: Final = -1


class NativeScore(Events):
    """Live events, and where the score stands."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._instance: Instance = instance

    def _numbers(self, kind: str, pfields: Array, *, block: bool) -> int:
        return self._instance.c.event(kind, pfields, started=self._instance.started, later=not block)

    def _line(self, message: str, *, block: bool) -> None:
        self._instance.c.event_string(message, started=self._instance.started, later=not block)

    def setEndMarker(self, time: float) -> None:
        self.scoreEvent("e", [0.0, time])

    def instrNumber(self, name: str) -> int:
        if not NAME.match(name):
            return NO_INSTRUMENT
        return self._instance.c.instr_number(name, started=self._instance.started)

    def killInstance(self, instr: float | str, mode: int, allowRelease: bool = True) -> None:
        check_name(instr)
        if self._instance.started:
            self._instance.c.kill(instr, mode, release=allowRelease)

    def silence(self) -> None:
        """End every sounding note at once."""
        self._instance.c.silence()

    def scoreTime(self) -> float:
        return float(self._instance.score_time())

    def isScorePending(self) -> bool:
        return bool(self._instance.c.csoundIsScorePending())

    def setScorePending(self, pending: bool) -> None:
        self._instance.c.csoundSetScorePending(int(pending))

    def scoreOffsetSeconds(self) -> float:
        return float(self._instance.c.csoundGetScoreOffsetSeconds())

    def setScoreOffsetSeconds(self, time: float) -> None:
        self._instance.c.csoundSetScoreOffsetSeconds(time)

    def rewindScore(self) -> None:
        self._instance.c.csoundRewindScore()
