"""Function tables: copies of what lies in the engine."""

from __future__ import annotations

from collections.abc import Callable

from csoundd.api.tables import Tables
from csoundd.api.values import Array
from csoundd.engine.csound.backend import Points
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.csound.slices import bounds


class TableMethods(Tables):
    """Copies of function tables."""

    def __init__(self, instance: CsoundInstance) -> None:
        self._c = instance.c

    def view(self, table: int) -> Points | None:
        """A table where it lies, without its guard point; None where there is none. Good until the next cycle."""
        return self._at(self._c.csoundGetTable, table)

    def _at(self, function: Callable[..., int], table: int) -> Points | None:
        size, address = self._c.out(function, table)
        return None if size < 0 else self._c.view(address, (size,))

    def tableLength(self, table: int) -> int:
        return int(self._c.csoundTableLength(table))

    def table(self, table: int, start: int = 0, count: int | None = None) -> Array | None:
        found = self.view(table)
        return None if found is None else found[slice(*bounds(table, len(found), start, count))].copy()

    def tableArgs(self, table: int) -> Array | None:
        found = self._at(self._c.csoundGetTableArgs, table)
        return None if found is None else found.copy()
