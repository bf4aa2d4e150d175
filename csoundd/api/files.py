"""Files that the engine opens, told on the topic ``files``.

Which files it may open is the workspace's affair: nobody is asked, the engine waits for no client.
"""

from __future__ import annotations

from csoundd.api.declare import ANY, Example, Family, method
from csoundd.api.values import Callback

FILES: dict[str, object] = {"function": {"$stream": "files"}}


class Files(Family):
    """The callbacks of opened files. Each returns the stream it feeds; null removes it."""

    @method(scope="read", states=ANY, served="front", examples=(Example(FILES, "files/1", exact=False),))
    async def setOpenFileCallback(self, function: Callback) -> str | None:
        """Hear of every file that is opened: its path in the workspace, what it is, whether it is written."""
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example(FILES, "files/1", exact=False),))
    async def setOpenSoundFileCallback(self, function: Callback) -> str | None:
        """The same: sound files are among the files."""
        ...
