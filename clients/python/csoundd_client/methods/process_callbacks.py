"""Hearing of the performance as it goes on.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.values import Json, StreamRef


class ProcessCallbacks(Namespace):
    """Hearing of the performance as it goes on."""

    def setProcessCallback(self, function: StreamRef | None, data: Json = None) -> Call[str | None]:
        """Be told as the performance goes on, on a stream, as functions cannot travel; null removes it.

        Any topic will do that needs no options; returns the stream. ``data`` is ignored.
        """
        return self._request("thread.setProcessCallback", [function, data], UNTIMED)

    def processCallback(self) -> Call[StreamRef | None]:
        """The callback that setProcessCallback has set, null where there is none."""
        return self._request("thread.processCallback", [], UNTIMED)
