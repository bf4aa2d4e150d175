"""msgpack: arrays are extension 1, everything else is msgpack's own."""

from __future__ import annotations

import threading
from typing import Any, Final

import msgpack
import numpy as np

from csoundd_client.codec.arrays import array_of, parts_of
from csoundd_client.codec.forms import plainer, revived
from csoundd_client.failures import Unreadable

ARRAY: Final = 1
_MALFORMED: Final = (ValueError, TypeError, KeyError, msgpack.UnpackException)


class MsgpackCodec:
    """The subprotocol ``csoundd.msgpack``."""

    name: Final = "csoundd.msgpack"
    binary: Final = True

    def encode(self, message: Any) -> bytes:
        """The frame for ``message``. Raises TypeError for a value that cannot travel."""
        try:
            packed: bytes = _packers.packer.pack(message)
        except (ValueError, OverflowError) as error:
            raise TypeError(f"the value cannot travel: {error}") from None
        return packed

    def decode(self, frame: bytes) -> Any:
        """The message in ``frame``. Raises Unreadable where there is none."""
        try:
            # A function for each object costs more than the rest, and most frames have none that stands for another.
            hook = revived if b"$handle" in frame or b"$stream" in frame else None
            return msgpack.unpackb(frame, ext_hook=_extension, object_hook=hook, strict_map_key=False)
        except _MALFORMED as error:
            raise Unreadable(f"the server sent a frame that is no msgpack: {error}") from None


def _packable(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return msgpack.ExtType(ARRAY, msgpack.packb(parts_of(value)))
    return plainer(value)


class _Packers(threading.local):
    """The packer of each thread: to make one costs as much as to pack a short message."""

    def __init__(self) -> None:
        self.packer = msgpack.Packer(default=_packable)


_packers: Final = _Packers()


def _extension(code: int, data: bytes) -> Any:
    if code != ARRAY:
        raise ValueError(f"there is no extension {code}")
    dtype, shape, content = msgpack.unpackb(data)
    return array_of(dtype, shape, content)
