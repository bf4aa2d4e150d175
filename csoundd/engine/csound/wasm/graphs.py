"""Graphs on the embedded engine: what displays draw, told with a copy of the data."""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np

from csoundd.api.values import Array
from csoundd.engine.csound.graphs import Graph, SharedGraphs
from csoundd.engine.csound.surroundings import Surroundings
from csoundd.engine.csound.wasm.instance import Instance

WINDOW: Final = struct.Struct("<IIi60shh4x4d")
"""Number, address of the data, how many, caption, wait flag, polarity; greatest, least, largest now and ever."""


class WasmGraphs(SharedGraphs):
    """Has Csound draw by callbacks."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        super().__init__(instance, surroundings)
        self._instance = instance
        instance.call_back("csoundSetMakeGraphCallback", self._make, "iii")
        instance.call_back("csoundSetDrawGraphCallback", self._draw, "ii")
        instance.call_back("csoundSetKillGraphCallback", self._kill, "ii")
        instance.call_back("csoundSetExitGraphCallback", self._exit, "i", "i")
        instance.prepare_with(lambda: self.setIsGraphable(isGraphable=True))

    def setIsGraphable(self, isGraphable: bool) -> bool:
        return bool(self._instance.c.csoundSetIsGraphable(self._instance.cs, int(isGraphable)))

    def _number(self, window: int, number: int) -> None:
        self._instance.machine.write(window, struct.pack("<I", number))

    def _graph(self, window: int) -> Graph:
        number, _, size, caption, _, polarity, greatest, least, largest, ever = self._members(window)
        text = caption.partition(b"\0")[0].decode(errors="replace")
        return Graph(number, max(0, size), text, polarity, (least, greatest, largest, ever))

    def _data(self, window: int) -> Array:
        _, data, size, *_ = self._members(window)
        return np.array(self._instance.machine.array(data, (size,))) if size > 0 and data else np.zeros(0)

    def _members(self, window: int) -> tuple[Any, ...]:
        return WINDOW.unpack(self._instance.machine.bytes_at(window, WINDOW.size))
