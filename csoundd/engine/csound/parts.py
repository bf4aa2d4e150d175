"""What a backend hands on from its parts, the same on every engine: rates, buffers, channels, tables."""

from __future__ import annotations

from csoundd.engine.csound.backend import Points, Reading
from csoundd.engine.csound.channels import Pointers
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.csound.limits import LIMITS, Limits
from csoundd.engine.csound.score import ScoreMethods
from csoundd.engine.csound.tables import TableMethods
from csoundd.messages import Frames


class CsoundParts:
    """The calls of the performance loop that go to one part of an engine."""

    limits: Limits = LIMITS

    def __init__(self, instance: CsoundInstance, pointers: Pointers, score: ScoreMethods, tables: TableMethods) -> None:
        self._instance, self._pointers, self._score, self._tables = instance, pointers, score, tables
        self.version = instance.version
        # Called for every command and in every turn, so without another frame of Python around it.
        self.printed = instance.printed

    @property
    def sr(self) -> float:
        return self._instance.sr

    @property
    def ksmps(self) -> int:
        return self._instance.ksmps

    @property
    def nchnls(self) -> int:
        return self._instance.nchnls

    @property
    def zerodbfs(self) -> float:
        return self._instance.zerodbfs

    @property
    def started(self) -> bool:
        return self._instance.started

    def start(self) -> int:
        return self._instance.start()

    def spout(self) -> Points:
        return self._instance.spout()

    def spin(self) -> Points:
        return self._instance.spin()

    def table(self, number: int) -> Points | None:
        return self._tables.view(number)

    def samples(self) -> Frames:
        return self._instance.samples()

    def names(self) -> list[str]:
        return [channel.name for channel in self._pointers.listed()]

    def kind(self, name: str) -> str:
        return self._pointers.kind(name)

    def reading(self, name: str) -> Reading | None:
        return self._pointers.reading(name)

    def silence(self) -> None:
        if self._instance.started:
            self._score.silence()

    def reset(self) -> None:
        self._instance.reset()

    def close(self) -> None:
        self._instance.close()
