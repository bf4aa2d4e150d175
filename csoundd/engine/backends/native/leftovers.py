"""The native engine, leftovers: what Csound 6 forgets to free when it has listed the channels, freed after all.

``csoundListChannels`` builds a chain of cells, one for each channel, copies it into the list that it returns, and
leaves it behind until the next reset. Whoever follows channels by pattern has the list made many times a second.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

from csoundd.engine.backends.native.instance import Instance

_HEAD: Final = 2 * ctypes.sizeof(ctypes.c_void_p)
"""Each block of Csound's memory begins with the addresses of the next younger and the next older block."""

_WORD: Final = ctypes.sizeof(ctypes.c_void_p)
_MEND: Final = range(6180, 6190)
"""The versions whose memory is known to look so."""


def free_cells(instance: Instance, listed: Any, count: int) -> None:
    """Free the cells that ``listed``, the address of ``count`` channels just made, was copied from.

    They are the blocks made before it, the last first, and each holds the address of the next. Where they do not,
    nothing is freed.
    """
    if instance.version in _MEND:
        for cell in _cells(ctypes.cast(listed, ctypes.c_void_p).value or 0, count):
            # It frees whatever block of Csound's it is given.
            instance.c.csoundDeleteChannelList(instance.pointer, ctypes.cast(cell, type(listed)))


def _cells(listed: int, count: int) -> list[int]:
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
