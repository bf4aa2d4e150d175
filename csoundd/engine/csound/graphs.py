"""Graphs, the same on every engine: what displays draw, told with a copy of the data."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from csoundd.api.graphs import Graphs
from csoundd.api.values import Array
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.csound.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph as Csound describes it. ``range`` is the least, the greatest, and the largest amount now and ever."""

    id: int
    size: int
    caption: str
    polarity: int
    range: tuple[float, float, float, float]


class SharedGraphs(Graphs):
    """Draws for Csound, from the beginning, so that it is enough to subscribe to the topic.

    An engine has Csound call ``_make``, ``_draw``, ``_kill`` and ``_exit``, and reads its windows.
    """

    def __init__(self, instance: CsoundInstance, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._made = 0
        self._alive: set[int] = set()
        instance.on_reset.append(self._end)

    @abstractmethod
    def _number(self, window: Any, number: int) -> None:
        """Give a window its number."""

    @abstractmethod
    def _graph(self, window: Any) -> Graph:
        """What a window says of its graph."""

    @abstractmethod
    def _data(self, window: Any) -> Array:
        """A copy of the points of a window."""

    def _tell(self, event: str, **members: object) -> None:
        self._surroundings.tell("graphs", {"event": event} | members)

    def _make(self, _csound: int, window: Any, _name: object) -> None:
        self._made += 1
        self._number(window, self._made)
        self._alive.add(self._made)
        graph = self._graph(window)
        self._tell("make", id=graph.id, caption=graph.caption, npts=graph.size)

    def _draw(self, _csound: int, window: Any) -> None:
        if "graphs" not in self._surroundings.heard:
            return
        graph = self._graph(window)
        least, greatest, largest, ever = graph.range
        self._tell(
            "draw",
            id=graph.id,
            caption=graph.caption,
            npts=graph.size,
            data=self._data(window),
            min=least,
            max=greatest,
            absmax=largest,
            oabsmax=ever,
            polarity=graph.polarity,
        )

    def _kill(self, _csound: int, window: Any) -> None:
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
