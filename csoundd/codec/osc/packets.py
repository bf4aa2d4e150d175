"""Stage 2, OSC: what a packet holds once it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_FRACTION: Final = 2**32
_ERA: Final = 2**32
_SINCE_1900: Final = 2_208_988_800
_ERA_BEGINS: Final = 2**31
_AT_ONCE: Final = 1


@dataclass(frozen=True, slots=True)
class Timetag:
    """A moment as OSC writes it: seconds since 1900, times 2 to the 32nd."""

    ntp: int

    @property
    def immediate(self) -> bool:
        """Whether it stands for no moment but for "as soon as possible"."""
        return self.ntp <= _AT_ONCE

    @property
    def unix(self) -> float:
        """Seconds since 1970. Small numbers are read as of the era that begins in 2036."""
        seconds, fraction = divmod(self.ntp, _FRACTION)
        if seconds < _ERA_BEGINS:
            seconds += _ERA
        return seconds - _SINCE_1900 + fraction / _FRACTION

    @classmethod
    def of(cls, unix: float) -> Timetag:
        """The timetag of a moment in seconds since 1970."""
        whole = int(unix)
        return cls((whole + _SINCE_1900) % _ERA * _FRACTION + int((unix - whole) * _FRACTION))


NOW: Final = Timetag(_AT_ONCE)


class Impulse:
    """The type of IMPULSE, which the tag ``I`` stands for."""

    def __repr__(self) -> str:
        return "IMPULSE"


IMPULSE: Final = Impulse()


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour, eight bits each of red, green, blue and alpha."""

    rgba: int


@dataclass(frozen=True, slots=True)
class Midi:
    """A MIDI message: port, status and two data bytes."""

    data: bytes


Value = int | float | str | bytes | bool | None | Impulse | Timetag | Colour | Midi | list["Value"]
"""One argument. What stood between ``[`` and ``]`` is a list."""


@dataclass(frozen=True, slots=True)
class Message:
    """An address and its arguments; ``tags`` are their types, without the comma."""

    address: str
    tags: str
    arguments: list[Value]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Messages and bundles that belong together at one moment."""

    timetag: Timetag
    elements: list[Message | Bundle]


Packet = Message | Bundle
