"""Graphs on the embedded engine: what displays draw, told with a copy of the data."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from csoundd.api.graphs import Graphs
from csoundd.api.values import Array
from csoundd.engine.backends.surroundings import Surroundings
from csoundd.engine.backends.wasm.instance import Instance

WINDOW: Final = struct.Struct("<IIi60shh4x4d")
"""Number, address of the data, how many, caption, wait flag, polarity; greatest, least, largest now and ever."""


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph as Csound describes it."""

    id: int
    data: Array
    caption: str
    polarity: int
    range: tuple[float, float, float, float]


class WasmGraphs(Graphs):
    """Draws for Csound, from the beginning, so that it is enough to subscribe to the topic."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        self._instance, self._surroundings = instance, surroundings
        self._made = 0
        self._alive: set[int] = set()
        instance.call_back("csoundSetMakeGraphCallback", self._make, "iii")
        instance.call_back("csoundSetDrawGraphCallback", self._draw, "ii")
        instance.call_back("csoundSetKillGraphCallback", self._kill, "ii")
        instance.call_back("csoundSetExitGraphCallback", self._exit, "i", "i")
        instance.prepare_with(lambda: self.setIsGraphable(isGraphable=True))
        instance.on_reset.append(self._end)

    def setIsGraphable(self, isGraphable: bool) -> bool:
        return bool(self._instance.c.csoundSetIsGraphable(self._instance.cs, int(isGraphable)))

    def _tell(self, event: str, **members: object) -> None:
        self._surroundings.tell("graphs", {"event": event} | members)

    def _graph(self, window: int) -> Graph:
        machine = self._instance.machine
        number, data, size, caption, _, polarity, *limits = WINDOW.unpack(machine.bytes_at(window, WINDOW.size))
        text = caption.partition(b"\0")[0].decode(errors="replace")
        values = np.array(machine.array(data, (size,))) if size > 0 and data else np.zeros(0)
        return Graph(number, values, text, polarity, (limits[0], limits[1], limits[2], limits[3]))

    def _make(self, _csound: int, window: int, _name: int) -> None:
        self._made += 1
        self._instance.machine.write(window, struct.pack("<I", self._made))
        self._alive.add(self._made)
        graph = self._graph(window)
        self._tell("make", id=graph.id, caption=graph.caption, npts=len(graph.data))

    def _draw(self, _csound: int, window: int) -> None:
        if "graphs" not in self._surroundings.heard:
            return
        graph = self._graph(window)
        greatest, least, largest, ever = graph.range
        self._tell(
            "draw",
            id=graph.id,
            caption=graph.caption,
            npts=len(graph.data),
            data=graph.data,
            min=least,
            max=greatest,
            absmax=largest,
            oabsmax=ever,
            polarity=graph.polarity,
        )

    def _kill(self, _csound: int, window: int) -> None:
        self._over(self._instance.machine.word(window))

    def _over(self, graph: int) -> None:
        if graph in self._alive:
            self._alive.discard(graph)
            self._tell("kill", id=graph)

    def _exit(self, _csound: int) -> int:
        self._end()
        return 0

    def _end(self) -> None:
        """End what is still there."""
        if self._alive:
            for graph in sorted(self._alive):
                self._over(graph)
            self._tell("exit")
