"""Hearing of messages.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.values import StreamRef


class MessageCallbacks(Namespace):
    """Hearing of messages."""

    def setMessageStringCallback(self, attr: int, function: StreamRef | None) -> Call[str | None]:
        """Hear of all that is printed. Returns the stream it arrives on; null removes it. ``attr`` is ignored."""
        return self._request("csound.setMessageStringCallback", [attr, function], UNTIMED)
