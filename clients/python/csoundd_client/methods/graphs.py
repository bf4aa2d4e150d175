"""The callbacks of graphical display. Each returns the stream it feeds; null removes it.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from asyncio import Future
from typing import Unpack

from csoundd_client.namespace import Namespace
from csoundd_client.values import StreamRef, Timing


class Graphs(Namespace):
    """The callbacks of graphical display. Each returns the stream it feeds; null removes it."""

    def setIsGraphable(self, isGraphable: bool, **timing: Unpack[Timing]) -> Future[bool]:
        """Say whether somebody draws graphs, before the start, and learn what was said before that."""
        return self._request("csound.setIsGraphable", [isGraphable], timing)

    def setMakeGraphCallback(self, function: StreamRef | None, **timing: Unpack[Timing]) -> Future[str | None]:
        """Hear when a graph is made: its number and caption."""
        return self._request("csound.setMakeGraphCallback", [function], timing)

    def setDrawGraphCallback(self, function: StreamRef | None, **timing: Unpack[Timing]) -> Future[str | None]:
        """Hear when a graph is drawn: its number, range and data."""
        return self._request("csound.setDrawGraphCallback", [function], timing)

    def setKillGraphCallback(self, function: StreamRef | None, **timing: Unpack[Timing]) -> Future[str | None]:
        """Hear when a graph is over."""
        return self._request("csound.setKillGraphCallback", [function], timing)

    def setExitGraphCallback(self, function: StreamRef | None, **timing: Unpack[Timing]) -> Future[str | None]:
        """Hear when there will be no more graphs, at the end of the performance."""
        return self._request("csound.setExitGraphCallback", [function], timing)
