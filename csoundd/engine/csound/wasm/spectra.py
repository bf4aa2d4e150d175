"""Spectral channels on the embedded engine.

This Csound writes past a frame where ``pvsout`` names a channel that nobody made before, and loops for ever where
``pvsin`` does. So the channels that code names are made, large enough, before that code is compiled.
"""

from __future__ import annotations

import ctypes
import struct
from typing import Final

import numpy as np

from csoundd.api.values import Array, ChannelRef
from csoundd.engine.csound.channels import PVS, Pointers, References
from csoundd.engine.csound.pvs import Members, Shape, SharedPvs, channels_read, channels_written, fitting
from csoundd.engine.csound.wasm.instance import Instance

FLOAT_BYTES: Final = 4
ROOM: Final = (16_384, 4096, 16_384, 1, 0)
"""What is made for a channel that an orchestra writes: it takes on the size of what is written."""


class Framed(Members):
    """The members of a channel, and where its frame is in the machine."""

    _fields_ = (
        ("next", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("address", ctypes.c_uint32),
        ("end", ctypes.c_uint32),
    )


class Spectra:
    """The spectral channels of one instance."""

    def __init__(self, instance: Instance, pointers: Pointers) -> None:
        self._instance, self._pointers = instance, pointers
        self._guessed: set[str] = set()
        instance.on_reset.append(self._guessed.clear)

    def make(self, name: str, shape: tuple[int, ...]) -> int:
        """The address of a channel, made where it was not there."""
        return int(self._instance.c.csoundInitPvsChannel(name, *shape))

    def prepare(self, code: str) -> None:
        """Make the channels that ``code`` names."""
        for name, shape in channels_read(code).items():
            self._make_named(name, shape)
        for name in channels_written(code):
            self._make_named(name, ROOM)

    def _make_named(self, name: str, shape: Shape) -> None:
        if not self._pointers.kind(name) and self.make(name, ROOM):
            self.reshape(name, shape)
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
        if (size + 2) * FLOAT_BYTES <= self.at(name).size:
            start = struct.pack("<7i", size, 0, 0, overlap, window, kind, form)
            self._instance.machine.write(self.address(name), start)

    def at(self, name: str) -> Framed:
        """The structure of a channel as it is now."""
        return Framed.from_buffer_copy(self._instance.machine.bytes_at(self.address(name), ctypes.sizeof(Framed)))

    def address(self, name: str) -> int:
        """Where a channel's structure is."""
        return self._pointers.found(name, PVS)


class WasmPvs(SharedPvs):
    """Spectra shared by name."""

    def __init__(self, instance: Instance, pointers: Pointers, spectra: Spectra, references: References) -> None:
        super().__init__(pointers, references)
        self._instance, self._spectra = instance, spectra

    def _made(self, name: str, shape: Shape) -> bool:
        return self._spectra.given(name, shape)

    def _members(self, name: str) -> Framed:
        return self._spectra.at(name)

    def pvsData(self, pvsdat: ChannelRef) -> Array:
        return np.array(self._frame(self._members(self._references.name(pvsdat, "pvs"))))

    def setPvsData(self, pvsdat: ChannelRef, frame: Array) -> None:
        name = self._references.name(pvsdat, "pvs")
        members = self._members(name)
        self._frame(members)[:] = fitting(frame, members)
        count = struct.pack("<I", members.framecount + 1 & 0xFFFFFFFF)
        self._instance.machine.write(self._spectra.address(name) + Framed.framecount.offset, count)

    def _frame(self, members: Framed) -> Array:
        return self._instance.machine.array(members.address, (members.N + 2,), "<f4")
