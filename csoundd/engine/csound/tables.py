"""Function tables: copies of what lies in the engine, and which points of them a slice means."""

from __future__ import annotations

from collections.abc import Callable

from csoundd.api.tables import Tables
from csoundd.api.values import Array
from csoundd.engine.csound.backend import Points
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.errors import InvalidParams


def bounds(table: int, length: int, start: int, count: int | None) -> tuple[int, int]:
    """The first point and the one after the last, of ``count`` points from ``start`` or of all that follow.

    Raises InvalidParams for points that the table does not have.
    """
    stop = length if count is None else start + count
    if not 0 <= start <= stop <= length:
        raise InvalidParams(f"table {table} has {length} points: there are none from {start} to {stop}", length=length)
    return start, stop


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
