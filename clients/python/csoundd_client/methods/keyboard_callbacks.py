"""Hearing of the keys.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.values import Json, StreamRef


class KeyboardCallbacks(Namespace):
    """Hearing of the keys."""

    def registerKeyboardCallback(self, function: StreamRef | None, userdata: Json, typemask: int) -> Call[str | None]:
        """Hear of the keys that anybody presses, by keyPress or by pushing to the topic ``keyboard``.

        ``sensekey`` reads them in any case, so ``typemask`` and ``userdata`` are ignored. Returns the stream on
        which they arrive, where the API returns a code; null removes it.
        """
        return self._request("csound.registerKeyboardCallback", [function, userdata, typemask], UNTIMED)

    def removeKeyboardCallback(self, function: StreamRef | None) -> Call[None]:
        """Take back what registerKeyboardCallback did for this session."""
        return self._request("csound.removeKeyboardCallback", [function], UNTIMED)
