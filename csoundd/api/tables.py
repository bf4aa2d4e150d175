"""Function tables. Answers are copies: a table may be replaced or freed at any cycle.

Csound makes the tables of an orchestra or a score when it starts; before that there are none.
"""

from __future__ import annotations

from csoundd.api.declare import Call, Example, Family, method
from csoundd.api.values import Array, CInt

TINY = Call("csound.compileOrc", ("gitiny ftgen 5, 0, 4, -2, 1, 2, 3, 4\n",))
TINY_DATA = "AAAAAAAA8D8AAAAAAAAAQAAAAAAAAAhAAAAAAAAAEEA="
SINE_ARGS = "AAAAAAAAJEAAAAAAAADwPw=="


class Tables(Family):
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
        """What a table was made from: its GEN number, then that routine's arguments; null for no such table."""
        ...
