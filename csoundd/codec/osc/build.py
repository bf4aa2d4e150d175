"""Stage 2, OSC: messages and bundles to bytes. A message is put together from parts, each its tags and its data."""

from __future__ import annotations

import math
from collections.abc import Callable
from struct import Struct
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from csoundd.codec.osc.packets import Colour, Impulse, Message, Midi, Timetag, Value

Part = tuple[str, bytes]
"""The type tags of some arguments, and the arguments."""

_INT: Final = Struct(">i")
_LENGTH: Final = Struct(">I")
_INT64: Final = Struct(">q")
_TIMETAG: Final = Struct(">Q")
_FLOAT: Final = Struct(">f")
_DOUBLE: Final = Struct(">d")
_INT_BITS: Final = 31
_PADDING: Final = (b"\0\0\0\0", b"\0\0\0", b"\0\0", b"\0")

Numbers = npt.NDArray[np.generic]


def message(address: str, *parts: Part) -> bytes:
    """The message to ``address`` with the arguments of all ``parts``."""
    tags = "".join([tags for tags, _ in parts])
    return b"".join([_padded(address), _padded(f",{tags}"), *[data for _, data in parts]])


def bundle(timetag: Timetag, *elements: bytes) -> bytes:
    """The bundle of ``elements``, which are packets."""
    framed = b"".join(_LENGTH.pack(len(element)) + element for element in elements)
    return b"#bundle\0" + _TIMETAG.pack(timetag.ntp) + framed


def text(value: str) -> Part:
    """A text. OSC has none with a zero in it, so zeros go."""
    return "s", _padded(value)


def int32(value: int) -> Part:
    """An integer of 32 bits."""
    return "i", _INT.pack(value)


def double(value: float) -> Part:
    """A number in 64 bits."""
    return "d", _DOUBLE.pack(value)


def float32(value: float) -> Part:
    """A number in 32 bits, infinite where it is too large."""
    try:
        return "f", _FLOAT.pack(value)
    except OverflowError:
        return "f", _FLOAT.pack(math.copysign(math.inf, value))


def doubles(values: Numbers) -> Part:
    """An array's numbers in row order, each in 64 bits."""
    return "d" * values.size, values.astype(">f8").tobytes()


def floats(values: Numbers) -> Part:
    """An array's numbers in row order, each in 32 bits."""
    with np.errstate(over="ignore"):
        return "f" * values.size, values.astype(">f4").tobytes()


def blob(value: bytes) -> Part:
    """Bytes as they are."""
    return "b", _LENGTH.pack(len(value)) + value + bytes(-len(value) % 4)


def of_value(value: Value) -> Part:
    """Any value that a packet can hold, under the tag that fits it; numbers are ``i``, ``h`` or ``d``."""
    return _BUILDERS[type(value)](value)


def rebuilt(parsed: Message) -> bytes:
    """The packet that ``parsed`` was read from, or one that says the same."""
    if not set(parsed.tags) <= {"f", "i", "s", "d"}:
        return message(parsed.address, *map(of_value, parsed.arguments))
    parts = (_BY_TAG[tag](value) for tag, value in zip(parsed.tags, parsed.arguments, strict=True))
    return message(parsed.address, *parts)


def _whole(value: int) -> Part:
    return ("h", _INT64.pack(value)) if value.bit_length() > _INT_BITS else int32(value)


def _array(values: list[Value]) -> Part:
    inner = [of_value(item) for item in values]
    return f"[{''.join(tags for tags, _ in inner)}]", b"".join(data for _, data in inner)


_BUILDERS: Final[dict[type, Callable[[Any], Part]]] = {
    int: _whole,
    float: double,
    str: text,
    bytes: blob,
    bool: lambda value: ("T" if value else "F", b""),
    type(None): lambda _: ("N", b""),
    Impulse: lambda _: ("I", b""),
    Timetag: lambda value: ("t", _TIMETAG.pack(value.ntp)),
    Colour: lambda value: ("r", _LENGTH.pack(value.rgba)),
    Midi: lambda value: ("m", value.data),
    list: _array,
}


_BY_TAG: Final[dict[str, Callable[[Any], Part]]] = {"f": float32, "i": int32, "s": text, "d": double}


def _padded(value: str) -> bytes:
    encoded = value.encode("utf-8", "replace")
    if b"\0" in encoded:
        encoded = encoded.replace(b"\0", b"")
    return encoded + _PADDING[len(encoded) & 3]
