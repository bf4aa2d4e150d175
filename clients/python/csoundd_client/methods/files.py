"""The callbacks of opened files. Each returns the stream it feeds; null removes it.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.values import StreamRef


class Files(Namespace):
    """The callbacks of opened files. Each returns the stream it feeds; null removes it."""

    def setOpenFileCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Hear of every file that is opened: its path in the workspace, what it is, whether it is written."""
        return self._request("csound.setOpenFileCallback", [function], UNTIMED)

    def setOpenSoundFileCallback(self, function: StreamRef | None) -> Call[str | None]:
        """The same: sound files are among the files."""
        return self._request("csound.setOpenSoundFileCallback", [function], UNTIMED)
