"""Spectral channels on the system's Csound.

Csound 6 has no functions for their parts: there a frame goes in by ``csoundSetPvsChannel``, which makes the channel
and copies, and is read where it lies, since ``csoundGetPvsChannel`` leaves out the last bin. Csound 7 keeps its
frames otherwise and has a function for each part; the members before the frame are the same in both.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np

from csoundd.api.values import Array, ChannelRef
from csoundd.engine.backends.native.instance import CSOUND_7, Instance
from csoundd.engine.backends.pointers import INPUT_OUTPUT, PVS, Pointers
from csoundd.engine.backends.pvs import Members, Shape, SharedPvs, fitting
from csoundd.engine.backends.references import References
from csoundd.errors import EngineError

SUCCESS: Final = 0
Floats = ctypes.POINTER(ctypes.c_float)


class Pointed(Members):
    """The members of a channel, and the pointer to the frame that Csound 6 has there."""

    _fields_ = (("frame", Floats),)


class NativePvs(SharedPvs):
    """Spectra shared by name."""

    def __init__(self, instance: Instance, pointers: Pointers, references: References) -> None:
        super().__init__(pointers, references)
        self._instance = instance

    def _made(self, name: str, shape: Shape) -> bool:
        size, overlap, window, kind, form = shape
        if self._instance.version >= CSOUND_7:
            self._instance.c.csoundInitPvsChannel(self._instance.pointer, name.encode(), *shape)
        elif not self._made_members(name).N:
            self._replace(name, Pointed(size, 0, 0, overlap, window, kind, form, 0), np.zeros(size + 2))
        return True

    def _made_members(self, name: str) -> Pointed:
        """The structure of a channel, which is made where it was not there."""
        address = self._pointers.address(name, PVS | INPUT_OUTPUT)
        if not address:
            raise EngineError(f"the spectral channel {name!r} could not be made")
        return Pointed.from_address(address)

    def _replace(self, name: str, members: Pointed, frame: Array) -> None:
        samples = np.ascontiguousarray(frame, np.float32)
        members.frame = samples.ctypes.data_as(Floats)
        set_channel = self._instance.c.csoundSetPvsChannel
        structure = ctypes.cast(ctypes.pointer(members), set_channel.argtypes[1])
        code = set_channel(self._instance.pointer, structure, name.encode())
        if code != SUCCESS:
            raise EngineError(f"csoundSetPvsChannel returned {code}", returned=int(code))

    def _members(self, name: str) -> Pointed:
        return Pointed.from_address(self._pointers.found(name, PVS))

    def pvsData(self, pvsdat: ChannelRef) -> Array:
        members = self._members(self._references.name(pvsdat, "pvs"))
        frame: Any = members.frame
        if self._instance.version >= CSOUND_7:
            frame = self._instance.c.csoundGetPvsData(ctypes.addressof(members))
        if not frame or members.N < 1:
            return np.zeros(max(0, members.N) + 2, np.float32)
        return np.array(np.ctypeslib.as_array(frame, shape=(members.N + 2,)))

    def setPvsData(self, pvsdat: ChannelRef, frame: Array) -> None:
        name = self._references.name(pvsdat, "pvs")
        members = self._members(name)
        given = fitting(frame, members)
        count = members.framecount + 1
        if self._instance.version >= CSOUND_7:
            self._instance.c.csoundSetPvsData(ctypes.addressof(members), given.ctypes.data_as(Floats))
            members.framecount = count
            return
        whole = Pointed.from_buffer_copy(members)
        whole.framecount = count
        self._replace(name, whole, given)
