"""The keys that sessions hold by MIDI: those of a player who is gone are let go of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from csoundd.messages import At

NOTE_OFF, NOTE_ON, CONTROL = 0x80, 0x90, 0xB0
STATUS, SYSTEM, CHANNEL, REAL_TIME = 0x80, 0xF0, 0x0F, 0xF8
ONE_BYTE: Final = frozenset({0xC0, 0xD0})
"""Messages of a channel that have one byte of data: a program, and pressure on all keys."""

SUSTAIN: Final = 64
DOWN: Final = 64
"""From this value on a pedal is down."""

SILENCING: Final = frozenset(range(120, 128)) - {121, 122}
"""Controllers that end every note of their channel."""

NOW: Final = At("delay", 0.0)

Held = tuple[int, int]
"""A channel, and a key of it; of the pedal -1."""


class HeldKeys:
    """What each session holds: a key from its note-on to its note-off, a pedal while it is down."""

    def __init__(self) -> None:
        self._held: dict[str, dict[Held, At]] = {}

    def push(self, session: str, data: bytes, at: At | None) -> None:
        """``session`` has sent ``data``, for a time of its own or for now."""
        held = self._held.setdefault(session, {})
        for status, first, second in _messages(data):
            kind, channel = status & SYSTEM, status & CHANNEL
            if kind == NOTE_ON and second > 0:
                held[channel, first] = at or NOW
            elif kind in (NOTE_ON, NOTE_OFF):
                held.pop((channel, first), None)
            elif kind == CONTROL and first == SUSTAIN:
                if second >= DOWN:
                    held[channel, -1] = at or NOW
                else:
                    held.pop((channel, -1), None)
            elif kind == CONTROL and first in SILENCING:
                for each in [each for each in held if each[0] == channel and each[1] >= 0]:
                    del held[each]
        if not held:
            del self._held[session]

    def release(self, session: str) -> Iterator[tuple[bytes, At]]:
        """``session`` is over: the messages that let go of what it holds, each with the time at which that began."""
        held = self._held.pop(session, {})
        for (channel, key), at in sorted(held.items(), key=lambda item: item[0], reverse=True):
            yield bytes([CONTROL | channel, SUSTAIN, 0] if key < 0 else [NOTE_OFF | channel, key, 0]), at

    def clear(self) -> None:
        """Nothing sounds any more: Csound begins anew."""
        self._held.clear()


def _messages(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The messages of channels in ``data``, as status and two bytes; a status holds until another comes."""
    status, waiting = 0, -1
    for byte in data:
        if byte >= STATUS:
            # Clocks and the like may come in the middle of a message.
            if byte < REAL_TIME:
                status, waiting = (byte if byte < SYSTEM else 0), -1
        elif status == 0:
            continue
        elif status & SYSTEM in ONE_BYTE:
            yield status, byte, 0
        elif waiting < 0:
            waiting = byte
        else:
            yield status, waiting, byte
            waiting = -1
