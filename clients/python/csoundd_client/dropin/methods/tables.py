"""Reading function tables by number.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.dropin.blocking import Blocking
from csoundd_client.values import Array


class Tables(Blocking):
    """Reading function tables by number."""

    def tableLength(self, table: int) -> int:
        """Points in a table, without its guard point; -1 where there is no such table."""
        return self._ask("csound.tableLength", [table])

    def tableArgs(self, table: int) -> Array | None:
        """The arguments that a table was made from: its GEN number, then that routine's; null for no such table."""
        return self._ask("csound.tableArgs", [table])
