"""Graphs and opened files: what the engine shows and what it reads, told on the topics ``graphs`` and ``files``.

A graph (of ``display``, ``dispfft``, a drawn table) is made once, drawn as often as its data change, and killed in
the end; the stream says which it is. Which files the engine may open is the workspace's affair: nobody is asked, it
waits for no client.
"""

from __future__ import annotations

from csoundd.api.declare import Example, MethodGroup, method
from csoundd.api.values import Callback
from csoundd.states import ANY

GRAPHS: dict[str, object] = {"function": {"$stream": "graphs"}}


class Graphs(MethodGroup):
    """Whether graphs are drawn."""

    @method(journal="option", examples=(Example({"isGraphable": False}, result=True, fresh=True),))
    def setIsGraphable(self, isGraphable: bool) -> bool:
        """Say, before the start, whether somebody draws graphs, and learn what was said before that.

        It is so from the beginning; with false Csound prints them as characters among its messages.
        """
        ...


class GraphCallbacks(MethodGroup):
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


FILES: dict[str, object] = {"function": {"$stream": "files"}}


class Files(MethodGroup):
    """The callbacks of opened files. Each returns the stream it feeds; null removes it."""

    @method(scope="read", states=ANY, served="front", examples=(Example(FILES, "files/1", exact=False),))
    async def setOpenFileCallback(self, function: Callback) -> str | None:
        """Hear of every file that is opened: its path in the workspace, what it is, whether it is written."""
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example(FILES, "files/1", exact=False),))
    async def setOpenSoundFileCallback(self, function: Callback) -> str | None:
        """The same: sound files are among the files."""
        ...
