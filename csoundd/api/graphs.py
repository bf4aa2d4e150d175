"""Graphs: what ``display``, ``dispfft`` and drawn tables show, on the topic ``graphs``.

A graph is made once, drawn as often as its data change, and killed in the end; the stream says which it is.
"""

from __future__ import annotations

from csoundd.api.declare import Example, Family, method
from csoundd.api.values import Callback

GRAPHS: dict[str, object] = {"function": {"$stream": "graphs"}}


class Graphs(Family):
    """The callbacks of graphical display. Each returns the stream it feeds; null removes it."""

    @method(journal="option", examples=(Example({"isGraphable": True}, result=False, exact=False, fresh=True),))
    def setIsGraphable(self, isGraphable: bool) -> bool:
        """Say whether somebody draws graphs, before the start, and learn what was said before that."""
        ...

    @method(scope="read", examples=(Example(GRAPHS, "graphs/1", exact=False),))
    def setMakeGraphCallback(self, function: Callback) -> str | None:
        """Hear when a graph is made: its number and caption."""
        ...

    @method(scope="read", examples=(Example(GRAPHS, "graphs/1", exact=False),))
    def setDrawGraphCallback(self, function: Callback) -> str | None:
        """Hear when a graph is drawn: its number, range and data."""
        ...

    @method(scope="read", examples=(Example(GRAPHS, "graphs/1", exact=False),))
    def setKillGraphCallback(self, function: Callback) -> str | None:
        """Hear when a graph is over."""
        ...

    @method(scope="read", examples=(Example(GRAPHS, "graphs/1", exact=False),))
    def setExitGraphCallback(self, function: Callback) -> str | None:
        """Hear when there will be no more graphs, at the end of the performance."""
        ...
