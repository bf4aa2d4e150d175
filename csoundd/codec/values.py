"""The special forms of the contract, for values that neither JSON nor msgpack has by itself.

A special form is an object with one member: ``$array``, ``$bytes``, ``$float``, ``$handle`` or ``$stream``.
An array is ``dtype, shape, bytes`` in both encodings, little-endian and in C order.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from math import prod
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from csoundd.limits import ARRAY_DIMENSIONS, ARRAY_SIDE
from csoundd.messages import Handle, Malformed, StreamRef

NDArray = npt.NDArray[Any]

_KINDS = ("b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
DTYPES: Final[dict[str, np.dtype[Any]]] = {np.dtype(f"<{kind}").str: np.dtype(f"<{kind}") for kind in _KINDS}
"""The element types that can travel, by their names on the wire: ``<f8`` and so on, ``|b1 |i1 |u1`` for one byte."""

_ACCEPTED = DTYPES | {f"<{kind}": np.dtype(kind) for kind in _KINDS[:3]}
_WIDENED: Final[dict[str, np.dtype[Any]]] = {"e": DTYPES["<f4"], "g": DTYPES["<f8"]}


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
    if isinstance(shape, list) and len(shape) <= ARRAY_DIMENSIONS and all(map(_is_size, shape)):
        return list(map(int, shape))
    raise ValueError(f"an array's shape is a list of at most {ARRAY_DIMENSIONS} sizes")


def _is_size(size: object) -> bool:
    # Some clients know one kind of number, and write 2.0 for 2.
    return (type(size) is int or (type(size) is float and size.is_integer())) and 0 <= size < ARRAY_SIDE


_FLOATS: Final = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
UNWRITABLE: Final = (TypeError, ValueError, OverflowError, RecursionError)
"""What an encoder raises at a value that cannot travel."""


def _array(inner: object) -> object:
    if not isinstance(inner, dict) or inner.keys() != {"dtype", "shape", "data"}:
        return Malformed("$array holds an object of dtype, shape and data")
    data = _bytes(inner["data"])
    if isinstance(data, Malformed):
        return Malformed("an array's data are base64 text")
    try:
        return array_of(inner["dtype"], inner["shape"], data)
    except ValueError as error:
        return Malformed(str(error))


def _bytes(inner: object) -> object:
    if isinstance(inner, str):
        try:
            return b64decode(inner, validate=True)
        except ValueError:
            pass
    return Malformed("$bytes holds base64 text")


def _float(inner: object) -> object:
    value = _FLOATS.get(inner) if isinstance(inner, str) else None
    return Malformed('$float is "nan", "inf" or "-inf"') if value is None else value


def _handle(inner: object) -> object:
    return Handle(inner) if isinstance(inner, str) else Malformed("$handle holds the handle's text")


def _stream(inner: object) -> object:
    return StreamRef(inner) if isinstance(inner, str) else Malformed("$stream holds the name of a topic")


_FORMS: Final[dict[str, Callable[[object], object]]] = {
    "$array": _array,
    "$bytes": _bytes,
    "$float": _float,
    "$handle": _handle,
    "$stream": _stream,
}


def revive(value: Any) -> Any:
    """``value`` with every special form replaced by what it stands for, lists and objects changed in place."""
    if type(value) is list:
        for index, inner in enumerate(value):
            if type(inner) in (dict, list):
                value[index] = revive(inner)
    elif type(value) is dict:
        if not _FORMS.keys().isdisjoint(value):
            return _revived(value)
        for key, inner in value.items():
            if type(inner) in (dict, list):
                value[key] = revive(inner)
    return value


def _revived(form: dict[object, object]) -> object:
    if len(form) > 1:
        names = ", ".join(name for name in _FORMS if name in form)
        return Malformed(f"{names} has to be the only member of its object")
    ((name, inner),) = form.items()
    return _FORMS[str(name)](inner)


def members(value: object) -> dict[str, object] | None:
    """The object that a struct, a handle or a stream travels as; None for any other value."""
    if isinstance(value, Handle):
        return {"$handle": value.id}
    if isinstance(value, StreamRef):
        return {"$stream": value.topic}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return None


def spelled(value: object) -> object:
    """``value`` in terms of JSON's own types: what the JSON encoder asks for when it meets another.

    Raises TypeError for what cannot travel.
    """
    if isinstance(value, np.ndarray):
        dtype, shape, data = array_parts(value)
        return {"$array": {"dtype": dtype, "shape": shape, "data": b64encode(data).decode("ascii")}}
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$bytes": b64encode(value).decode("ascii")}
    return simpler(value)


def simpler(value: object) -> object:
    """A numpy scalar, struct, handle or stream as what both codecs know; raises TypeError for anything else."""
    if isinstance(value, np.bool_ | np.integer | np.floating):
        return float(value) if isinstance(value, np.floating) else value.item()
    object_ = members(value)
    if object_ is None:
        raise TypeError(f"a value of type {type(value).__name__} cannot travel")
    return object_


def nearest(value: int) -> float:
    """The float nearest to ``value``, infinite where there is none."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def tamed(value: object, spell: Callable[[object], object], *, finite: bool) -> object:
    """A copy of ``value`` without what an encoder stumbles over: the slow way, taken when the fast one raised.

    Halves of surrogate pairs become a question mark, and with ``finite`` not-a-number and infinities their
    special form; ``spell`` says what to write for a type that the encoder does not know. Raises as an encoder does.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float):
        return value if math.isfinite(value) or not finite else {"$float": str(float(value))}
    if value is None or isinstance(value, int | bytes | bytearray | memoryview | np.ndarray):
        return value
    if isinstance(value, list | tuple):
        return [tamed(inner, spell, finite=finite) for inner in value]
    if isinstance(value, dict):
        return {tamed(key, spell, finite=finite): tamed(inner, spell, finite=finite) for key, inner in value.items()}
    return tamed(spell(value), spell, finite=finite)
