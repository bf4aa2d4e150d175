"""Function tables: Csound's own methods, and ours for slices, which answer with errors.

Answers are copies: a table may be replaced or freed at any cycle. Csound makes the tables of an orchestra or a score
when it starts; before that there are none. In slices points are counted from 0; the guard point behind the last one
is not among them.
"""

from __future__ import annotations

from typing import ClassVar

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import Array, CInt, TableInfo, TableLength

TINY = Call("csound.compileOrc", ("gitiny ftgen 5, 0, 4, -2, 1, 2, 3, 4\n",))
TINY_DATA = "AAAAAAAA8D8AAAAAAAAAQAAAAAAAAAhAAAAAAAAAEEA="
SINE_ARGS = "AAAAAAAAJEAAAAAAAADwPw=="


class Tables(MethodGroup):
    """Reading function tables by number."""

    @method(scope="read", examples=(Example({"table": 1}, 1024), Example({"table": 99}, -1)))
    def tableLength(self, table: CInt) -> int:
        """Points in a table, without its guard point; -1 where there is no such table."""
        ...

    @method(
        scope="read",
        examples=(
            Example({"table": 5}, {"$array": {"dtype": "<f8", "shape": [4], "data": TINY_DATA}}, after=(TINY,)),
            Example(
                {"table": 5, "start": 2, "count": 1},
                {"$array": {"dtype": "<f8", "shape": [1], "data": "AAAAAAAACEA="}},
                after=(TINY,),
            ),
            Example({"table": 99}, None),
        ),
    )
    def table(self, table: CInt, start: CInt = 0, count: CInt | None = None) -> Array | None:
        """A copy of a table, null where there is no such table.

        ``start`` and ``count``, which the API does not have, ask for a part of it. Raises InvalidParams for points
        that the table does not have.
        """
        ...

    @method(
        scope="read",
        examples=(
            Example({"table": 1}, {"$array": {"dtype": "<f8", "shape": [2], "data": SINE_ARGS}}),
            Example({"table": 99}, None),
        ),
    )
    def tableArgs(self, table: CInt) -> Array | None:
        """The arguments that a table was made from: its GEN number, then that routine's; null for no such table."""
        ...


MIDDLE = "AAAAAAAAAEAAAAAAAAAIQA=="
WRITTEN = Call("table.set", (5, [2.0, 3.0], 1))

TableLengths = list[TableLength]


class TableSlices(MethodGroup):
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
