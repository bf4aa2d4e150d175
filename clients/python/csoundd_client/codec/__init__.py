"""The two encodings of the contract: values to frames and back."""

from __future__ import annotations

from typing import Final, Literal, Protocol

from csoundd_client.codec.binary import MsgpackCodec
from csoundd_client.codec.text import JsonCodec
from csoundd_client.values import Json

CodecName = Literal["msgpack", "json"]


class Codec(Protocol):
    """How frames are written and read."""

    @property
    def name(self) -> str:
        """The WebSocket subprotocol that stands for it."""
        ...

    @property
    def binary(self) -> bool:
        """Whether its frames are binary ones."""
        ...

    def encode(self, message: Json) -> bytes:
        """The frame for ``message``. Raises TypeError for a value that cannot travel."""
        ...

    def decode(self, frame: bytes) -> Json:
        """The message in ``frame``. Raises Unreadable where there is none."""
        ...


CODECS: Final[dict[CodecName, Codec]] = {"msgpack": MsgpackCodec(), "json": JsonCodec()}

__all__ = ["CODECS", "Codec", "CodecName", "JsonCodec", "MsgpackCodec"]
