"""Spectral channels on the system's Csound.

Csound 6 has no functions for their parts: there a frame goes in by ``csoundSetPvsChannel``, which makes the channel
and copies, and is read where it lies, since ``csoundGetPvsChannel`` leaves out the last bin. Csound 7 keeps its
frames otherwise and has a function for each part; the members before the frame are the same in both.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np

from csoundd.api.pvs import Pvs
from csoundd.api.values import Array, ChannelRef, Handle
from csoundd.engine.backends.native.instance import CSOUND_7, Instance
from csoundd.engine.backends.native.pointers import INPUT_OUTPUT, PVS, Pointers
from csoundd.engine.backends.references import References
from csoundd.errors import EngineError, InvalidParams

WINDOWS: Final = (
    "hamming",
    "hann",
    "kaiser",
    "custom",
    "blackman",
    "blackman-exact",
    "nuttallc3",
    "bharris3",
    "bharrismin",
    "rect",
)
FORMATS: Final = 4
LARGEST: Final = 65_536
SUCCESS: Final = 0
Floats = ctypes.POINTER(ctypes.c_float)


class Members(ctypes.Structure):
    """A channel's structure up to the frame, and the pointer to the frame that Csound 6 has there."""

    _fields_ = (
        ("N", ctypes.c_int32),
        ("sliding", ctypes.c_int32),
        ("NB", ctypes.c_int32),
        ("overlap", ctypes.c_int32),
        ("winsize", ctypes.c_int32),
        ("wintype", ctypes.c_int32),
        ("format", ctypes.c_int32),
        ("framecount", ctypes.c_uint32),
        ("frame", Floats),
    )


class NativePvs(Pvs):
    """Spectra shared by name."""

    def __init__(self, instance: Instance, pointers: Pointers, references: References) -> None:
        self._instance, self._pointers, self._references = instance, pointers, references

    def initPvsChannel(
        self, name: str, fftsize: int, overlap: int, winsize: int, wintype: int | str, format: int = 0
    ) -> Handle | None:
        shape = (fftsize, overlap, winsize, _window(wintype), format)
        if not all(0 < size <= LARGEST for size in shape[:3]) or not 0 <= format < FORMATS:
            raise InvalidParams(f"sizes are between 1 and {LARGEST}, formats between 0 and 3", largest=LARGEST)
        if self._pointers.kind(name) not in {"", "pvs"}:
            return None
        if self._instance.version >= CSOUND_7:
            self._instance.c.csoundInitPvsChannel(self._instance.pointer, name.encode(), *shape)
        elif not self._members_at(name).N:
            self._replace(name, Members(fftsize, 0, 0, overlap, winsize, shape[3], format, 0), np.zeros(fftsize + 2))
        return self._references.made(name, "pvs")

    def _members_at(self, name: str) -> Members:
        """The structure of a channel, which is made where it was not there."""
        address = self._pointers.address(name, PVS | INPUT_OUTPUT)
        if not address:
            raise EngineError(f"the spectral channel {name!r} could not be made")
        return ctypes.cast(address, ctypes.POINTER(Members)).contents

    def _replace(self, name: str, members: Members, frame: Array) -> None:
        samples = np.ascontiguousarray(frame, np.float32)
        members.frame = samples.ctypes.data_as(Floats)
        set_channel = self._instance.c.csoundSetPvsChannel
        structure = ctypes.cast(ctypes.pointer(members), set_channel.argtypes[1])
        code = set_channel(self._instance.pointer, structure, name.encode())
        if code != SUCCESS:
            raise EngineError(f"csoundSetPvsChannel returned {code}", returned=int(code))

    def _found(self, pvsdat: ChannelRef) -> tuple[str, Members]:
        name = self._references.name(pvsdat, "pvs")
        return name, ctypes.cast(self._pointers.there(name), ctypes.POINTER(Members)).contents

    def pvsData(self, pvsdat: ChannelRef) -> Array:
        name, members = self._found(pvsdat)
        frame: Any = members.frame
        if self._instance.version >= CSOUND_7:
            frame = self._instance.c.csoundGetPvsData(self._pointers.there(name))
        if not frame or members.N < 1:
            return np.zeros(max(0, members.N) + 2, np.float32)
        return np.array(np.ctypeslib.as_array(frame, shape=(members.N + 2,)))

    def setPvsData(self, pvsdat: ChannelRef, frame: Array) -> None:
        name, members = self._found(pvsdat)
        given = np.ascontiguousarray(frame, np.float32)
        if members.N < 1 or given.shape != (members.N + 2,):
            raise InvalidParams(f"a frame of this channel has {members.N + 2} numbers", size=members.N + 2)
        count = members.framecount + 1
        if self._instance.version >= CSOUND_7:
            self._instance.c.csoundSetPvsData(self._pointers.there(name), given.ctypes.data_as(Floats))
            members.framecount = count
            return
        whole = Members.from_buffer_copy(members)
        whole.framecount = count
        self._replace(name, whole, given)

    def pvsDataFftSize(self, pvsdat: ChannelRef) -> int:
        return int(self._found(pvsdat)[1].N)

    def pvsDataOverlap(self, pvsdat: ChannelRef) -> int:
        return int(self._found(pvsdat)[1].overlap)

    def pvsDataWindowSize(self, pvsdat: ChannelRef) -> int:
        return int(self._found(pvsdat)[1].winsize)

    def pvsDataFormat(self, pvsdat: ChannelRef) -> int:
        return int(self._found(pvsdat)[1].format)

    def pvsDataFramecount(self, pvsdat: ChannelRef) -> int:
        return int(self._found(pvsdat)[1].framecount)


def _window(wintype: int | str) -> int:
    number = WINDOWS.index(wintype) if wintype in WINDOWS else wintype
    if not isinstance(number, int) or not 0 <= number < len(WINDOWS):
        raise InvalidParams(f"there is no window {wintype!r}", hint=", ".join(WINDOWS))
    return number
