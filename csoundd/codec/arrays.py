"""A numpy array to the contract's ``dtype, shape, bytes`` and back, little-endian and in C order."""

from __future__ import annotations

from math import prod
from typing import Any, Final

import numpy as np
import numpy.typing as npt

NDArray = npt.NDArray[Any]

_KINDS = ("b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
DTYPES: Final[dict[str, np.dtype[Any]]] = {np.dtype(f"<{kind}").str: np.dtype(f"<{kind}") for kind in _KINDS}
"""The element types that can travel, by their names on the wire: ``<f8`` and so on, ``|b1 |i1 |u1`` for one byte."""

_ACCEPTED = DTYPES | {f"<{kind}": np.dtype(kind) for kind in _KINDS[:3]}
_WIDENED: Final[dict[str, np.dtype[Any]]] = {"e": DTYPES["<f4"], "g": DTYPES["<f8"]}
_MOST_DIMENSIONS = 32
_LARGEST = 2**31


def array_parts(array: NDArray) -> tuple[str, list[int], bytes]:
    """The name of the element type, the shape and the bytes of ``array``.

    Raises TypeError for elements that cannot travel (complex numbers, objects, text).
    """
    wire = DTYPES.get(array.dtype.str)
    if wire is None:
        wire = _WIDENED.get(array.dtype.char) or DTYPES.get(array.dtype.newbyteorder("<").str)
        if wire is None:
            raise TypeError(f"arrays of {array.dtype} cannot travel")
        array = array.astype(wire)
    return wire.str, list(array.shape), array.tobytes()


def array_of(dtype: object, shape: object, data: object) -> NDArray:
    """The array that the three parts describe, read-only over ``data`` where no copy is needed.

    Raises ValueError, or TypeError for data other than bytes, where they do not describe one.
    """
    kind = _ACCEPTED.get(dtype) if isinstance(dtype, str) else None
    if kind is None:
        raise ValueError(f"an array's dtype is one of {' '.join(DTYPES)}")
    if not isinstance(data, bytes):
        raise TypeError("an array's data are bytes")
    sizes = _shape(shape)
    if prod(sizes) * kind.itemsize != len(data):
        raise ValueError(
            f"an array of {kind.str} in shape {sizes} has {prod(sizes) * kind.itemsize} bytes, not {len(data)}"
        )
    if kind.kind == "b":
        # Only 0 and 1 are booleans to numpy; any other byte would compare unequal to both.
        return np.frombuffer(data, np.uint8).reshape(sizes).astype(bool)
    return np.frombuffer(data, kind).reshape(sizes)


def _shape(shape: object) -> list[int]:
    if isinstance(shape, list) and len(shape) <= _MOST_DIMENSIONS and all(map(_is_size, shape)):
        return list(map(int, shape))
    raise ValueError(f"an array's shape is a list of at most {_MOST_DIMENSIONS} sizes")


def _is_size(size: object) -> bool:
    # Some clients know one kind of number, and write 2.0 for 2.
    return (type(size) is int or (type(size) is float and size.is_integer())) and 0 <= size < _LARGEST
