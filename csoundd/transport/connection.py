"""One WebSocket connection, from uvicorn's handshake on: frames (RFC 6455) to messages and back.

uvicorn's part is the handshake and the list of connections. From then on a WebSocketConnection has the socket's
transport: it hands whole messages to a receiver as they arrive (no queue, no task) and writes frames that are ready for
the socket. It is the sink that a session's queue writes to. A message over the limit never ends the connection: it is
read past, unbuffered, and reported.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import Callable
from math import inf
from time import monotonic
from typing import Final, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import ProtocolError
from websockets.frames import Close, Opcode
from websockets.http11 import Request

from csoundd.codec import Codec
from csoundd.limits import (
    CLOSE_SECONDS,
    PING_SECONDS,
    READ_TURN_SECONDS,
    SHUTDOWN_SECONDS,
    SLOW_BODY_SECONDS,
    SLOWEST_BODY_BYTES,
    SOCKET_UNSENT_BYTES,
)
from csoundd.messages import Response, StreamFrame

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

NORMAL: Final = 1000
GOING_AWAY: Final = 1001
NO_STATUS: Final = 1005
LOST: Final = 1006

STATE_KEY: Final = "csoundd.protocol"
"""Where ``scope["state"]`` holds the protocol, for an endpoint that wants to take over."""

SLOWEST_KEY: Final = "csoundd.slowest"
"""Where it holds the bytes a second in which a message has to come."""

PROTOCOL_ERROR: Final = 1002
INVALID_DATA: Final = 1007
POLICY_VIOLATION: Final = 1008

_FIN: Final = 0x80
_RESERVED: Final = 0x70
_MASKED: Final = 0x80
_CONTROL: Final = 0x08
_SHORT: Final = 125
_MEDIUM: Final = 126
_LONG: Final = 127
_INCOMPLETE: Final = -1


log = logging.getLogger("csoundd.transport")


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
    """Reads frames from chunks of any size; a message may have up to ``limit`` bytes.

    With ``limit_now`` it is asked whether that still holds, before a message is taken to be too long. It stops after
    ``turn`` seconds, about; ``feed(b"")`` goes on.
    """

    def __init__(
        self,
        listener: FrameListener,
        limit: int,
        limit_now: Callable[[], int] | None = None,
        turn: float = inf,
    ) -> None:
        self._turn = turn
        self._listener = listener
        self._limit = limit
        self._limit_now = limit_now
        self._rest = bytearray()
        self._skip = 0
        self._message: Opcode | None = None
        self._partial = bytearray()
        self._over = False
        self._ended = False
        self._reading = False
        self.held = False
        """Set to stop handing on after the current frame; ``feed(b"")`` goes on once it is false."""
        self.is_behind = False
        """Whether it stopped at the end of its turn, with more to read."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises Violation where they break the protocol; the reader is of no use after that.
        """
        if self._reading:
            return
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        unread: bytes | bytearray = data
        if self._rest:
            self._rest += data
            unread = self._rest
        at, end = 0, len(unread)
        self._reading, self.is_behind = True, False
        ends = monotonic() + self._turn
        try:
            while end - at > 1 and not self.held and not self._ended:
                after = self._frame(unread, at)
                if after == _INCOMPLETE:
                    break
                at = after
                if monotonic() >= ends:
                    self.is_behind = end - at > 1
                    break
        finally:
            self._reading = False
        if unread is self._rest:
            del self._rest[:at]
        elif at < end:
            self._rest += unread[at:]

    def _frame(self, data: bytes | bytearray, at: int) -> int:  # noqa: C901 - the checks of RFC 6455, in its order
        """Read the frame at ``at`` and hand on what it completes; the place after it, or _INCOMPLETE."""
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
        opcode = head & 0x0F
        control = opcode & _CONTROL
        if control:
            self._check_control(head, size)
        elif opcode > Opcode.BINARY:
            raise Violation(PROTOCOL_ERROR, "invalid opcode")
        elif (opcode == Opcode.CONT) != (self._message is not None):
            raise Violation(PROTOCOL_ERROR, "a continuation frame out of order")
        elif self._over or (len(self._partial) + size > self._limit and self._is_too_long(len(self._partial) + size)):
            return self._skipped(data, head, start, size)
        end = start + size
        if end > len(data):
            return _INCOMPLETE
        payload = apply_mask(data[start:end], data[start - 4 : start])
        if control:
            self._control(opcode, payload)
        elif head & _FIN and self._message is None:
            self._listener.message(payload, text=opcode == Opcode.TEXT)
        else:
            self._part(opcode, payload, final=bool(head & _FIN))
        return end

    def _is_too_long(self, size: int) -> bool:
        if self._limit_now is not None:
            self._limit = self._limit_now()
        return size > self._limit

    @property
    def unfinished(self) -> int | None:
        """Bytes that have come of a message whose end has not, None between two messages."""
        if self._skip:
            return -self._skip
        return len(self._rest) + len(self._partial) if self._rest or self._message is not None else None

    def _check_control(self, head: int, size: int) -> None:
        if not head & _FIN:
            raise Violation(PROTOCOL_ERROR, "fragmented control frame")
        if size > _SHORT:
            raise Violation(PROTOCOL_ERROR, "control frame too long")

    def _skipped(self, data: bytes | bytearray, head: int, start: int, size: int) -> int:
        """Read past a frame of a message that is too long; the first of them is reported."""
        if not self._over:
            if size >> 63:
                raise Violation(PROTOCOL_ERROR, "invalid length")
            self._listener.oversized(self._limit)
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

    def _part(self, opcode: int, payload: bytes, *, final: bool) -> None:
        """Take one of several frames of a message."""
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


_PING: Final = encode_frame(b"", Opcode.PING)


class FramedCodec:
    """Encodes with ``codec`` into frames that are ready for the socket."""

    def __init__(self, codec: Codec) -> None:
        self.name = codec.name
        self._codec = codec
        self._opcode = Opcode.BINARY if codec.binary else Opcode.TEXT
        self.takes_long = codec.takes_long
        """Whether to encode a message keeps others waiting."""

    def encode(self, message: Response | list[Response] | StreamFrame) -> bytes:
        """``message`` as one WebSocket frame."""
        return encode_frame(self._codec.encode(message), self._opcode)


class Receiver(Protocol):
    """The receiver of what comes over a connection; it is called synchronously."""

    def message(self, data: bytes, *, text: bool) -> None:
        """A whole message; that text is UTF-8 has not been checked."""

    def oversized(self, limit: int) -> None:
        """A message of more than ``limit`` bytes is skipped."""

    def too_slow(self) -> None:
        """A message came so slowly that the connection is closed."""

    def writable(self) -> None:
        """The socket has room again."""

    def lost(self, code: int) -> None:
        """The connection is gone: 1000 where the client said goodbye, LOST where it said nothing."""


class WebSocketConnection(asyncio.Protocol):
    """One open WebSocket. ``max_frame`` bounds an incoming message, ``ended`` is told of the end, last.

    ``limit_now`` is asked for the bound where a message is longer; ``slowest`` are the bytes a second in which one has
    to come.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the socket and the rules for it
        self,
        transport: asyncio.Transport,
        receiver: Receiver,
        max_frame: int,
        ended: Callable[[Exception | None], None],
        limit_now: Callable[[], int] | None = None,
        slowest: float = SLOWEST_BODY_BYTES,
    ) -> None:
        self._transport = transport
        self._receiver = receiver
        self._ended = ended
        self._reader = FrameReader(self, max_frame, limit_now, READ_TURN_SECONDS)
        self._slowest = slowest
        self._unfinished: int | None = None
        self._slow = 0.0
        """Seconds for which a message has come too slowly."""
        self._written = 0
        self._open = True
        self._pong: bytes | None = None
        self._code = LOST
        self._deadline: asyncio.TimerHandle | None = None
        self.writable = True
        """Whether the transport wants more; frames written all the same wait in its buffer."""
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._is_paused = self._is_resting = False
        self._next_turn: asyncio.Handle | None = None
        self._pinging = self._loop.call_later(PING_SECONDS, self._look_for_life)
        _keep_little_unsent(transport)
        transport.set_protocol(self)

    def data_received(self, data: bytes) -> None:
        """Read frames; a client that breaks the protocol is sent the reason and cut off."""
        self._heard = self._loop.time()
        try:
            self._reader.feed(data)
        except Violation as violation:
            self._say_close(violation.code, violation.reason)
            self._transport.close()
            return
        if self._reader.is_behind and self._next_turn is None:
            # A quarter of a megabyte comes at once, which is thousands of requests: others have their turn in between.
            self._next_turn = self._loop.call_soon(self._go_on)
            self._listen()

    def _go_on(self) -> None:
        """Read on in another turn of the loop."""
        self._next_turn = None
        if not self._transport.is_closing():
            self.data_received(b"")
            self._listen()

    def rest(self, seconds: float) -> None:
        """Take no more messages for so long."""
        if self._open and not self._is_resting:
            self._is_resting = True
            self._listen()
            self._loop.call_later(seconds, self._rested)

    def _rested(self) -> None:
        self._is_resting = False
        self._listen()

    def _listen(self) -> None:
        """Read from the socket, or do not, as it is to be now."""
        held = self._is_paused or self._is_resting
        resumed, self._reader.held = self._reader.held and not held, held
        is_reading = not held and self._next_turn is None
        if self._transport.is_closing() or is_reading == self._transport.is_reading():
            pass
        elif is_reading:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()
        if resumed and not self._transport.is_closing():
            # What had arrived already comes first.
            self.data_received(b"")

    def pause_writing(self) -> None:
        """The transport's buffer is full."""
        self.writable = False

    def resume_writing(self) -> None:
        """The transport's buffer has room again."""
        self.writable = self._open
        if not self._open:
            return
        if self._pong is not None:
            pong, self._pong = self._pong, None
            self.ping(pong)
        self._receiver.writable()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed."""
        self._open = self.writable = False
        self._pinging.cancel()
        if self._deadline is not None:
            self._deadline.cancel()
        self._receiver.lost(self._code)
        self._ended(exc)

    def message(self, data: bytes, *, text: bool) -> None:
        """Hand a message on, unless the connection is closing."""
        if self._open:
            self._receiver.message(data, text=text)

    def oversized(self, limit: int) -> None:
        """Hand on that a message was too big."""
        if self._open:
            self._receiver.oversized(limit)

    def ping(self, data: bytes) -> None:
        """Answer with a pong; while the socket is full only the latest ping is remembered."""
        if not self.writable:
            self._pong = data
        elif self._open:
            self.write(encode_frame(data, Opcode.PONG))

    def _look_for_life(self) -> None:
        """Ping a client that has been silent, and give up one that does not answer."""
        if not self._open:
            return
        if self._reader.held or self.pending:
            # It cannot be heard, or has not got the ping yet. Who takes nothing is given up by the queue.
            self._heard = max(self._heard, self._loop.time() - PING_SECONDS)
        silent = self._loop.time() - self._heard
        if silent >= 2 * PING_SECONDS:
            log.info("a client has been silent for %g s and does not answer a ping: given up", silent)
            self.abort()
            return
        if silent >= PING_SECONDS and self.writable:
            self.write(_PING)
        if self._comes_too_slowly(PING_SECONDS / 3):
            log.info("a client sends a message too slowly: its connection is closed")
            self._receiver.too_slow()
            self.close(POLICY_VIOLATION, "a message came too slowly")
            return
        self._pinging = self._loop.call_later(PING_SECONDS / 3, self._look_for_life)

    def _comes_too_slowly(self, seconds: float) -> bool:
        """Whether a message has come too slowly for too long; the last look was ``seconds`` ago."""
        before, self._unfinished = self._unfinished, None if self._reader.held else self._reader.unfinished
        if before is None or self._unfinished is None or not 0 <= self._unfinished - before < seconds * self._slowest:
            self._slow = 0.0
        else:
            self._slow += seconds
        return self._slow >= SLOW_BODY_SECONDS

    def closed(self, code: int, reason: str) -> None:
        """Finish the closing handshake, or answer the client's."""
        self._code = code
        self._say_close(NORMAL if code == NO_STATUS else code, reason)
        self._transport.close()

    @property
    def pending(self) -> int:
        """Bytes that were written and that the socket has not taken."""
        return self._transport.get_write_buffer_size()

    @property
    def taken(self) -> int:
        """Bytes that the socket has taken since the connection was opened."""
        return self._written - self.pending

    def write(self, frame: bytes) -> None:
        """Write a frame that is ready for the socket; nothing once the connection is closing."""
        if self._open:
            self._written += len(frame)
            self._transport.write(frame)

    def pause_reading(self) -> None:
        """Take no more messages from the client."""
        if self._open:
            self._is_paused = True
            self._listen()

    def resume_reading(self) -> None:
        """Take messages again, those first that had arrived already."""
        self._is_paused = False
        self._listen()

    def close(self, code: int, reason: str, patience: float = CLOSE_SECONDS) -> None:
        """Start the closing handshake; after ``patience`` seconds without its end the socket is cut."""
        if self._open:
            self._say_close(code, reason, patience)
            self._is_resting = False
            self.resume_reading()

    def abort(self) -> None:
        """Cut the connection now; what the socket has not taken is lost."""
        self._open = self.writable = False
        self._transport.abort()

    def _say_close(self, code: int, reason: str, patience: float = CLOSE_SECONDS) -> None:
        if not self._open:
            return
        self.write(close_frame(code, reason))
        self._open = self.writable = False
        self._deadline = asyncio.get_running_loop().call_later(patience, self._transport.abort)


