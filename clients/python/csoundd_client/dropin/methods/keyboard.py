"""Keys to the orchestra.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.dropin.blocking import Blocking


class Keyboard(Blocking):
    """Keys to the orchestra."""

    def keyPress(self, c: int | str) -> None:
        """Press a key, given as a character (of a longer text the first counts) or as its ASCII code."""
        self._do("csound.keyPress", [c])
