"""Graphs, the same on every engine: what displays draw, told with a copy of the data."""

from __future__ import annotations

from typing import Any

import numpy as np

from csoundd.api.graphs import Graphs
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.csound.surroundings import Surroundings


class GraphMethods(Graphs):
    """Has Csound draw by callbacks, from the beginning, so that it is enough to subscribe to the topic."""

    def __init__(self, instance: CsoundInstance, surroundings: Surroundings) -> None:
        self._surroundings, self._c = surroundings, instance.c
        self._made = 0
        self._alive: set[int] = set()
        instance.on_reset.append(self._end)
        instance.call_back("csoundSetMakeGraphCallback", self._make, "aaa")
        instance.call_back("csoundSetDrawGraphCallback", self._draw, "aa")
        instance.call_back("csoundSetKillGraphCallback", self._kill, "aa")
        instance.call_back("csoundSetExitGraphCallback", self._exit, "a", "i")
        instance.prepare_with(lambda: self.setIsGraphable(isGraphable=True))

    def setIsGraphable(self, isGraphable: bool) -> bool:
        return bool(self._c.csoundSetIsGraphable(int(isGraphable)))

    def _graph(self, window: int) -> Any:
        """The graph of a window, where it lies."""
        return self._c.structure(self._c.layouts.graph, window)

    def _tell(self, event: str, **members: object) -> None:
        self._surroundings.tell("graphs", {"event": event} | members)

    def _make(self, _csound: int, window: int, _name: int) -> None:
        self._made += 1
        graph = self._graph(window)
        graph.id = self._made
        self._alive.add(self._made)
        self._tell("make", id=self._made, caption=_caption(graph), npts=max(0, graph.npts))

    def _draw(self, _csound: int, window: int) -> None:
        if "graphs" not in self._surroundings.heard:
            return
        graph = self._graph(window)
        size = max(0, graph.npts)
        self._tell(
            "draw",
            id=graph.id,
            caption=_caption(graph),
            npts=size,
            data=np.array(self._c.view(graph.data, (size,))),
            min=graph.min,
            max=graph.max,
            absmax=graph.absmax,
            oabsmax=graph.oabsmax,
            polarity=graph.polarity,
        )

    def _kill(self, _csound: int, window: int) -> None:
        self._over(self._graph(window).id)

    def _over(self, graph: int) -> None:
        if graph in self._alive:
            self._alive.discard(graph)
            self._tell("kill", id=graph)

    def _exit(self, _csound: int) -> int:
        self._end()
        return 0

    def _end(self) -> None:
        """End what is still there; Csound 6 says nothing of it (docs/upstream-faults.md#csound6-graph-end)."""
        if self._alive:
            for graph in sorted(self._alive):
                self._over(graph)
            self._tell("exit")


def _caption(graph: Any) -> str:
    return str(graph.caption.decode(errors="replace"))
