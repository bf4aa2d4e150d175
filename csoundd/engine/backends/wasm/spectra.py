"""Spectral channels on the embedded engine.

This Csound writes past a frame where ``pvsout`` names a channel that nobody made before, and loops for ever where
``pvsin`` does. So the channels that code names are made, large enough, before that code is compiled.
"""

from __future__ import annotations

import re
import struct
from typing import Final

import numpy as np

from csoundd.api.pvs import Pvs
from csoundd.api.values import Array, ChannelRef, Handle
from csoundd.engine.backends.references import References
from csoundd.engine.backends.wasm.instance import Instance
from csoundd.engine.backends.wasm.pointers import PVS, Pointers
from csoundd.errors import InvalidParams

FRAME: Final = struct.Struct("<8i4I")
"""Size, sliding, bins, overlap, window, window type, format, frame count; then the frame: next, bytes, address, end."""

FRAME_COUNT: Final = 28
MEMORY: Final = 9
FLOAT_BYTES: Final = 4
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
WRITTEN: Final = re.compile(r'\bpvsout\b\s*\(?[^,"\n]+,\s*(?:"([^"\n]+)"|(\d+))')
READ: Final = re.compile(r'\bpvsin\b\s*\(?\s*(?:"([^"\n]+)"|(\d+))((?:\s*,\s*\d+)*)')
ROOM: Final = (16_384, 4096, 16_384, 1, 0)
"""What is made for a channel that an orchestra writes: it takes on the size of what is written."""

DEFAULTS: Final = (1024, 256, 1024, 1, 0)
"""What ``pvsin`` expects where it says nothing else."""


class Spectra:
    """The spectral channels of one instance."""

    def __init__(self, instance: Instance, pointers: Pointers) -> None:
        self._instance, self._pointers = instance, pointers
        self._guessed: set[str] = set()
        instance.on_reset.append(self._guessed.clear)

    def make(self, name: str, shape: tuple[int, ...]) -> int:
        """The address of a channel, made where it was not there."""
        with self._instance.machine.lend(name) as text:
            return int(self._instance.c.csoundInitPvsChannel(self._instance.cs, text, *shape))

    def prepare(self, code: str) -> None:
        """Make the channels that ``code`` names."""
        if "pvsout" not in code and "pvsin" not in code:
            return
        for found in READ.finditer(code):
            given = [int(number) for number in found[3].replace(",", " ").split()]
            self._make_named(found, (*given, *DEFAULTS[len(given) :]))
        for found in WRITTEN.finditer(code):
            self._make_named(found, ROOM)

    def _make_named(self, found: re.Match[str], shape: tuple[int, ...]) -> None:
        name = found[1] or found[2]
        if not self._pointers.kind(name) and self.make(name, ROOM):
            self.reshape(name, shape[: len(DEFAULTS)])
            self._guessed.add(name)

    def given(self, name: str, shape: tuple[int, ...]) -> bool:
        """Make a channel of this shape, or give it to one that was made for code that named it."""
        if name in self._guessed:
            self._guessed.discard(name)
            self.reshape(name, shape)
        return bool(self.make(name, shape))

    def reshape(self, name: str, shape: tuple[int, ...]) -> None:
        """Set the members of a channel, if its memory is large enough."""
        size, overlap, window, kind, form = shape
        if (size + 2) * FLOAT_BYTES <= self.at(name)[MEMORY]:
            start = struct.pack("<7i", size, 0, 0, overlap, window, kind, form)
            self._instance.machine.write(self.address(name), start)

    def at(self, name: str) -> tuple[int, ...]:
        """The members of a channel's structure."""
        return FRAME.unpack(self._instance.machine.bytes_at(self.address(name), FRAME.size))

    def kind(self, name: str) -> str:
        """The kind of a channel, empty where there is none."""
        return self._pointers.kind(name)

    def address(self, name: str) -> int:
        """Where a channel's structure is."""
        return self._pointers.found(name, PVS)


class WasmPvs(Pvs):
    """Spectra shared by name."""

    def __init__(self, instance: Instance, spectra: Spectra, references: References) -> None:
        self._instance, self._spectra, self._references = instance, spectra, references

    def initPvsChannel(
        self, name: str, fftsize: int, overlap: int, winsize: int, wintype: int | str, format: int = 0
    ) -> Handle | None:
        number = _window(wintype)
        if not all(0 < size <= LARGEST for size in (fftsize, overlap, winsize)) or not 0 <= format < FORMATS:
            raise InvalidParams(f"sizes are between 1 and {LARGEST}, formats between 0 and 3", largest=LARGEST)
        if self._spectra.kind(name) not in {"", "pvs"}:
            return None
        if not self._spectra.given(name, (fftsize, overlap, winsize, number, format)):
            return None
        return self._references.made(name, "pvs")

    def _members(self, pvsdat: ChannelRef) -> tuple[int, ...]:
        return self._spectra.at(self._references.name(pvsdat, "pvs"))

    def pvsData(self, pvsdat: ChannelRef) -> Array:
        members = self._members(pvsdat)
        return np.array(self._instance.machine.array(members[10], (members[0] + 2,), "<f4"))

    def setPvsData(self, pvsdat: ChannelRef, frame: Array) -> None:
        members, given = self._members(pvsdat), np.asarray(frame, "<f4")
        if given.shape != (members[0] + 2,):
            raise InvalidParams(f"a frame of this channel has {members[0] + 2} numbers", size=members[0] + 2)
        machine = self._instance.machine
        machine.array(members[10], given.shape, "<f4")[:] = given
        pointer = self._spectra.address(self._references.name(pvsdat, "pvs"))
        machine.write(pointer + FRAME_COUNT, struct.pack("<I", members[7] + 1 & 0xFFFFFFFF))

    def pvsDataFftSize(self, pvsdat: ChannelRef) -> int:
        return self._members(pvsdat)[0]

    def pvsDataOverlap(self, pvsdat: ChannelRef) -> int:
        return self._members(pvsdat)[3]

    def pvsDataWindowSize(self, pvsdat: ChannelRef) -> int:
        return self._members(pvsdat)[4]

    def pvsDataFormat(self, pvsdat: ChannelRef) -> int:
        return self._members(pvsdat)[6]

    def pvsDataFramecount(self, pvsdat: ChannelRef) -> int:
        return self._members(pvsdat)[7]


def _window(wintype: int | str) -> int:
    number = WINDOWS.index(wintype) if wintype in WINDOWS else wintype
    if not isinstance(number, int) or not 0 <= number < len(WINDOWS):
        raise InvalidParams(f"there is no window {wintype!r}", hint=", ".join(WINDOWS))
    return number
