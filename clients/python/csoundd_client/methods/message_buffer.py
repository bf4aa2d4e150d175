"""The session's own buffer of messages, kept by the front.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader

_TUPLE_STR_INT: Final = reader(tuple[str, int])
_LIST_TUPLE_STR_INT: Final = reader(list[tuple[str, int]])


class MessageBuffer(Namespace):
    """The session's own buffer of messages, kept by the front.

    Without a session (``POST /rpc``) all of it raises WrongState.
    """

    def createMessageBuffer(self, echo: bool = False) -> Call[None]:
        """Begin to collect messages for this session. ``echo`` also writes them to the daemon's log."""
        return self._request("csound.createMessageBuffer", [echo], UNTIMED)

    def destroyMessageBuffer(self) -> Call[None]:
        """Stop collecting, and forget what was collected."""
        return self._request("csound.destroyMessageBuffer", [], UNTIMED)

    def messageCnt(self) -> Call[int]:
        """The number of messages that wait in the buffer, -1 where the session has none."""
        return self._request("csound.messageCnt", [], UNTIMED)

    def firstMessage(self) -> Call[str]:
        """The oldest message, which stays in the buffer; empty where there is none."""
        return self._request("csound.firstMessage", [], UNTIMED)

    def firstMessageAttr(self) -> Call[int]:
        """The attributes of the oldest message, as messageS explains them; 0 where there is none."""
        return self._request("csound.firstMessageAttr", [], UNTIMED)

    def popFirstMessage(self) -> Call[None]:
        """Drop the oldest message."""
        return self._request("csound.popFirstMessage", [], UNTIMED)

    def readMessage(self) -> Call[tuple[str, int]]:
        """Take the oldest message out of the buffer: its text and attributes, ``["", 0]`` where there is none."""
        return self._request("csound.readMessage", [], UNTIMED, _TUPLE_STR_INT)

    def iterMessages(self) -> Call[list[tuple[str, int]]]:
        """Take every message out of the buffer: a list of texts with their attributes."""
        return self._request("csound.iterMessages", [], UNTIMED, _LIST_TUPLE_STR_INT)
