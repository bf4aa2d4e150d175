"""Graphs: what ``display``, ``dispfft`` and drawn tables show, on the topic ``graphs``.

A graph is made once, drawn as often as its data change, and killed in the end; the stream says which it is.
"""

from __future__ import annotations

from csoundd.api.declare import ANY, Example, Family, method
from csoundd.api.values import Callback

GRAPHS: dict[str, object] = {"function": {"$stream": "graphs"}}


class Graphs(Family):
    """Whether graphs are drawn."""

    @method(journal="option", examples=(Example({"isGraphable": False}, result=True, fresh=True),))
    def setIsGraphable(self, isGraphable: bool) -> bool:
        """Say, before the start, whether somebody draws graphs, and learn what was said before that.

        It is so from the beginning; with false Csound prints them as characters among its messages.
        """
        ...


class GraphCallbacks(Family):
    """The callbacks of graphical display. Each returns the stream it feeds; null removes it."""

    @method(scope="read", states=ANY, served="front", examples=(Example(GRAPHS, "graphs/1", exact=False),))
    async def setMakeGraphCallback(self, function: Callback) -> str | None:
        """Hear when a graph is made: its number and caption."""
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example(GRAPHS, "graphs/1", exact=False),))
    async def setDrawGraphCallback(self, function: Callback) -> str | None:
        """Hear when a graph is drawn: its number, range and data."""
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example(GRAPHS, "graphs/1", exact=False),))
    async def setKillGraphCallback(self, function: Callback) -> str | None:
        """Hear when a graph is over."""
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example(GRAPHS, "graphs/1", exact=False),))
    async def setExitGraphCallback(self, function: Callback) -> str | None:
        """Hear when there will be no more graphs, at the end of the performance."""
        ...
