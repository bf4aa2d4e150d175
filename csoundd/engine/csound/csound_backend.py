"""The base of every backend that is a Csound: shared method groups, callbacks, and calls of the performance loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from csoundd.api.declare import MethodGroup
from csoundd.engine.csound.at_once import AtOnce
from csoundd.engine.csound.backend import BackendContext, Outputs, Points, Reading, Sounding
from csoundd.engine.csound.buffers import RingBuffers
from csoundd.engine.csound.callbacks import FileCallbacks, GraphMethods, KeyCallbacks, ValueCallbacks
from csoundd.engine.csound.channels import ChannelProperties, ChannelValues, Pointers, References
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.csound.instance_methods import (
    AudioMethods,
    MessageMethods,
    OpcodeMethods,
    OptionMethods,
    RateMethods,
    TableMethods,
)
from csoundd.engine.csound.instances import Instances
from csoundd.engine.csound.limits import LIMITS, Limits
from csoundd.engine.csound.score import ScoreMethods
from csoundd.messages import Frames


class CsoundBackend:
    """An engine that is a Csound.

    ``_shared`` are the method groups that are the same on all of them; each adds its own.
    """

    limits: Limits = LIMITS

    def __init__(self, instance: CsoundInstance, context: BackendContext) -> None:
        self._instance = instance
        self._pointers = Pointers(instance)
        self._references = References(self._pointers, context.handles)
        self._score = ScoreMethods(instance, AtOnce(instance, self._count_notes, context.max_tables))
        self._tables = TableMethods(instance)
        self._instances: Instances | None = None
        self._shared: tuple[MethodGroup, ...] = (
            OptionMethods(instance),
            RateMethods(instance),
            self._score,
            ChannelValues(instance, self._pointers),
            ChannelProperties(self._pointers, self._references),
            self._tables,
            AudioMethods(instance),
            RingBuffers(context.handles),
            MessageMethods(instance),
            OpcodeMethods(instance),
            GraphMethods(instance, context),
        )
        self._callbacks = (
            ValueCallbacks(instance, context),
            KeyCallbacks(instance, context),
            FileCallbacks(instance, context),
        )
        self.version = instance.version
        # Called for every command and in every turn, so without another frame of Python around it.
        self.has_printed, self.printed = instance.has_printed, instance.printed
        self.kind: Callable[[str], str] = self._pointers.kind

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

    def reading(self, name: str) -> Reading | None:
        return self._pointers.reading(name)

    def silence(self) -> None:
        if self._instance.started:
            self._score.silence()

    def sounding(self) -> list[Sounding] | None:
        return None if self._instances is None else self._instances.sounding()

    def _count_notes(self, most: int) -> int:
        """How many notes sound, 0 where this engine cannot tell."""
        return 0 if self._instances is None else self._instances.count(most)

    def instrument_outputs(self, names: Iterable[str]) -> Outputs | None:
        return None

    def reset(self) -> None:
        self._instance.reset()

    def close(self) -> None:
        self._instance.close()
