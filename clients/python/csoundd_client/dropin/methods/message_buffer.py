"""The session's own buffer of messages, kept by the front.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final

from csoundd_client.dropin.blocking import Blocking
from csoundd_client.shape import reader

_TUPLE_STR_INT: Final = reader(tuple[str, int])


class MessageBuffer(Blocking):
    """The session's own buffer of messages, kept by the front.

    Without a session (``POST /rpc``) all of it raises WrongState.
    """

    def messageCnt(self) -> int:
        """The number of messages that wait in the buffer, -1 where the session has none."""
        return self._ask("csound.messageCnt", [])

    def firstMessage(self) -> str:
        """The oldest message, which stays in the buffer; empty where there is none."""
        return self._ask("csound.firstMessage", [])

    def firstMessageAttr(self) -> int:
        """The attributes of the oldest message, as messageS explains them; 0 where there is none."""
        return self._ask("csound.firstMessageAttr", [])

    def popFirstMessage(self) -> None:
        """Drop the oldest message."""
        self._ask("csound.popFirstMessage", [])

    def readMessage(self) -> tuple[str, int]:
        """Take the oldest message out of the buffer: its text and attributes, ``["", 0]`` where there is none."""
        return self._ask("csound.readMessage", [], _TUPLE_STR_INT)
