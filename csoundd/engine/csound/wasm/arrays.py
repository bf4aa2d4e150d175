"""Array channels on the embedded engine."""

from __future__ import annotations

import struct
from math import prod
from typing import Final

import numpy as np

from csoundd.api.values import Array, ChannelRef
from csoundd.engine.csound.arrays import SharedArrays, fill, texts_of
from csoundd.engine.csound.pointers import ARRAY, Pointers
from csoundd.engine.csound.references import References
from csoundd.engine.csound.wasm.instance import Instance
from csoundd.errors import InvalidParams

MEMBERS: Final = struct.Struct("<iIiIII")
"""Dimensions, the address of their sizes, bytes in an element, type, address of the data, bytes allocated."""


class WasmArrays(SharedArrays):
    """Arrays shared by name."""

    def __init__(self, instance: Instance, pointers: Pointers, references: References) -> None:
        super().__init__(pointers, references)
        self._instance = instance

    def _made(self, name: str, dtype: str, sizes: list[int]) -> bool:
        with self._instance.machine.lend(name, dtype, struct.pack(f"<{len(sizes)}i", *sizes)) as (text, kind, lengths):
            return bool(self._instance.c.csoundInitArrayChannel(self._instance.cs, text, kind, len(sizes), lengths))

    def arrayData(self, adat: ChannelRef) -> Array | list[str]:
        kind, sizes, width, data = self._members(adat)
        if kind == "S":
            machine = self._instance.machine
            return [machine.text_at(machine.word(data + index * width)) for index in range(prod(sizes))]
        return np.array(self._view(kind, sizes, width, data))

    def setArrayData(self, adat: ChannelRef, data: Array | list[str]) -> None:
        kind, sizes, width, pointer = self._members(adat)
        if kind == "S":
            self._set_texts(data, prod(sizes), width, pointer)
            return
        fill(self._view(kind, sizes, width, pointer), data)

    def _set_texts(self, data: Array | list[str], count: int, width: int, pointer: int) -> None:
        for index, text in enumerate(texts_of(data, count)):
            with self._instance.machine.lend(text) as given:
                self._instance.c.csoundSetStringData(self._instance.cs, pointer + index * width, given)

    def _view(self, kind: str, sizes: tuple[int, ...], width: int, data: int) -> Array:
        shape = (*sizes, self._instance.ksmps) if kind == "a" else sizes
        if kind == "a" and width != self._instance.ksmps * 8:
            raise InvalidParams("an audio array can be read once the engine has started")
        return self._instance.machine.array(data, shape)

    def arrayDataType(self, adat: ChannelRef) -> str:
        return self._members(adat)[0]

    def arrayDataDimensions(self, adat: ChannelRef) -> int:
        return len(self._members(adat)[1])

    def arrayDataSizes(self, adat: ChannelRef) -> tuple[int, ...]:
        return self._members(adat)[1]

    def _members(self, adat: ChannelRef) -> tuple[str, tuple[int, ...], int, int]:
        """Type, sizes, bytes in an element, address of the data."""
        machine = self._instance.machine
        pointer = self._pointers.found(self._references.name(adat, "array"), ARRAY)
        dimensions, lengths, width, _, data, _ = MEMBERS.unpack(machine.bytes_at(pointer, MEMBERS.size))
        sizes = struct.unpack(f"<{dimensions}i", machine.bytes_at(lengths, 4 * dimensions)) if dimensions > 0 else ()
        kind = machine.text_at(int(self._instance.c.csoundArrayDataType(pointer)))
        return kind, sizes, width, data
