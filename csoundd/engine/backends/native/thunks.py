"""C function pointers that Csound calls: declared by us, kept alive, and never left by an exception.

libcsound declares some of the setters of callbacks wrongly or not at all, and collects what C still holds; so each
setter is declared anew here. An exception that leaves a callback would be printed and lost: it goes to the log.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from csoundd.engine.backends.guarding import guarded
from csoundd.engine.backends.native.instance import Instance


class Thunks:
    """The callbacks of one instance. Csound is given the same pointers again after every reset."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._setters: list[Callable[[], None]] = []

    def add(self, symbol: str, prototype: Any, function: Callable[..., Any], otherwise: object = None) -> None:
        """Let ``symbol`` set ``function``; nothing where this Csound has no such setter."""
        thunk = prototype(guarded(function, otherwise))
        setter = self.function(symbol, None, prototype)
        if setter is not None:
            self._setters.append(lambda: setter(self._instance.pointer, thunk))

    def function(self, symbol: str, result: Any, *arguments: Any) -> Callable[..., Any] | None:
        """A function of the C library on an instance, declared by us; None where there is none."""
        try:
            return ctypes.CFUNCTYPE(result, ctypes.c_void_p, *arguments)((symbol, self._instance.c))
        except AttributeError:
            return None

    def install(self) -> None:
        """Give Csound all of them."""
        for setter in self._setters:
            setter()
