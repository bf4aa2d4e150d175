"""Frames to messages and back, pure. It takes bytes or text and hands on a request, a failure or a batch."""

from __future__ import annotations

from typing import Final, Protocol

from csoundd.codec.jsonrpc import JsonCodec, MsgpackCodec
from csoundd.messages import Incoming, Response, StreamFrame


class Codec(Protocol):
    """One of the two encodings of the contract. Neither method ever raises."""

    @property
    def name(self) -> str:
        """The WebSocket subprotocol that stands for this codec."""
        ...

    @property
    def binary(self) -> bool:
        """Whether its frames are binary ones."""
        ...

    def decode(self, frame: bytes | str) -> Incoming:
        """Read ``frame`` as requests; for one that is faulty a Failure stands in its place."""
        ...

    def takes_long(self, message: Response | list[Response]) -> bool:
        """Whether to encode ``message`` keeps others waiting; then it is done in another thread."""
        ...

    def encode(self, message: Response | list[Response] | StreamFrame) -> bytes:
        """The frame for ``message``; a result that cannot travel is answered with InternalError."""
        ...


JSON: Final[Codec] = JsonCodec()
MSGPACK: Final[Codec] = MsgpackCodec()
CODECS: Final[dict[str, Codec]] = {codec.name: codec for codec in (JSON, MSGPACK)}
"""The codecs by the name of their WebSocket subprotocol."""

__all__ = ["CODECS", "JSON", "MSGPACK", "Codec", "JsonCodec", "MsgpackCodec"]
