"""Spectral channels on Csound 6, which has no functions for their parts.

A frame goes in by ``csoundSetPvsChannel``, which makes the channel and copies, and is read where it lies, since
``csoundGetPvsChannel`` of 6.18 leaves out the last bin (docs/upstream-faults.md#csound6-pvs-last-bin).
"""

from __future__ import annotations

import ctypes
from typing import Final

import numpy as np

from csoundd.api.values import Array, ChannelRef
from csoundd.engine.csound.channels import INPUT_OUTPUT, PVS
from csoundd.engine.csound.pvs import Members, Shape, SharedPvs, fitting
from csoundd.errors import EngineError

SUCCESS: Final = 0

Floats = ctypes.POINTER(ctypes.c_float)


class Pointed(Members):
    """``PVSDATEXT``: the members of a channel, and the pointer to its frame."""

    _fields_ = (("frame", Floats),)


class Csound6Pvs(SharedPvs):
    """Spectra shared by name."""

    def _made(self, name: str, shape: Shape) -> bool:
        size, overlap, window, kind, form = shape
        address = self._pointers.address(name, PVS | INPUT_OUTPUT)
        if not address:
            raise EngineError(f"the spectral channel {name!r} could not be made")
        if not Pointed.from_address(address).N or name in self._guessed:
            self._guessed.discard(name)
            self._replace(name, Pointed(size, 0, 0, overlap, window, kind, form, 0), np.zeros(size + 2))
        return True

    def _replace(self, name: str, members: Pointed, frame: Array) -> None:
        samples = np.ascontiguousarray(frame, np.float32)
        members.frame = samples.ctypes.data_as(Floats)
        code = self._c.csoundSetPvsChannel(ctypes.addressof(members), name.encode())
        if code != SUCCESS:
            raise EngineError(f"csoundSetPvsChannel returned {code}", returned=int(code))

    def _members(self, name: str) -> Pointed:
        return Pointed.from_address(self._pointers.found(name, PVS))

    def pvsData(self, pvsdat: ChannelRef) -> Array:
        members = self._members(self._references.name(pvsdat, "pvs"))
        if not members.frame or members.N < 1:
            return np.zeros(max(0, members.N) + 2, np.float32)
        return np.array(np.ctypeslib.as_array(members.frame, shape=(members.N + 2,)))

    def setPvsData(self, pvsdat: ChannelRef, frame: Array) -> None:
        name = self._references.name(pvsdat, "pvs")
        members = self._members(name)
        given = fitting(frame, members)
        whole = Pointed.from_buffer_copy(members)
        whole.framecount = members.framecount + 1
        self._replace(name, whole, given)
