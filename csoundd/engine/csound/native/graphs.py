"""Graphs on the system's Csound: what displays draw, told with a copy of the data."""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np

from csoundd.api.values import Array
from csoundd.engine.csound.graphs import Graph, SharedGraphs
from csoundd.engine.csound.native.instance import Instance
from csoundd.engine.csound.surroundings import Surroundings

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


class NativeGraphs(SharedGraphs):
    """Has Csound draw by callbacks."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        super().__init__(instance, surroundings)
        self._instance = instance
        instance.call_back("csoundSetMakeGraphCallback", MAKE, self._make)
        instance.call_back("csoundSetDrawGraphCallback", DRAW, self._draw)
        instance.call_back("csoundSetKillGraphCallback", DRAW, self._kill)
        instance.call_back("csoundSetExitGraphCallback", EXIT, self._exit, 0)
        instance.prepare_with(lambda: self.setIsGraphable(isGraphable=True))

    def setIsGraphable(self, isGraphable: bool) -> bool:
        return bool(self._instance.c.csoundSetIsGraphable(int(isGraphable)))

    def _number(self, window: Any, number: int) -> None:
        window.contents.id = number

    def _graph(self, window: Any) -> Graph:
        graph = window.contents
        limits = (graph.min, graph.max, graph.absmax, graph.oabsmax)
        return Graph(graph.id, graph.npts, graph.caption.decode(errors="replace"), graph.polarity, limits)

    def _data(self, window: Any) -> Array:
        graph = window.contents
        return np.array(np.ctypeslib.as_array(graph.data, shape=(graph.npts,)))
