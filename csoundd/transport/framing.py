"""Stage 1: a codec's output as WebSocket frames."""

from __future__ import annotations

from websockets.frames import Opcode

from csoundd.codec import Codec
from csoundd.messages import Response, StreamFrame
from csoundd.transport.frames import framed


class FramedCodec:
    """Encodes with ``codec`` into frames that are ready for the socket."""

    def __init__(self, codec: Codec) -> None:
        self.name = codec.name
        self._codec = codec
        self._opcode = Opcode.BINARY if codec.binary else Opcode.TEXT

    def encode(self, message: Response | list[Response] | StreamFrame) -> bytes:
        """``message`` as one WebSocket frame."""
        return framed(self._codec.encode(message), self._opcode)
