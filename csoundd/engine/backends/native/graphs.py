"""Graphs on the system's Csound: what displays draw, told with a copy of the data."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from csoundd.api.graphs import Graphs
from csoundd.engine.backends.native.instance import Instance
from csoundd.engine.backends.native.thunks import Thunks
from csoundd.engine.backends.surroundings import Surroundings

MYFLT = ctypes.c_double


class Window(ctypes.Structure):
    """Csound's WINDAT: one graph."""

    _fields_ = (
        ("id", ctypes.c_size_t),
        ("data", ctypes.POINTER(MYFLT)),
        ("npts", ctypes.c_int32),
        ("caption", ctypes.c_char * 60),
        ("wait", ctypes.c_int16),
        ("polarity", ctypes.c_int16),
        ("max", MYFLT),
        ("min", MYFLT),
        ("absmax", MYFLT),
        ("oabsmax", MYFLT),
        ("danflag", ctypes.c_int),
        ("absflag", ctypes.c_int),
    )


POINTER, WINDOW = ctypes.c_void_p, ctypes.POINTER(Window)
MAKE: Final = ctypes.CFUNCTYPE(None, POINTER, WINDOW, ctypes.c_char_p)
DRAW: Final = ctypes.CFUNCTYPE(None, POINTER, WINDOW)
EXIT: Final = ctypes.CFUNCTYPE(ctypes.c_int, POINTER)


class NativeGraphs(Graphs):
    """Draws for Csound, from the beginning, so that it is enough to subscribe to the topic."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._made = 0
        self._alive: set[int] = set()
        thunks = Thunks(instance)
        graphable: Callable[..., int] | None = thunks.function("csoundSetIsGraphable", ctypes.c_int, ctypes.c_int)
        self._instance, self._graphable = instance, graphable
        thunks.add("csoundSetMakeGraphCallback", MAKE, self._make)
        thunks.add("csoundSetDrawGraphCallback", DRAW, self._draw)
        thunks.add("csoundSetKillGraphCallback", DRAW, self._kill)
        thunks.add("csoundSetExitGraphCallback", EXIT, self._exit, 0)
        instance.prepare_with(thunks.install)
        instance.prepare_with(self._draw_graphs)
        instance.on_reset.append(self._end)

    def setIsGraphable(self, isGraphable: bool) -> bool:
        return self._graphable is not None and bool(self._graphable(self._instance.pointer, int(isGraphable)))

    def _draw_graphs(self) -> None:
        self.setIsGraphable(isGraphable=True)

    def _tell(self, event: str, **members: object) -> None:
        self._surroundings.tell("graphs", {"event": event} | members)

    def _make(self, _csound: int, window: Any, _name: bytes) -> None:
        graph = window.contents
        self._made += 1
        graph.id = self._made
        self._alive.add(self._made)
        self._tell("make", id=self._made, caption=_text(graph.caption), npts=graph.npts)

    def _draw(self, _csound: int, window: Any) -> None:
        if "graphs" not in self._surroundings.heard:
            return
        graph = window.contents
        data = np.array(np.ctypeslib.as_array(graph.data, shape=(graph.npts,)))
        self._tell(
            "draw",
            id=graph.id,
            caption=_text(graph.caption),
            npts=graph.npts,
            data=data,
            min=graph.min,
            max=graph.max,
            absmax=graph.absmax,
            oabsmax=graph.oabsmax,
            polarity=graph.polarity,
        )

    def _kill(self, _csound: int, window: Any) -> None:
        self._over(window.contents.id)

    def _over(self, graph: int) -> None:
        if graph in self._alive:
            self._alive.discard(graph)
            self._tell("kill", id=graph)

    def _exit(self, _csound: int) -> int:
        self._end()
        return 0

    def _end(self) -> None:
        """End what is still there: 6.18 says nothing of it when it forgets its graphs."""
        if self._alive:
            for graph in sorted(self._alive):
                self._over(graph)
            self._tell("exit")


def _text(encoded: bytes) -> str:
    return encoded.decode(errors="replace")
