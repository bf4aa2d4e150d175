"""What each instrument puts out, told apart by an opcode of ours at the beginning of each instrument.

Csound performs the active instances one after the other, and each adds what it puts out to one buffer, whatever opcode
it does that by. So what was added between the beginning of one instance and that of the next is the first one's. Where
that buffer is every instance knows (``INSDS`` in csoundCore.h); it holds one channel after the other.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from csoundd.engine.csound.backend import BEGINS, CSOUND_7, Points
from csoundd.engine.csound.instances import LAYOUT_6, LAYOUT_7, Layout
from csoundd.engine.csound.native.binding import NativeBinding


class _Places(NamedTuple):
    """The offsets of the instance in an opcode, of the buffer in an instance, and the rest of an instance."""

    instance: int
    buffer: int
    layout: Layout


PLACES_6: Final = _Places(40, 296, LAYOUT_6)
"""Of 6.18.1, 64 bits."""

PLACES_7: Final = _Places(56, 328, LAYOUT_7)
"""Of 7.0.0, 64 bits."""


class InstrumentOutputs:
    """The outputs of the instruments in ``names`` over one cycle.

    Each instrument of the orchestra has to begin with the opcode BEGINS, which this makes.
    """

    def __init__(self, binding: NativeBinding, names: Iterable[str]) -> None:
        self._c = binding
        self._places = PLACES_7 if binding.version >= CSOUND_7 else PLACES_6
        self._names = tuple(names)
        self._by_number: dict[int, Points | None] = {}
        self._blocks: dict[str, Points] = {}
        self._buffer = self._before = np.zeros(0)
        self._place = 0
        self._current: Points | None = None
        self._thread = threading.get_ident()
        self.is_threaded = False
        """Whether instances were performed by several threads, and so not one after the other."""

        binding.append_opcode(BEGINS, self._places.instance + ctypes.sizeof(ctypes.c_void_p), self._begins)

    def start(self, ksmps: int, nchnls: int) -> None:
        """Csound has started with cycles of so many frames and channels."""
        self._before = np.zeros(ksmps * nchnls)
        self._blocks = {name: np.zeros(ksmps * nchnls) for name in self._names}
        self._shape = nchnls, ksmps

    def begin(self) -> None:
        """A cycle begins."""
        for block in self._blocks.values():
            block[:] = 0.0

    def end(self) -> None:
        """A cycle was performed."""
        self._close()

    def block(self, name: str) -> Points:
        """What the instrument ``name`` has put out in the last cycle, ``[ksmps, nchnls]``."""
        return self._blocks[name].reshape(self._shape).T

    def _begins(self, _csound: int, opcode: int) -> int:
        """An instance begins with its cycle."""
        places = self._places
        instance = ctypes.c_void_p.from_address(opcode + places.instance).value or 0
        buffer = ctypes.c_void_p.from_address(instance + places.buffer).value or 0
        if threading.get_ident() != self._thread:
            self.is_threaded = True
            return 0
        if not self._place:
            self._place = buffer
            self._buffer = self._c.view(buffer, self._before.shape)
        if not self._place <= buffer < self._place + self._before.nbytes:
            # An instrument that is called by another one puts out to that.
            return 0
        self._close()
        number = ctypes.c_int16.from_address(instance + places.layout.number).value
        if number not in self._by_number:
            self._by_number[number] = self._block_of(number, instance)
        self._current = self._by_number[number]
        if self._current is not None:
            self._before[:] = self._buffer
        return 0

    def _close(self) -> None:
        """What is added from here on is not the output of the instance that has begun last."""
        if self._current is not None:
            self._current += self._buffer - self._before
            self._current = None

    def _block_of(self, number: int, instance: int) -> Points | None:
        layout = self._places.layout
        definition = ctypes.c_void_p.from_address(instance + layout.definition).value or 0
        name = ctypes.c_char_p.from_address(definition + layout.name).value or b""
        return self._blocks.get(str(number), self._blocks.get(name.decode(errors="replace")))
