"""``table.*``: the friendly methods for tables, the same over every backend."""

from __future__ import annotations

import builtins
from typing import Final, cast

import numpy as np

from csoundd.api.tables import TableSlices
from csoundd.api.values import Array, TableInfo, TableLength
from csoundd.engine.csound.backend import Backend, Points
from csoundd.engine.csound.tables import bounds
from csoundd.engine.host.calls import Calls
from csoundd.errors import InvalidParams, NotFound

GAP: Final = 1000
"""Without a table among so many numbers in a row, there are taken to be none beyond."""


class HostTables(TableSlices):
    """Slices of tables, read and written where they lie."""

    def __init__(self, backend: Backend, calls: Calls) -> None:
        self._backend, self._calls = backend, calls

    def get(self, table: int, start: int = 0, count: int | None = None) -> Array:
        points = self._points(table)
        return points[slice(*bounds(table, len(points), start, count))].copy()

    def set(self, table: int, data: Array, start: int = 0) -> None:
        given, points = np.asarray(data, np.float64), self._points(table)
        if given.ndim != 1:
            raise InvalidParams("what is written into a table is one row of numbers")
        points[slice(*bounds(table, len(points), start, len(given)))] = given

    def _points(self, table: int) -> Points:
        points = self._backend.table(table)
        if points is None:
            raise NotFound(f"there is no table {table}", table=table)
        return points

    def list(self) -> builtins.list[TableLength]:
        found: builtins.list[TableLength] = []
        number = last = 0
        while number < last + GAP:
            number += 1
            points = self._backend.table(number)
            if points is not None:
                found.append(TableLength(number, len(points)))
                last = number
        return found

    def info(self, table: int) -> TableInfo:
        length = len(self._points(table))
        args = cast("Array", self._calls.invoke("csound.tableArgs", [table]))
        return TableInfo(table, length, args)
