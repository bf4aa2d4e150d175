"""Reading function tables by number.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import Array, Timing


class Tables(Namespace):
    """Reading function tables by number."""

    def tableLength(self, table: int, **timing: Unpack[Timing]) -> Call[int]:
        """Points in a table, without its guard point; -1 where there is no such table."""
        return self._request("csound.tableLength", [table], timing)

    def table(
        self, table: int, start: int = 0, count: int | None = None, **timing: Unpack[Timing]
    ) -> Call[Array | None]:
        """A copy of a table, null where there is no such table.

        ``start`` and ``count``, which the API does not have, ask for a part of it. Raises InvalidParams for points
        that the table does not have.
        """
        return self._request("csound.table", [table, start, count], timing)

    def tableArgs(self, table: int, **timing: Unpack[Timing]) -> Call[Array | None]:
        """The arguments that a table was made from: its GEN number, then that routine's; null for no such table."""
        return self._request("csound.tableArgs", [table], timing)
