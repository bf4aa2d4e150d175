"""Values to msgpack and back, with arrays as extension type 1; the engine link speaks it too."""

from __future__ import annotations

from typing import Any, Final

import msgpack
import numpy as np

from csoundd.codec.values import array_of, array_parts, nearest, revive, simpler, tamed
from csoundd.limits import KEPT_PACKER_BYTES
from csoundd.messages import Malformed

ARRAY_TYPE: Final = 1
STRICT: Final = "strict"


def unpack(data: bytes, *, undecoded: str = STRICT) -> Any:
    """The value that ``data`` holds, special forms replaced by what they stand for.

    A form that is not kept to comes back as Malformed. Raises ValueError where ``data`` is not msgpack.
    """
    value = msgpack.unpackb(data, ext_hook=extension, unicode_errors=undecoded)
    return revive(value) if b"$" in data else value


def _known(value: object) -> object:
    if isinstance(value, np.ndarray):
        return msgpack.ExtType(ARRAY_TYPE, msgpack.packb(array_parts(value)))
    if isinstance(value, int):
        # Only integers that do not fit in 64 bits are asked about.
        return nearest(value)
    return simpler(value)


def extension(code: int, data: bytes) -> object:
    """The value of an extension type, Malformed where it is none of the contract's."""
    if code != ARRAY_TYPE:
        return Malformed(f"there is no extension type {code}")
    try:
        parts: Any = msgpack.unpackb(data)
        dtype, shape, elements = parts
        return array_of(dtype, shape, elements)
    except (ValueError, TypeError) as error:
        return Malformed(f"extension type 1 is [dtype, shape, bytes]: {error}")


class Packer:
    """Packs one value after another: making a packer costs more than packing a short message.

    ``undecoded`` is the error handler with which texts were decoded: it makes them the bytes again that they were.
    """

    def __init__(self, undecoded: str = STRICT) -> None:
        self._undecoded = undecoded
        self._packer = self._new()

    def _new(self) -> msgpack.Packer:
        return msgpack.Packer(default=_known, unicode_errors=self._undecoded)

    def pack(self, value: object) -> bytes:
        """``value`` as msgpack.

        Integers beyond 64 bits become the nearest float, halves of surrogate pairs a question mark. Raises
        TypeError or ValueError for what cannot travel at all: a type that is none of the contract's, or a loop.
        """
        try:
            packed: bytes = self._packer.pack(value)
        except UnicodeEncodeError:
            packed = self._packer.pack(tamed(value, _known, finite=False))
        if len(packed) > KEPT_PACKER_BYTES:
            self._packer = self._new()
        return packed


pack: Final = Packer().pack
