"""Function tables, working buffers and messages on the embedded engine."""

from __future__ import annotations

import numpy as np

from csoundd.api.audio import Audio
from csoundd.api.messages import Messages
from csoundd.api.values import Samples
from csoundd.engine.csound.backend import Points
from csoundd.engine.csound.tables import SharedTables
from csoundd.engine.csound.wasm.function import Function
from csoundd.engine.csound.wasm.instance import Instance


class WasmTables(SharedTables):
    """Copies of function tables."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def tableLength(self, table: int) -> int:
        return int(self._instance.c.csoundTableLength(self._instance.cs, table))

    def view(self, table: int) -> Points | None:
        return self._at(self._instance.c.csoundGetTable, table)

    def view_of_args(self, table: int) -> Points | None:
        return self._at(self._instance.c.csoundGetTableArgs, table)

    def _at(self, function: Function, table: int) -> Points | None:
        instance = self._instance
        size = int(function(instance.cs, instance.words, table))
        if size < 0:
            return None
        return instance.machine.array(instance.machine.word(instance.words), (size,))


class WasmAudio(Audio):
    """Copies of what goes into a cycle and what came out of the last."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def spin(self) -> Samples:
        return np.array(self._instance.spin()).reshape(-1)

    def spout(self) -> Samples:
        return np.array(self._instance.spout()).reshape(-1)


class WasmMessages(Messages):
    """Text of the clients among Csound's own."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def message(self, message: str) -> None:
        self.messageS(0, message)

    def messageS(self, attr: int, message: str) -> None:
        self._instance.say(message, attr)
