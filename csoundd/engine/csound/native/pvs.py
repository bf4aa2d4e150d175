"""Spectral channels on Csound 7.

A frame is put into the channel's structure here. ``csoundInitPvsChannel`` of 7.0.0 crashes before the start, and
afterwards hangs the frame on the chain of whichever note was performed last, with which it is freed
(docs/upstream-faults.md#csound7-init-pvs). Of what a channel says of itself the members are the same as in Csound 6.
"""

from __future__ import annotations

import ctypes
from typing import Final

import numpy as np
import numpy.typing as npt

from csoundd.api.values import Array, ChannelRef
from csoundd.engine.csound.channels import INPUT_OUTPUT, PVS, Pointers, References
from csoundd.engine.csound.native.csound7 import NativeCsound7
from csoundd.engine.csound.native.instance import Instance
from csoundd.engine.csound.pvs import Members, Shape, SharedPvs, fitting

FLOAT_BYTES: Final = 4


class Framed(Members):
    """``PVSDAT``: the members of a channel, and its frame as Csound keeps memory (``AUXCH``)."""

    _fields_ = (
        ("next", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("address", ctypes.c_void_p),
        ("end", ctypes.c_void_p),
    )


class NativePvs(SharedPvs):
    """Spectra shared by name."""

    def __init__(self, instance: Instance, pointers: Pointers, references: References) -> None:
        super().__init__(pointers, references)
        assert isinstance(instance.c, NativeCsound7)
        self._c = instance.c
        instance.on_reset.append(self.guessed.clear)

    def _made(self, name: str, shape: Shape) -> bool:
        address = self._pointers.address(name, PVS | INPUT_OUTPUT)
        if not address:
            return False
        members = Framed.from_address(address)
        if not members.address or name in self.guessed:
            self.guessed.discard(name)
            size, overlap, window, kind, form = shape
            frame = (size + 2) * FLOAT_BYTES
            memory = self._c.memory(frame)
            members.N, members.overlap, members.winsize = size, overlap, window
            members.wintype, members.format = kind, form
            members.size, members.address, members.end = frame, memory, memory + frame
        return True

    def _members(self, name: str) -> Framed:
        return Framed.from_address(self._pointers.found(name, PVS))

    def pvsData(self, pvsdat: ChannelRef) -> Array:
        return self._frame(self._members(self._references.name(pvsdat, "pvs"))).copy()

    def setPvsData(self, pvsdat: ChannelRef, frame: Array) -> None:
        members = self._members(self._references.name(pvsdat, "pvs"))
        self._frame(members)[:] = fitting(frame, members)
        members.framecount += 1

    @staticmethod
    def _frame(members: Framed) -> npt.NDArray[np.float32]:
        """The frame where it lies."""
        size = members.N + 2
        if not members.address or members.N < 1:
            return np.zeros(max(2, size), np.float32)
        return np.ctypeslib.as_array((ctypes.c_float * size).from_address(members.address))
