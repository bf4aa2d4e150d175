"""Function tables in slices: the friendly sisters of ``csound.table`` and its kin, which answer with errors.

Points are counted from 0; the guard point behind the last one is not among them.
"""

from __future__ import annotations

from typing import ClassVar

from csoundd.api.declare import Call, Example, Family, method
from csoundd.api.records import TableInfo, TableLength
from csoundd.api.tables import SINE_ARGS, TINY
from csoundd.api.values import Array, CInt

MIDDLE = "AAAAAAAAAEAAAAAAAAAIQA=="
WRITTEN = Call("table.set", (5, [2.0, 3.0], 1))

TableLengths = list[TableLength]


class TableSlices(Family):
    """Reading, writing and listing tables, each call at one cycle edge."""

    namespace: ClassVar[str] = "table"

    @method(
        scope="read",
        examples=(
            Example(
                {"table": 5, "start": 1, "count": 2},
                {"$array": {"dtype": "<f8", "shape": [2], "data": MIDDLE}},
                after=(TINY,),
            ),
            Example(
                {"table": 5, "start": 1, "count": 2},
                {"$array": {"dtype": "<f8", "shape": [2], "data": MIDDLE}},
                after=(TINY, WRITTEN),
            ),
        ),
    )
    def get(self, table: CInt, start: CInt = 0, count: CInt | None = None) -> Array:
        """A copy of ``count`` points of a table from ``start`` on, without a count of all that follow.

        Raises NotFound where there is no such table, InvalidParams for points that it does not have.
        """
        ...

    @method(journal="table", examples=(Example({"table": 5, "data": [2.0, 3.0], "start": 1}, None, after=(TINY,)),))
    def set(self, table: CInt, data: Array, start: CInt = 0) -> None:
        """Write numbers into a table from ``start`` on; the cycle that follows hears them all.

        Raises NotFound where there is no such table, InvalidParams for points that it does not have.
        """
        ...

    @method(scope="read", examples=(Example({}, [{"table": 1, "length": 1024}]),))
    def list(self) -> TableLengths:
        """Every table with its length, in the order of their numbers.

        It looks from 1 on and stops where a thousand numbers in a row have no table.
        """
        ...

    @method(
        scope="read",
        examples=(
            Example(
                {"table": 1},
                {"table": 1, "length": 1024, "args": {"$array": {"dtype": "<f8", "shape": [2], "data": SINE_ARGS}}},
            ),
        ),
    )
    def info(self, table: CInt) -> TableInfo:
        """A table's length, and what it was made from, as ``csound.tableArgs`` says. Raises NotFound for no table."""
        ...
