"""Function tables, the same on every engine: copies of what lies in the engine."""

from __future__ import annotations

from abc import abstractmethod

from csoundd.api.tables import Tables
from csoundd.api.values import Array
from csoundd.engine.csound.backend import Points
from csoundd.engine.csound.slices import bounds


class SharedTables(Tables):
    """Copies of function tables."""

    @abstractmethod
    def view(self, table: int) -> Points | None:
        """A table where it lies, without its guard point; None where there is none. Good until the next cycle."""

    @abstractmethod
    def view_of_args(self, table: int) -> Points | None:
        """The arguments that a table was made with, where they lie; None where there are none."""

    def table(self, table: int, start: int = 0, count: int | None = None) -> Array | None:
        found = self.view(table)
        return None if found is None else found[slice(*bounds(table, len(found), start, count))].copy()

    def tableArgs(self, table: int) -> Array | None:
        found = self.view_of_args(table)
        return None if found is None else found.copy()
