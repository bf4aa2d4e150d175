"""Keys to the orchestra.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from asyncio import Future
from typing import Unpack

from csoundd_client.namespace import Namespace
from csoundd_client.values import Json, StreamRef, Timing


class Keyboard(Namespace):
    """Keys to the orchestra."""

    def keyPress(self, c: int | str, **timing: Unpack[Timing]) -> Future[None]:
        """Press a key, given as a character (of a longer text the first counts) or as its ASCII code."""
        return self._request("csound.keyPress", [c], timing)

    def registerKeyboardCallback(
        self, function: StreamRef | None, userdata: Json, typemask: int, **timing: Unpack[Timing]
    ) -> Future[str | None]:
        """Let the keys that clients push to the topic ``keyboard`` be what ``sensekey`` reads.

        ``typemask`` is 1 for keys going down and up, 2 for the text typed, 0 for both; ``userdata`` is ignored.
        Returns the stream on which they arrive, where the API returns a code; null removes it.
        """
        return self._request("csound.registerKeyboardCallback", [function, userdata, typemask], timing)

    def removeKeyboardCallback(self, function: StreamRef | None, **timing: Unpack[Timing]) -> Future[None]:
        """Take back what registerKeyboardCallback did for this session."""
        return self._request("csound.removeKeyboardCallback", [function], timing)
