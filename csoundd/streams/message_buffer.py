"""The message buffers of Csound's API, a cursor for each session over the one log."""

from __future__ import annotations

from csoundd.api.messages import MessageBuffer
from csoundd.errors import WrongState
from csoundd.ports import Identity
from csoundd.streams.message_log import Logged, MessageLog


class MessageBuffers:
    """The cursors of all sessions: the number of the last message that each has read."""

    def __init__(self, log: MessageLog) -> None:
        self.log = log
        self.cursors: dict[str, int] = {}

    def of(self, reader: Identity) -> MessageBufferService:
        """The buffer's methods for ``reader``."""
        return MessageBufferService(self, reader)

    def forget(self, session: str) -> None:
        """``session`` is over."""
        self.cursors.pop(session, None)


class MessageBufferService(MessageBuffer):
    """The buffer of one session. Every method raises WrongState without one."""

    def __init__(self, buffers: MessageBuffers, reader: Identity) -> None:
        self._log = buffers.log
        self._cursors = buffers.cursors
        self._reader = reader

    async def createMessageBuffer(self, echo: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002, N802 - Csound's own
        """Begin to collect. The daemon's log has the messages whether or not they are to be echoed."""
        self._cursors.setdefault(self._session, self._log.last)

    async def destroyMessageBuffer(self) -> None:  # noqa: N802
        """Stop collecting."""
        self._cursors.pop(self._session, None)

    async def messageCnt(self) -> int:  # noqa: N802
        """How many wait, -1 without a buffer."""
        cursor = self._cursors.get(self._session)
        return -1 if cursor is None else self._log.after(cursor)

    async def firstMessage(self) -> str:  # noqa: N802
        """The oldest message's text."""
        first = self._first()
        return "" if first is None else first.text

    async def firstMessageAttr(self) -> int:  # noqa: N802
        """The oldest message's attributes."""
        first = self._first()
        return 0 if first is None else first.attr

    async def popFirstMessage(self) -> None:  # noqa: N802
        """Drop the oldest message."""
        self._pop()

    async def readMessage(self) -> tuple[str, int]:  # noqa: N802
        """Take the oldest message out."""
        first = self._pop()
        return ("", 0) if first is None else (first.text, first.attr)

    async def iterMessages(self) -> list[tuple[str, int]]:  # noqa: N802
        """Take all of them out."""
        cursor = self._cursors.get(self._session)
        if cursor is None:
            return []
        self._cursors[self._session] = self._log.last
        return [(logged.text, logged.attr) for logged in self._log if logged.seqs[0] > cursor]

    @property
    def _session(self) -> str:
        if self._reader.id is None:
            raise WrongState("a message buffer belongs to a session", hint="connect over WebSocket")
        return self._reader.id

    def _first(self) -> Logged | None:
        cursor = self._cursors.get(self._session)
        return None if cursor is None else self._log.first_after(cursor)

    def _pop(self) -> Logged | None:
        first = self._first()
        if first is not None:
            self._cursors[self._session] = first.seqs[0]
        return first
