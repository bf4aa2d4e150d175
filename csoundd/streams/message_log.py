"""The last messages that Csound printed, for streams that replay and for sessions' message buffers."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from csoundd.messages import WARNING, Frames, MessagePrinted

LEVELS: Final = ("info", "warning", "error")
"""From all messages to the most severe only; a level's stream has the messages of the levels after it too."""

_TYPE: Final = 0x7000
_ERROR: Final = 0x1000
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
        """How many messages there have been; the number of the last one."""
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
        """How many messages that came after the ``number``-th are kept."""
        return min(self.last - number, len(self._kept))

    def first_after(self, number: int) -> Logged | None:
        """The oldest one kept of those that came after the ``number``-th."""
        count = self.after(number)
        return self._kept[-count] if count > 0 else None


def level_of(printed: MessagePrinted) -> str:
    """``error``, ``warning`` or ``info``, by Csound's attribute and by the words."""
    kind = printed.attr & _TYPE
    words = printed.text.lstrip().lower()
    if words.startswith(_ERROR_BEGINNINGS) or (kind == _ERROR and _ERROR_WORDS.search(words)):
        return "error"
    if kind == WARNING or words.startswith(_WARNING_BEGINNINGS):
        return "warning"
    return "info"
