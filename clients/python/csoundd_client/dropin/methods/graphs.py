"""Whether graphs are drawn.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.dropin.blocking import Blocking


class Graphs(Blocking):
    """Whether graphs are drawn."""

    def setIsGraphable(self, isGraphable: bool) -> bool:
        """Say, before the start, whether somebody draws graphs, and learn what was said before that.

        It is so from the beginning; with false Csound prints them as characters among its messages.
        """
        return self._do("csound.setIsGraphable", [isGraphable])
