"""Function tables and messages on the system's Csound."""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt

from csoundd.api.messages import Messages
from csoundd.api.tables import Tables
from csoundd.api.values import Array
from csoundd.engine.backends.native.instance import Instance
from csoundd.engine.backends.slices import bounds


class NativeTables(Tables):
    """Copies of function tables."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def tableLength(self, table: int) -> int:
        return int(self._instance.c.csoundTableLength(self._instance.pointer, table))

    def table(self, table: int, start: int = 0, count: int | None = None) -> Array | None:
        found = self.view(table)
        return None if found is None else found[slice(*bounds(table, len(found), start, count))].copy()

    def view(self, table: int) -> npt.NDArray[np.float64] | None:
        """A table where it lies, without its guard point; None where there is none. Good until the next cycle."""
        return self._at(self._instance.c.csoundGetTable, table)

    def tableArgs(self, table: int) -> Array | None:
        found = self._at(self._instance.c.csoundGetTableArgs, table)
        return None if found is None else found.copy()

    def _at(self, function: ctypes._NamedFuncPointer, table: int) -> npt.NDArray[np.float64] | None:
        pointer = ctypes.POINTER(ctypes.c_double)()
        size = int(function(self._instance.pointer, ctypes.byref(pointer), table))
        if size < 0:
            return None
        return np.ctypeslib.as_array(pointer, shape=(size,))


class NativeMessages(Messages):
    """Text of the clients among Csound's own."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def message(self, message: str) -> None:
        self.messageS(0, message)

    def messageS(self, attr: int, message: str) -> None:
        self._instance.c.csoundMessageS(self._instance.pointer, attr, b"%s", message.encode())
