"""Stage 1, OSC echoes: who sent which value lately, so that nobody is told what they said themselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final, NamedTuple

MEMORY: Final = 1.0
"""Seconds for which a value that was sent can still come back as an echo."""

_VALUES: Final = 64
_CHANNELS: Final = 10_000


class Sent(NamedTuple):
    """A value, who sent it, and the monotonic time."""

    value: object
    sender: str
    moment: float


class Echoes:
    """The latest values of each channel. Who sent a value last is who it would be an echo for."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._sent: dict[str, deque[Sent]] = {}

    def note(self, name: str, value: object, sender: str) -> None:
        """Take note that ``sender`` set the channel ``name``."""
        sent = self._sent.get(name)
        if sent is None:
            if len(self._sent) >= _CHANNELS:
                self._sent.clear()
            sent = self._sent[name] = deque(maxlen=_VALUES)
        sent.append(Sent(value, sender, self._clock()))

    def is_echo(self, name: str, value: object, listener: str) -> bool:
        """Whether the channel has ``value`` because ``listener`` set it."""
        oldest = self._clock() - MEMORY
        for sent in reversed(self._sent.get(name, ())):
            if sent.moment < oldest:
                return False
            if sent.value == value:
                return sent.sender == listener
        return False

    def is_by(self, name: str, sender: str) -> bool:
        """Whether ``sender`` was the last to set the channel, a moment ago."""
        sent = self._sent.get(name)
        return sent is not None and sent[-1].sender == sender and sent[-1].moment >= self._clock() - MEMORY
