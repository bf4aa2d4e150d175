"""Function tables and messages on the system's Csound."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from csoundd.api.messages import Messages
from csoundd.engine.csound.backend import Points
from csoundd.engine.csound.native.instance import Instance
from csoundd.engine.csound.tables import SharedTables


class NativeTables(SharedTables):
    """Copies of function tables."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def tableLength(self, table: int) -> int:
        return int(self._instance.c.csoundTableLength(table))

    def view(self, table: int) -> Points | None:
        return self._at(self._instance.c.csoundGetTable, table)

    def view_of_args(self, table: int) -> Points | None:
        return self._at(self._instance.c.csoundGetTableArgs, table)

    def _at(self, function: Callable[..., int], table: int) -> Points | None:
        pointer = ctypes.c_void_p()
        size = int(function(ctypes.addressof(pointer), table))
        return None if size < 0 else self._instance.c.view(pointer.value, (size,))


class NativeMessages(Messages):
    """Text of the clients among Csound's own."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def message(self, message: str) -> None:
        self.messageS(0, message)

    def messageS(self, attr: int, message: str) -> None:
        self._instance.c.message(attr, message)
