"""What Csound 6 forgets to free when it has listed the channels.

``csoundListChannels`` builds a chain of cells, one for each channel, copies it into the list that it returns, and
leaves it behind until the next reset (seen in 6.18; not in 7.0.0). Whoever follows channels by pattern has the list
made many times a second (docs/upstream-faults.md#csound6-channel-list).
"""

from __future__ import annotations

import ctypes
from typing import Final

_HEAD: Final = 2 * ctypes.sizeof(ctypes.c_void_p)
"""Each block of Csound's memory begins with the addresses of the next younger and the next older block."""

_WORD: Final = ctypes.sizeof(ctypes.c_void_p)
_KNOWN: Final = range(6180, 6190)
"""The versions whose memory is known to look so."""


def cells_left(version: int, listed: int, count: int) -> list[int]:
    """The addresses of the cells that the list at ``listed``, of ``count`` channels and just made, was copied from.

    They are the blocks made before it, the last first, and each holds the address of the next. Empty where they are
    not found so, or in another version.
    """
    if version not in _KNOWN or not listed:
        return []
    younger, block = _words(listed - _HEAD)
    cells: list[int] = []
    while not younger and block and block % _WORD == 0 and len(cells) < count:
        cell = block + _HEAD
        _, following = _words(cell)
        block = _words(block)[1]
        cells.append(cell)
        if following != (block + _HEAD if len(cells) < count else 0):
            return []
    return cells if len(cells) == count else []


def _words(address: int) -> tuple[int, int]:
    """The two addresses that stand at ``address``."""
    first, second = (ctypes.c_void_p * 2).from_address(address)
    return first or 0, second or 0
