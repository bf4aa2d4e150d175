"""Whether graphs are drawn.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import Timing


class Graphs(Namespace):
    """Whether graphs are drawn."""

    def setIsGraphable(self, isGraphable: bool, **timing: Unpack[Timing]) -> Call[bool]:
        """Say, before the start, whether somebody draws graphs, and learn what was said before that.

        It is so from the beginning; with false Csound prints them as characters among its messages.
        """
        return self._request("csound.setIsGraphable", [isGraphable], timing)
