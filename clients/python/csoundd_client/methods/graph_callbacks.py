"""The callbacks of graphical display. Each returns the stream it feeds; null removes it.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.values import StreamRef


class GraphCallbacks(Namespace):
    """The callbacks of graphical display. Each returns the stream it feeds; null removes it."""

    def setMakeGraphCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Hear when a graph is made: its number and caption."""
        return self._request("csound.setMakeGraphCallback", [function], UNTIMED)

    def setDrawGraphCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Hear when a graph is drawn: its number, range and data."""
        return self._request("csound.setDrawGraphCallback", [function], UNTIMED)

    def setKillGraphCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Hear when a graph is over."""
        return self._request("csound.setKillGraphCallback", [function], UNTIMED)

    def setExitGraphCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Hear when there will be no more graphs, at the end of the performance."""
        return self._request("csound.setExitGraphCallback", [function], UNTIMED)
