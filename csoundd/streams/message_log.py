"""The last messages that Csound printed: streams replay them, and the message buffers of Csound's API read them.

There is one log; each session that has a buffer has a cursor of its own over it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from csoundd.api.messages import MessageBuffer
from csoundd.errors import WrongState
from csoundd.messages import ERROR, MESSAGE_TYPE, WARNING, Frames, MessagePrinted
from csoundd.ports import Identity

LEVELS: Final = ("info", "warning", "error")
"""From all messages to the most severe only; a level's stream has the messages of the levels after it too."""

_ERROR_WORDS: Final = re.compile(
    r"\b(error|failed|cannot|can't|unable|unexpected|undefined|used before defined|not found|illegal|invalid)\b"
)
"""Csound 6 marks much as an error that is none, its own version among it: the words tell."""

_ERROR_BEGINNINGS: Final = ("error:", "init error", "perf error")
_WARNING_BEGINNINGS: Final = ("warning:", "warning ")


@dataclass(frozen=True, slots=True)
class Logged:
    """A message. ``seqs`` are its numbers in the streams of LEVELS, 0 where it is not severe enough."""

    text: str
    attr: int
    level: str
    sample: Frames
    seqs: tuple[int, ...]

    @property
    def data(self) -> dict[str, object]:
        """The message as it travels."""
        return {"text": self.text, "attr": self.attr, "level": self.level}


class MessageLog:
    """The last ``limit`` messages, oldest first."""

    def __init__(self, limit: int = 10_000) -> None:
        self._kept: deque[Logged] = deque(maxlen=limit)
        self._seqs = [0] * len(LEVELS)

    def __iter__(self) -> Iterator[Logged]:
        return iter(self._kept)

    @property
    def last(self) -> int:
        """The number of the last message, which is how many there have been."""
        return self._seqs[0]

    def add(self, printed: MessagePrinted, sample: Frames) -> Logged:
        """Take note of a message that was printed when the engine had come to ``sample``."""
        level = level_of(printed)
        severity = LEVELS.index(level)
        for place in range(severity + 1):
            self._seqs[place] += 1
        seqs = tuple(seq if place <= severity else 0 for place, seq in enumerate(self._seqs))
        logged = Logged(printed.text, printed.attr, level, sample, seqs)
        self._kept.append(logged)
        return logged

    def after(self, number: int) -> int:
        """The number of messages kept that came after the ``number``-th."""
        return min(self.last - number, len(self._kept))

    def first_after(self, number: int) -> Logged | None:
        """The oldest one kept of those that came after the ``number``-th."""
        count = self.after(number)
        return self._kept[-count] if count > 0 else None


def level_of(printed: MessagePrinted) -> str:
    """``error``, ``warning`` or ``info``, by Csound's attribute and by the words."""
    kind = printed.attr & MESSAGE_TYPE
    words = printed.text.lstrip().lower()
    if words.startswith(_ERROR_BEGINNINGS) or (kind == ERROR and _ERROR_WORDS.search(words)):
        return "error"
    if kind == WARNING or words.startswith(_WARNING_BEGINNINGS):
        return "warning"
    return "info"


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
        """The number of messages that wait, -1 without a buffer."""
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
