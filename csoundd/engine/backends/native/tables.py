"""Function tables and messages on the system's Csound."""

from __future__ import annotations

import ctypes

import numpy as np

from csoundd.api.messages import Messages
from csoundd.engine.backends.backend import Points
from csoundd.engine.backends.native.instance import Instance
from csoundd.engine.backends.tables import SharedTables


class NativeTables(SharedTables):
    """Copies of function tables."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def tableLength(self, table: int) -> int:
        return int(self._instance.c.csoundTableLength(self._instance.pointer, table))

    def view(self, table: int) -> Points | None:
        return self._at(self._instance.c.csoundGetTable, table)

    def view_of_args(self, table: int) -> Points | None:
        return self._at(self._instance.c.csoundGetTableArgs, table)

    def _at(self, function: ctypes._NamedFuncPointer, table: int) -> Points | None:
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
