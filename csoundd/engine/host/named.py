"""Taps of spectral and array channels: what one holds, whenever that is new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from csoundd.api.arrays import Arrays
from csoundd.api.declare import MethodGroup
from csoundd.api.pvs import Pvs
from csoundd.api.values import Array
from csoundd.engine.csound.backend import Backend
from csoundd.errors import NotFound, Unsupported
from csoundd.messages import Seconds

F = TypeVar("F", bound=MethodGroup)


class NamedTap:
    """One channel by its name. While it is not there, as after a reset, there is ``nothing`` to deliver."""

    kind = ""

    def __init__(self, backend: Backend, name: str, rate: float, nothing: object) -> None:
        self._backend, self._name, self._nothing = backend, name, nothing
        self.period = Seconds(1.0 / rate)
        if backend.kind(name) != self.kind:
            raise NotFound(f"there is no {self.kind} channel named {name!r}", channel=name)

    def read(self, _now: float) -> object:
        """What the channel holds, if that is new."""
        there = self._backend.kind(self._name) == self.kind
        return self.fresh() if there else self._nothing

    def fresh(self) -> object:
        """What the channel, which is there, holds, if that is new."""
        raise NotImplementedError


class PvsTap(NamedTap):
    """A spectral channel: a frame is new when the channel has counted it."""

    kind = "pvs"

    def __init__(self, backend: Backend, name: str, rate: float, nothing: object) -> None:
        self._channels = _served(backend.families, Pvs)
        super().__init__(backend, name, rate, nothing)
        self._count = -1

    def fresh(self) -> object:
        count = self._channels.pvsDataFramecount(self._name)
        if count == self._count:
            return self._nothing
        self._count = count
        return self._channels.pvsData(self._name)


class ArrayTap(NamedTap):
    """An array channel: it is new when it differs from what was delivered last."""

    kind = "array"

    def __init__(self, backend: Backend, name: str, rate: float, nothing: object) -> None:
        self._channels = _served(backend.families, Arrays)
        super().__init__(backend, name, rate, nothing)
        self._last: Array | list[str] | None = None

    def fresh(self) -> object:
        data = self._channels.arrayData(self._name)
        if self._last is not None and np.array_equal(data, self._last):
            return self._nothing
        self._last = data
        return data


def _served(families: Sequence[MethodGroup], wanted: type[F]) -> F:
    """The implementation of ``wanted``. Raises Unsupported where this engine has none."""
    for family in families:
        if isinstance(family, wanted):
            return family
    raise Unsupported(f"this engine has no {wanted.__name__.lower()} channels", hint="Csound 7 has them")
