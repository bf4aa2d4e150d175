"""The callbacks of opened files. Each returns the stream it feeds; null removes it.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from asyncio import Future
from typing import Unpack

from csoundd_client.namespace import Namespace
from csoundd_client.values import StreamRef, Timing


class Files(Namespace):
    """The callbacks of opened files. Each returns the stream it feeds; null removes it."""

    def setOpenFileCallback(self, function: StreamRef | None, **timing: Unpack[Timing]) -> Future[str | None]:
        """Hear of every file that is opened, with its path in the workspace and the mode of access."""
        return self._request("csound.setOpenFileCallback", [function], timing)

    def setOpenSoundFileCallback(self, function: StreamRef | None, **timing: Unpack[Timing]) -> Future[str | None]:
        """Hear of every sound file that is opened: its path in the workspace, the mode of access, its format."""
        return self._request("csound.setOpenSoundFileCallback", [function], timing)
