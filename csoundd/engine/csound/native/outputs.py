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
    """The offsets of the instance in an opcode, and of the buffer in an instance, beside the rest of that.

    ``ksmps`` is that of the length of an instance's own cycles, where the buffer is arranged by it, else None.
    """

    instance: int
    buffer: int
    ksmps: int | None
    layout: Layout


PLACES_6: Final = _Places(40, 296, 160, LAYOUT_6)
"""Of 6.18.1, 64 bits."""

PLACES_7: Final = _Places(56, 328, None, LAYOUT_7)
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
        self._ksmps, self._nchnls = ksmps, nchnls

    def begin(self) -> None:
        """A cycle begins."""
        self._local_ksmps = self._ksmps
        for block in self._blocks.values():
            block[:] = 0.0

    def end(self) -> None:
        """A cycle was performed."""
        self._close()

    def block(self, name: str) -> Points:
        """What the instrument ``name`` has put out in the last cycle, ``[ksmps, nchnls]``."""
        blocks = self._blocks[name].reshape(-1, self._nchnls, self._local_ksmps)
        return blocks.transpose(0, 2, 1).reshape(self._ksmps, self._nchnls)

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
        if places.ksmps is not None:
            ksmps = ctypes.c_uint32.from_address(instance + places.ksmps).value
            if ksmps != self._ksmps:
                # 6.18 takes the whole buffer to be arranged as the last instance with shorter cycles has it.
                self._local_ksmps = ksmps
        number = ctypes.c_int16.from_address(instance + places.layout.number).value
        if number not in self._by_number:
            self._by_number[number] = self._block_of(number, instance)
        block = self._by_number[number]
        if block is not self._current:
            self._close()
            self._current = block
            if block is not None:
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
