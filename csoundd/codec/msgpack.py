"""Msgpack frames to messages and back, with arrays as extension type 1.

``pack`` and ``unpack`` are the same encoding for any value; the engine link speaks it too.
"""

from __future__ import annotations

from typing import Any, Final

import msgpack
import numpy as np

from csoundd.codec.arrays import array_of, array_parts
from csoundd.codec.envelope import incoming_of, outgoing, replacement
from csoundd.codec.values import UNWRITABLE, nearest, revive, simpler, tamed
from csoundd.errors import ParseError
from csoundd.messages import Failure, Incoming, Malformed, Response, StreamFrame

ARRAY_TYPE: Final = 1

_KEPT: Final = 1 << 20
"""A packer that has grown to more bytes than this is not kept."""


def pack(value: object) -> bytes:
    """``value`` as msgpack.

    Integers beyond 64 bits become the nearest float, halves of surrogate pairs a question mark. Raises
    TypeError or ValueError for what cannot travel at all: a type that is none of the contract's, or a loop.
    """
    try:
        return _PACKER.pack(value)
    except UnicodeEncodeError:
        return _PACKER.pack(tamed(value, _known, finite=False))


def unpack(data: bytes) -> object:
    """The value that ``data`` holds, special forms replaced by what they stand for.

    A form that is not kept to comes back as Malformed. Raises ValueError where ``data`` is not msgpack.
    """
    value = msgpack.unpackb(data, ext_hook=_extension)
    return revive(value) if b"$" in data else value


def _known(value: object) -> object:
    if isinstance(value, np.ndarray):
        return msgpack.ExtType(ARRAY_TYPE, msgpack.packb(array_parts(value)))
    if isinstance(value, int):
        # Only integers that do not fit in 64 bits are asked about.
        return nearest(value)
    return simpler(value)


def _extension(code: int, data: bytes) -> object:
    if code != ARRAY_TYPE:
        return Malformed(f"there is no extension type {code}")
    try:
        parts: Any = msgpack.unpackb(data)
        dtype, shape, elements = parts
        return array_of(dtype, shape, elements)
    except (ValueError, TypeError) as error:
        return Malformed(f"extension type 1 is [dtype, shape, bytes]: {error}")


class _Packer:
    """A packer for one message after another: making one costs more than packing a short message."""

    def __init__(self) -> None:
        self._packer = msgpack.Packer(default=_known)

    def pack(self, value: object) -> bytes:
        """``value`` as msgpack; raises what the packer does."""
        packed: bytes = self._packer.pack(value)
        if len(packed) > _KEPT:
            self._packer = msgpack.Packer(default=_known)
        return packed


_PACKER: Final = _Packer()


class MsgpackCodec:
    """The codec ``csoundd.msgpack``: binary frames, arrays as they lie in memory."""

    name = "csoundd.msgpack"
    binary = True

    def decode(self, frame: bytes | str) -> Incoming:
        """Read ``frame`` as requests; for one that is faulty a Failure stands in its place."""
        if isinstance(frame, str):
            return Failure(None, ParseError("this connection speaks msgpack, and a text frame came"))
        try:
            value = msgpack.unpackb(frame, ext_hook=_extension)
            return incoming_of(value, forms=b"$" in frame)
        except (ValueError, RecursionError) as error:
            return Failure(None, ParseError(f"not msgpack: {error}"))

    def encode(self, message: Response | list[Response] | StreamFrame) -> bytes:
        """The frame for ``message``; a result that cannot travel is answered with InternalError."""
        try:
            return pack(outgoing(message))
        except UNWRITABLE:
            return pack(outgoing(replacement(message, pack)))
