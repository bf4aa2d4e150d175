"""WebSocket frames (RFC 6455) without a socket: bytes to messages and back.

Takes what a client sent after its handshake, hands on whole messages, pings and the closing of the
connection. A message over the limit never ends the connection: it is read past, unbuffered, and reported.
"""

from __future__ import annotations

import struct
from typing import Final, Protocol

from websockets.exceptions import ProtocolError
from websockets.frames import Close, Opcode

from csoundd.codec import Codec
from csoundd.messages import Response, StreamFrame

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

PROTOCOL_ERROR: Final = 1002
INVALID_DATA: Final = 1007

_FIN: Final = 0x80
_RESERVED: Final = 0x70
_MASKED: Final = 0x80
_CONTROL: Final = 0x08
_SHORT: Final = 125
_MEDIUM: Final = 126
_LONG: Final = 127
_INCOMPLETE: Final = -1


class Violation(Exception):
    """The client broke the WebSocket protocol; the connection ends with ``code``."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class FrameListener(Protocol):
    """The events of a FrameReader, in the order of arrival."""

    def message(self, data: bytes, *, text: bool) -> None:
        """A whole message; that text is UTF-8 has not been checked."""

    def oversized(self, limit: int) -> None:
        """A message has more than ``limit`` bytes; what is still to come of it will be skipped."""

    def ping(self, data: bytes) -> None:
        """The client wants ``data`` back in a pong."""

    def closed(self, code: int, reason: str) -> None:
        """The client closes; nothing it sends afterwards counts."""


class FrameReader:
    """Reads frames from chunks of any size; a message may have up to ``limit`` bytes."""

    def __init__(self, listener: FrameListener, limit: int) -> None:
        self._listener = listener
        self._limit = limit
        self._rest = bytearray()
        self._skip = 0
        self._message: Opcode | None = None
        self._partial = bytearray()
        self._over = False
        self._ended = False
        self._reading = False
        self.held = False
        """Set to stop handing on after the current frame; ``feed(b"")`` goes on once it is false."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises Violation where they break the protocol; the reader is of no use after that.
        """
        if self._reading:
            return
        data = self._past_skipped(data)
        if self._rest:
            self._rest += data
        self._reading = True
        try:
            self._read(self._rest or data)
        finally:
            self._reading = False

    def _past_skipped(self, data: bytes) -> bytes:
        if not self._skip:
            return data
        skipped = min(self._skip, len(data))
        self._skip -= skipped
        return data[skipped:]

    def _read(self, data: bytes | bytearray) -> None:
        at, end = 0, len(data)
        while end - at > 1 and not self.held and not self._ended:
            after = self._frame(data, at)
            if after == _INCOMPLETE:
                break
            at = after
        if data is self._rest:
            del self._rest[:at]
        elif at < end:
            self._rest += data[at:]

    def _frame(self, data: bytes | bytearray, at: int) -> int:
        """Read the frame at ``at``; the place after it, or _INCOMPLETE."""
        head, size = data[at], data[at + 1] & ~_MASKED
        if head & _RESERVED:
            raise Violation(PROTOCOL_ERROR, "reserved bits must be 0")
        if not data[at + 1] & _MASKED:
            raise Violation(PROTOCOL_ERROR, "a client's frames must be masked")
        extra = 0 if size < _MEDIUM else 2 if size == _MEDIUM else 8
        start = at + 6 + extra
        if start > len(data):
            return _INCOMPLETE
        if extra:
            size = int.from_bytes(data[at + 2 : at + 2 + extra])
        return self._payload(data, head, start, size)

    def _payload(self, data: bytes | bytearray, head: int, start: int, size: int) -> int:
        opcode = head & 0x0F
        control = opcode & _CONTROL
        if control:
            self._check_control(head, size)
        elif self._too_much(self._in_order(opcode), size):
            return self._skipped(data, head, start, size)
        end = start + size
        if end > len(data):
            return _INCOMPLETE
        payload = apply_mask(data[start:end], data[start - 4 : start])
        if control:
            self._control(opcode, payload)
        else:
            self._data(opcode, payload, final=bool(head & _FIN))
        return end

    def _check_control(self, head: int, size: int) -> None:
        if not head & _FIN:
            raise Violation(PROTOCOL_ERROR, "fragmented control frame")
        if size > _SHORT:
            raise Violation(PROTOCOL_ERROR, "control frame too long")

    def _in_order(self, opcode: int) -> int:
        if opcode > Opcode.BINARY:
            raise Violation(PROTOCOL_ERROR, "invalid opcode")
        if (opcode == Opcode.CONT) != (self._message is not None):
            raise Violation(PROTOCOL_ERROR, "a continuation frame out of order")
        return opcode

    def _too_much(self, opcode: int, size: int) -> bool:
        if opcode == Opcode.CONT and self._over:
            return True
        if len(self._partial) + size <= self._limit:
            return False
        if size >> 63:
            raise Violation(PROTOCOL_ERROR, "invalid length")
        self._listener.oversized(self._limit)
        return True

    def _skipped(self, data: bytes | bytearray, head: int, start: int, size: int) -> int:
        self._partial.clear()
        final = bool(head & _FIN)
        self._over = not final
        if final:
            self._message = None
        elif self._message is None:
            self._message = Opcode(head & 0x0F)
        here = min(size, len(data) - start)
        self._skip = size - here
        return start + here

    def _data(self, opcode: int, payload: bytes, *, final: bool) -> None:
        if final and self._message is None:
            self._listener.message(payload, text=opcode == Opcode.TEXT)
            return
        self._partial += payload
        if self._message is None:
            self._message = Opcode(opcode)
        if final:
            text, whole = self._message == Opcode.TEXT, bytes(self._partial)
            self._message = None
            self._partial.clear()
            self._listener.message(whole, text=text)

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == Opcode.PING:
            self._listener.ping(payload)
        elif opcode == Opcode.CLOSE:
            self._close(payload)
        elif opcode != Opcode.PONG:
            raise Violation(PROTOCOL_ERROR, "invalid opcode")

    def _close(self, payload: bytes) -> None:
        try:
            close = Close.parse(payload)
        except ProtocolError as error:
            raise Violation(PROTOCOL_ERROR, str(error)) from error
        except UnicodeDecodeError as error:
            raise Violation(INVALID_DATA, "the reason is not UTF-8") from error
        self._ended = True
        self._listener.closed(close.code, close.reason)


def encode_frame(payload: bytes, opcode: Opcode) -> bytes:
    """``payload`` as one unmasked frame, ready for the socket."""
    head, size = _FIN | opcode, len(payload)
    if size <= _SHORT:
        return bytes((head, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", head, _MEDIUM, size) + payload
    return struct.pack("!BBQ", head, _LONG, size) + payload


def close_frame(code: int, reason: str) -> bytes:
    """The frame that starts the closing handshake; ``reason`` is cut to what a control frame holds."""
    text = reason.encode()[: _SHORT - 2].decode(errors="ignore")
    return encode_frame(Close(code, text).serialize(), Opcode.CLOSE)


class FramedCodec:
    """Encodes with ``codec`` into frames that are ready for the socket."""

    def __init__(self, codec: Codec) -> None:
        self.name = codec.name
        self._codec = codec
        self._opcode = Opcode.BINARY if codec.binary else Opcode.TEXT

    def encode(self, message: Response | list[Response] | StreamFrame) -> bytes:
        """``message`` as one WebSocket frame."""
        return encode_frame(self._codec.encode(message), self._opcode)
