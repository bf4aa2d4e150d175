"""Spectral channels, the same on every engine: what is asked for, and what a channel says of itself."""

from __future__ import annotations

import ctypes
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import numpy as np

from csoundd.api.pvs import Pvs
from csoundd.api.values import Array, ChannelRef, Handle
from csoundd.engine.backends.pointers import Pointers
from csoundd.engine.backends.references import References
from csoundd.errors import InvalidParams

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

Shape = tuple[int, int, int, int, int]
"""Size of the transform, overlap, size of the window, its number, format."""


class Members(ctypes.Structure):
    """The structure of a channel up to its frame."""

    _fields_: ClassVar[Sequence[tuple[str, Any]]] = (
        ("N", ctypes.c_int32),
        ("sliding", ctypes.c_int32),
        ("NB", ctypes.c_int32),
        ("overlap", ctypes.c_int32),
        ("winsize", ctypes.c_int32),
        ("wintype", ctypes.c_int32),
        ("format", ctypes.c_int32),
        ("framecount", ctypes.c_uint32),
    )


class SharedPvs(Pvs):
    """Spectra shared by name: an engine says how a channel is made, where its structure is, and moves frames."""

    def __init__(self, pointers: Pointers, references: References) -> None:
        self._pointers, self._references = pointers, references

    @abstractmethod
    def _made(self, name: str, shape: Shape) -> bool:
        """Make a channel that was not there, or is a spectral one: whether that went well."""

    @abstractmethod
    def _members(self, name: str) -> Members:
        """The structure of a channel that is there."""

    def initPvsChannel(
        self, name: str, fftsize: int, overlap: int, winsize: int, wintype: int | str, format: int = 0
    ) -> Handle | None:
        shape = (fftsize, overlap, winsize, _window(wintype), format)
        if not all(0 < size <= LARGEST for size in shape[:3]) or not 0 <= format < FORMATS:
            raise InvalidParams(f"sizes are between 1 and {LARGEST}, formats between 0 and 3", largest=LARGEST)
        if self._pointers.kind(name) not in {"", "pvs"} or not self._made(name, shape):
            return None
        return self._references.made(name, "pvs")

    def _meant(self, pvsdat: ChannelRef) -> Members:
        return self._members(self._references.name(pvsdat, "pvs"))

    def pvsDataFftSize(self, pvsdat: ChannelRef) -> int:
        return int(self._meant(pvsdat).N)

    def pvsDataOverlap(self, pvsdat: ChannelRef) -> int:
        return int(self._meant(pvsdat).overlap)

    def pvsDataWindowSize(self, pvsdat: ChannelRef) -> int:
        return int(self._meant(pvsdat).winsize)

    def pvsDataFormat(self, pvsdat: ChannelRef) -> int:
        return int(self._meant(pvsdat).format)

    def pvsDataFramecount(self, pvsdat: ChannelRef) -> int:
        return int(self._meant(pvsdat).framecount)


def fitting(frame: Array, members: Members) -> Array:
    """``frame`` as the channel takes it. Raises InvalidParams where it is of another size."""
    given, size = np.ascontiguousarray(frame, "<f4"), members.N + 2
    if members.N < 1 or given.shape != (size,):
        raise InvalidParams(f"a frame of this channel has {size} numbers", size=size)
    return given


def _window(wintype: int | str) -> int:
    number = WINDOWS.index(wintype) if wintype in WINDOWS else wintype
    if not isinstance(number, int) or not 0 <= number < len(WINDOWS):
        raise InvalidParams(f"there is no window {wintype!r}", hint=", ".join(WINDOWS))
    return number
