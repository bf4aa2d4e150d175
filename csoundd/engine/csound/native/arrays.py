"""Array channels, which Csound has since version 7.

Of its functions only those are used that read or make; data go where they lie, element by element, because the
early ones of ``csoundSetArrayData`` copy too little of an array with several dimensions.
"""

from __future__ import annotations

import ctypes
from math import prod
from typing import Any

import numpy as np

from csoundd.api.values import Array, ChannelRef
from csoundd.engine.csound.arrays import SharedArrays, fill, texts_of
from csoundd.engine.csound.native.instance import Instance
from csoundd.engine.csound.pointers import ARRAY, Pointers
from csoundd.engine.csound.references import References
from csoundd.errors import InvalidParams


class Text(ctypes.Structure):
    """An element of an array of texts, as far as it is read here."""

    _fields_ = (("data", ctypes.c_char_p), ("size", ctypes.c_size_t), ("timestamp", ctypes.c_int64))


class NativeArrays(SharedArrays):
    """Arrays shared by name."""

    def __init__(self, instance: Instance, pointers: Pointers, references: References) -> None:
        super().__init__(pointers, references)
        self._instance = instance

    def _made(self, name: str, dtype: str, sizes: list[int]) -> bool:
        lengths = (ctypes.c_int32 * len(sizes))(*sizes)
        return bool(self._instance.c.csoundInitArrayChannel(name.encode(), dtype.encode(), len(sizes), lengths))

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
        fill(self._numbers(array), data)

    def _set_texts(self, array: Any, data: Array | list[str]) -> None:
        texts = texts_of(data, prod(self._sizes(array)))
        for element, text in zip(self._texts(array), texts, strict=True):
            self._instance.c.csoundSetStringData(ctypes.addressof(element), text.encode())

    def _found(self, adat: ChannelRef) -> Any:
        return ctypes.c_void_p(self._pointers.found(self._references.name(adat, "array"), ARRAY))

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
        address = self._instance.c.csoundGetArrayData(array)
        data = ctypes.cast(address, ctypes.POINTER(ctypes.c_double))
        # A channel that channelPtr made has no memory before somebody says how large it is.
        return np.ctypeslib.as_array(data, shape=sizes) if sizes and address else np.zeros(0)

    def _texts(self, array: Any) -> Any:
        data = ctypes.cast(self._instance.c.csoundGetArrayData(array), ctypes.POINTER(Text))
        return [data[index] for index in range(prod(self._sizes(array)))]

    def arrayDataType(self, adat: ChannelRef) -> str:
        return self._kind(self._found(adat))

    def arrayDataDimensions(self, adat: ChannelRef) -> int:
        return int(self._instance.c.csoundArrayDataDimensions(self._found(adat)))

    def arrayDataSizes(self, adat: ChannelRef) -> tuple[int, ...]:
        return self._sizes(self._found(adat))
