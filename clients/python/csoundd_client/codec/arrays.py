"""Arrays on the wire: element type, shape and bytes, little-endian and in C order."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from csoundd_client.values import Array

DTYPES: Final = frozenset({"|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8"})
"""The element types that travel."""

_WIDENED: Final = {"e": "<f4", "g": "<f8"}


def parts_of(array: Array) -> tuple[str, list[int], bytes]:
    """Element type, shape and bytes of ``array``. Raises TypeError for elements that cannot travel."""
    name = array.dtype.str
    if name not in DTYPES:
        name = _WIDENED.get(array.dtype.char) or array.dtype.newbyteorder("<").str
        if name not in DTYPES:
            raise TypeError(f"arrays of {array.dtype} cannot travel")
        array = array.astype(name)
    return name, list(array.shape), array.tobytes()


def array_of(dtype: Any, shape: Any, data: Any) -> Array:
    """The array that the three parts describe, free to be written to. Raises ValueError where they describe none."""
    if dtype not in DTYPES:
        raise ValueError(f"arrays of {dtype!r} do not travel")
    return np.frombuffer(bytearray(data), dtype).reshape(shape)
