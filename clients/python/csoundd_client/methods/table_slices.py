"""Reading, writing and listing tables, each call at one cycle edge.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

import builtins
from typing import Final, Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import TableInfo, TableLength
from csoundd_client.values import Array, ArrayLike, Timing

_LIST_TABLE_LENGTH: Final = reader(list[TableLength])
_TABLE_INFO: Final = reader(TableInfo)


class TableSlices(Namespace):
    """Reading, writing and listing tables, each call at one cycle edge."""

    def get(self, table: int, start: int = 0, count: int | None = None, **timing: Unpack[Timing]) -> Call[Array]:
        """A copy of ``count`` points of a table from ``start`` on, without a count of all that follow.

        Raises NotFound where there is no such table, InvalidParams for points that it does not have.
        """
        return self._request("table.get", [table, start, count], timing)

    def set(self, table: int, data: ArrayLike, start: int = 0, **timing: Unpack[Timing]) -> Call[None]:
        """Write numbers into a table from ``start`` on; the cycle that follows hears them all.

        Raises NotFound where there is no such table, InvalidParams for points that it does not have.
        """
        return self._request("table.set", [table, data, start], timing)

    def list(self, **timing: Unpack[Timing]) -> Call[builtins.list[TableLength]]:
        """Every table with its length, in the order of their numbers.

        It looks from 1 on and stops where a thousand numbers in a row have no table.
        """
        return self._request("table.list", [], timing, _LIST_TABLE_LENGTH)

    def info(self, table: int, **timing: Unpack[Timing]) -> Call[TableInfo]:
        """A table's length, and what it was made from, as ``csound.tableArgs`` says. Raises NotFound for no table."""
        return self._request("table.info", [table], timing, _TABLE_INFO)
