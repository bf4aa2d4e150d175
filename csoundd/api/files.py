"""Files that the engine opens, told on the topic ``files``.

Which files it may open is the workspace's affair: nobody is asked, the engine waits for no client.
"""

from __future__ import annotations

from csoundd.api.declare import Example, Family, method
from csoundd.api.values import Callback

FILES: dict[str, object] = {"function": {"$stream": "files"}}


class Files(Family):
    """The callbacks of opened files. Each returns the stream it feeds; null removes it."""

    @method(scope="read", examples=(Example(FILES, "files/1", exact=False),))
    def setOpenFileCallback(self, function: Callback) -> str | None:
        """Hear of every file that is opened, with its path in the workspace and the mode of access."""
        ...

    @method(scope="read", examples=(Example(FILES, "files/1", exact=False),))
    def setOpenSoundFileCallback(self, function: Callback) -> str | None:
        """Hear of every sound file that is opened: its path in the workspace, the mode of access, its format."""
        ...
