"""The callbacks of ``invalue`` and ``outvalue``. Each returns the stream it feeds; null removes it.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.values import StreamRef


class BusCallbacks(Namespace):
    """The callbacks of ``invalue`` and ``outvalue``. Each returns the stream it feeds; null removes it."""

    def setInputChannelCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Answer ``invalue`` from values that clients push to the topic ``invalue``; the engine waits for nobody.

        Returns the stream on which the names that the orchestra asks for arrive; null removes it.
        """
        return self._request("csound.setInputChannelCallback", [function], UNTIMED)

    def setOutputChannelCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Hear of every ``outvalue``, a number or a text. Returns the stream they arrive on; null removes it."""
        return self._request("csound.setOutputChannelCallback", [function], UNTIMED)