def _keep_little_unsent(transport: asyncio.Transport) -> None:
    """Have the system hold little that is not on its way, where it can do so."""
    sock: socket.socket | None = transport.get_extra_info("socket")
    lowat = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    if sock is None or lowat is None or sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, lowat, SOCKET_UNSENT_BYTES)


VERSION: Final = "13"
"""The version of the WebSocket protocol, which is that of RFC 6455."""

_OTHER_VERSION: Final = (
    b"HTTP/1.1 426 Upgrade Required\r\nsec-websocket-version: 13\r\nupgrade: websocket\r\n"
    b"connection: Upgrade, close\r\ncontent-type: text/plain\r\ncontent-length: 37\r\n\r\n"
    b"the version of WebSocket here is 13\r\n"
)
"""What RFC 6455 (4.4) has a client of another version told."""


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with a way out of ASGI once a connection has been accepted."""

    _connection: WebSocketConnection | None = None

    def handle_connect(self, event: Request) -> None:
        """Begin as uvicorn does, with this protocol within the endpoint's reach."""
        if event.headers.get_all("Sec-WebSocket-Version") != [VERSION]:
            self.handshake_initiated = self.handshake_complete = self.close_sent = True
            self.transport.write(_OTHER_VERSION)
            self.transport.close()
            return
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["state"][STATE_KEY] = self

    def take_over(self, receiver: Receiver, limit_now: Callable[[], int] | None = None) -> WebSocketConnection:
        """Hand the accepted connection to a connection that tells ``receiver`` what comes.

        ``limit_now`` says how long a message may be, where that is less than the server's limit for a while.
        The endpoint stays in ``receive`` until the disconnect, which uvicorn counts its connections by.
        """
        limit = self.config.ws_max_size if limit_now is None else limit_now()
        slowest = self.app_state.get(SLOWEST_KEY, SLOWEST_BODY_BYTES)
        self._connection = WebSocketConnection(
            self.transport, receiver, limit, self.connection_lost, limit_now, slowest
        )
        return self._connection

    def shutdown(self) -> None:
        """Close because the server stops; a client that keeps silent is cut off soon after."""
        if self._connection is None:
            super().shutdown()
        else:
            self._connection.close(GOING_AWAY, "the server is going away", SHUTDOWN_SECONDS)
