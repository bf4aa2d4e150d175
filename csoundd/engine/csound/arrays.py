"""Array channels, which Csound has since version 7."""

from __future__ import annotations

import ctypes
from math import prod
from typing import Any, Final

import numpy as np

from csoundd.api.array_channels import Arrays
from csoundd.api.values import Array, ChannelRef, Handle
from csoundd.engine.csound.channels import ARRAY, Pointers, References
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.errors import InvalidParams, LimitExceeded
from csoundd.limits import ARRAY_ELEMENTS

KINDS: Final = frozenset({"k", "a", "S"})
NUMBERS_OF_TEXT: Final = 16
"""As many numbers as take the memory of a short text."""


class ArrayMethods(Arrays):
    """Arrays shared by name.

    Of Csound's functions only those are used that read or make; data go where they lie, element by element, because the
    early ones of ``csoundSetArrayData`` copy too little of an array with several dimensions.
    """

    def __init__(self, instance: CsoundInstance, pointers: Pointers, references: References) -> None:
        self._instance, self._c = instance, instance.c
        self._pointers, self._references = pointers, references

    def initArrayChannel(self, name: str, dtype: str, size: int | list[int]) -> Handle | None:
        sizes = [size] if isinstance(size, int) else size
        if dtype not in KINDS:
            raise InvalidParams(f"an array cannot have elements of type {dtype!r}", hint="use k, a or S")
        if not sizes or min(sizes) < 1:
            raise InvalidParams("an array has at least one element in each dimension")
        most = ARRAY_ELEMENTS // {"k": 1, "a": max(1, self._instance.ksmps), "S": NUMBERS_OF_TEXT}[dtype]
        if prod(sizes) > most:
            raise LimitExceeded(f"an array of {dtype} has at most {most} elements", limit=most)
        if self._pointers.kind(name) not in {"", "array"}:
            return None
        lengths = np.array(sizes, np.int32)
        if not self._c.csoundInitArrayChannel(name, dtype, len(sizes), self._c.numbers(lengths)):
            return None
        return self._references.made(name, "array")

    def arrayData(self, adat: ChannelRef) -> Array | list[str]:
        array = self._found(adat)
        if self._kind(array) == "S":
            return [self._c.text(text.data) or "" for _, text in self._texts(array)]
        return np.array(self._numbers(array))

    def setArrayData(self, adat: ChannelRef, data: Array | list[str]) -> None:
        array = self._found(adat)
        if self._kind(array) != "S":
            fill(self._numbers(array), data)
            return
        for (address, _), text in zip(self._texts(array), texts_of(data, prod(self._sizes(array))), strict=True):
            self._c.csoundSetStringData(address, text)

    def arrayDataType(self, adat: ChannelRef) -> str:
        return self._kind(self._found(adat))

    def arrayDataDimensions(self, adat: ChannelRef) -> int:
        return int(self._c.csoundArrayDataDimensions(self._found(adat)))

    def arrayDataSizes(self, adat: ChannelRef) -> tuple[int, ...]:
        return self._sizes(self._found(adat))

    def _found(self, adat: ChannelRef) -> int:
        """The address of the array that is meant."""
        return self._pointers.found(self._references.name(adat, "array"), ARRAY)

    def _kind(self, array: int) -> str:
        return self._c.text(self._c.csoundArrayDataType(array)) or ""

    def _sizes(self, array: int) -> tuple[int, ...]:
        dimensions = int(self._c.csoundArrayDataDimensions(array))
        lengths = self._c.view(self._c.csoundArrayDataSizes(array), (max(0, dimensions),), "<i4")
        return tuple(int(length) for length in lengths)

    def _numbers(self, array: int) -> Array:
        """The numbers where they lie."""
        sizes = self._sizes(array)
        if self._kind(array) == "a":
            if not self._instance.started:
                raise InvalidParams("an audio array can be read once the engine has started")
            sizes = (*sizes, self._instance.ksmps)
        # A channel that channelPtr made has no memory before somebody says how large it is.
        address = self._c.csoundGetArrayData(array)
        return self._c.view(address, sizes) if sizes and address else np.zeros(0)

    def _texts(self, array: int) -> list[tuple[int, Any]]:
        """The texts where they lie: the address and the structure of each."""
        kind, data = self._c.layouts.text, int(self._c.csoundGetArrayData(array) or 0)
        places = [data + index * ctypes.sizeof(kind) for index in range(prod(self._sizes(array)))] if data else []
        return [(place, self._c.structure(kind, place)) for place in places]


def fill(there: Array, data: object) -> None:
    """Put ``data`` into an array of numbers. Raises InvalidParams where it has another shape."""
    try:
        given = np.asarray(data, np.float64)
    except ValueError as fault:
        raise InvalidParams("every row of an array of numbers must be equally long") from fault
    if given.shape != there.shape:
        raise InvalidParams(f"this array takes numbers in the shape {list(there.shape)}", shape=list(there.shape))
    there[...] = given


def texts_of(data: object, count: int) -> list[str]:
    """``data`` as the texts of an array. Raises InvalidParams where it is something else."""
    if isinstance(data, list) and len(data) == count and all(isinstance(text, str) for text in data):
        return data
    raise InvalidParams(f"this array takes {count} texts", count=count)
