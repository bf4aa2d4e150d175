"""Keys to the orchestra.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import Timing


class Keyboard(Namespace):
    """Keys to the orchestra."""

    def keyPress(self, c: int | str, **timing: Unpack[Timing]) -> Call[None]:
        """Press a key, given as a character (of a longer text the first counts) or as its ASCII code."""
        return self._request("csound.keyPress", [c], timing)
