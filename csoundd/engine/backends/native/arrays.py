"""Array channels, which Csound has since version 7.

Of its functions only those are used that read or make; data go where they lie, element by element, because the
early ones of ``csoundSetArrayData`` copy too little of an array with several dimensions.
"""

from __future__ import annotations

import ctypes
from math import prod
from typing import Any, Final

import numpy as np

from csoundd.api.arrays import Arrays
from csoundd.api.values import Array, ChannelRef, Handle
from csoundd.engine.backends.native.instance import Instance
from csoundd.engine.backends.native.pointers import Pointers
from csoundd.engine.backends.references import References
from csoundd.errors import InvalidParams, LimitExceeded

KINDS: Final = frozenset({"k", "a", "S"})
LARGEST: Final = 1 << 24


class Text(ctypes.Structure):
    """An element of an array of texts, as far as it is read here."""

    _fields_ = (("data", ctypes.c_char_p), ("size", ctypes.c_size_t), ("timestamp", ctypes.c_int64))


class NativeArrays(Arrays):
    """Arrays shared by name."""

    def __init__(self, instance: Instance, pointers: Pointers, references: References) -> None:
        self._instance, self._pointers, self._references = instance, pointers, references

    def initArrayChannel(self, name: str, dtype: str, size: int | list[int]) -> Handle | None:
        sizes = [size] if isinstance(size, int) else size
        if dtype not in KINDS:
            raise InvalidParams(f"there are no arrays of {dtype!r}", hint="k, a or S")
        if not sizes or min(sizes) < 1:
            raise InvalidParams("an array has at least one element in each dimension")
        if prod(sizes) > LARGEST:
            raise LimitExceeded(f"an array has at most {LARGEST} elements", limit=LARGEST)
        if self._pointers.kind(name) not in {"", "array"}:
            return None
        lengths = (ctypes.c_int32 * len(sizes))(*sizes)
        c, pointer = self._instance.c, self._instance.pointer
        made = c.csoundInitArrayChannel(pointer, name.encode(), dtype.encode(), len(sizes), lengths)
        return self._references.made(name, "array") if made else None

    def arrayData(self, adat: ChannelRef) -> Array | list[str]:
        array = self._found(adat)
        if self._kind(array) == "S":
            return [(text.data or b"").decode(errors="replace") for text in self._texts(array)]
        return np.array(self._numbers(array))

    def setArrayData(self, adat: ChannelRef, data: Array | list[str]) -> None:
        array = self._found(adat)
        if self._kind(array) == "S":
            self._set_texts(array, data)
            return
        there = self._numbers(array)
        try:
            given = np.asarray(data, np.float64)
        except ValueError as fault:
            raise InvalidParams("an array of numbers is as long in every row") from fault
        if given.shape != there.shape:
            raise InvalidParams(f"this array has the shape {list(there.shape)}", shape=list(there.shape))
        there[...] = given

    def _set_texts(self, array: Any, data: Array | list[str]) -> None:
        count = prod(self._sizes(array))
        if not isinstance(data, list) or len(data) != count or not all(isinstance(text, str) for text in data):
            raise InvalidParams(f"this array has {count} texts", count=count)
        c, pointer = self._instance.c, self._instance.pointer
        for element, text in zip(self._texts(array), data, strict=True):
            c.csoundSetStringData(pointer, ctypes.addressof(element), text.encode())

    def _found(self, adat: ChannelRef) -> Any:
        return ctypes.cast(self._pointers.there(self._references.name(adat, "array")), ctypes.c_void_p)

    def _kind(self, array: Any) -> str:
        return (self._instance.c.csoundArrayDataType(array) or b"").decode()

    def _sizes(self, array: Any) -> tuple[int, ...]:
        dimensions = int(self._instance.c.csoundArrayDataDimensions(array))
        lengths = self._instance.c.csoundArrayDataSizes(array)
        return tuple(int(lengths[index]) for index in range(dimensions))

    def _numbers(self, array: Any) -> Array:
        sizes = self._sizes(array)
        if self._kind(array) == "a":
            if not self._instance.started:
                raise InvalidParams("an audio array can be read once the engine has started")
            sizes = (*sizes, self._instance.ksmps)
        data = ctypes.cast(self._instance.c.csoundGetArrayData(array), ctypes.POINTER(ctypes.c_double))
        return np.ctypeslib.as_array(data, shape=sizes) if sizes else np.zeros(0)

    def _texts(self, array: Any) -> Any:
        data = ctypes.cast(self._instance.c.csoundGetArrayData(array), ctypes.POINTER(Text))
        return [data[index] for index in range(prod(self._sizes(array)))]

    def arrayDataType(self, adat: ChannelRef) -> str:
        return self._kind(self._found(adat))

    def arrayDataDimensions(self, adat: ChannelRef) -> int:
        return int(self._instance.c.csoundArrayDataDimensions(self._found(adat)))

    def arrayDataSizes(self, adat: ChannelRef) -> tuple[int, ...]:
        return self._sizes(self._found(adat))
