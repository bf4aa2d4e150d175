"""One WebSocket connection, from uvicorn's handshake on.

uvicorn's part is the handshake and the list of connections. From then on a WebSocketConnection has the socket's
transport: it hands whole messages to a receiver as they arrive (no queue, no task) and writes frames that are ready for
the socket. It is the sink that a session's queue writes to.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Opcode
from websockets.http11 import Request

from csoundd.transport.frames import FrameReader, Violation, close_frame, encode_frame

NORMAL: Final = 1000
GOING_AWAY: Final = 1001
NO_STATUS: Final = 1005
LOST: Final = 1006

CLOSE_PATIENCE: Final = 10.0
"""Seconds that a client has for its part of the closing handshake."""

STATE_KEY: Final = "csoundd.protocol"
"""Where ``scope["state"]`` holds the protocol, for an endpoint that wants to take over."""

SHUTDOWN_PATIENCE: Final = 0.5
"""Seconds that clients have to answer the close frame when the server stops."""

_UNSENT: Final = 128 * 1024
"""Bytes the system may hold that are not on their way: a slow client should hear the present, not the past."""


class Receiver(Protocol):
    """The receiver of what comes over a connection; it is called synchronously."""

    def message(self, data: bytes, *, text: bool) -> None:
        """A whole message; that text is UTF-8 has not been checked."""

    def oversized(self, limit: int) -> None:
        """A message of more than ``limit`` bytes is skipped."""

    def writable(self) -> None:
        """The socket has room again."""

    def lost(self, code: int) -> None:
        """The connection is gone: 1000 where the client said goodbye, LOST where it said nothing."""


class WebSocketConnection(asyncio.Protocol):
    """One open WebSocket. ``max_frame`` bounds an incoming message, ``ended`` is told of the end, last."""

    def __init__(
        self,
        transport: asyncio.Transport,
        receiver: Receiver,
        max_frame: int,
        ended: Callable[[Exception | None], None],
    ) -> None:
        self._transport = transport
        self._receiver = receiver
        self._ended = ended
        self._reader = FrameReader(self, max_frame)
        self._written = 0
        self._open = True
        self._pong: bytes | None = None
        self._code = LOST
        self._deadline: asyncio.TimerHandle | None = None
        self.writable = True
        """Whether the transport wants more; frames written all the same wait in its buffer."""
        _tune(transport)
        transport.set_protocol(self)

    def data_received(self, data: bytes) -> None:
        """Read frames; a client that breaks the protocol is sent the reason and cut off."""
        try:
            self._reader.feed(data)
        except Violation as violation:
            self._say_close(violation.code, violation.reason)
            self._transport.close()

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
        if self._open and not self._reader.held:
            self._reader.held = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Take messages again, those first that had arrived already."""
        if self._reader.held and not self._transport.is_closing():
            self._reader.held = False
            self._transport.resume_reading()
            self.data_received(b"")

    def close(self, code: int, reason: str, patience: float = CLOSE_PATIENCE) -> None:
        """Start the closing handshake; after ``patience`` seconds without its end the socket is cut."""
        if self._open:
            self._say_close(code, reason, patience)
            self.resume_reading()

    def abort(self) -> None:
        """Cut the connection now; what the socket has not taken is lost."""
        self._open = self.writable = False
        self._transport.abort()

    def _say_close(self, code: int, reason: str, patience: float = CLOSE_PATIENCE) -> None:
        if not self._open:
            return
        self.write(close_frame(code, reason))
        self._open = self.writable = False
        self._deadline = asyncio.get_running_loop().call_later(patience, self._transport.abort)


def _tune(transport: asyncio.Transport) -> None:
    """Send small frames at once, notice a peer that is gone, keep little unsent: where the system can do so."""
    sock: socket.socket | None = transport.get_extra_info("socket")
    if sock is None or sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        # asyncio does so only for listeners that were made with an explicit protocol number:
        # docs/upstream-faults.md#asyncio-nodelay.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lowat = getattr(socket, "TCP_NOTSENT_LOWAT", None)
        if lowat is not None:
            sock.setsockopt(socket.IPPROTO_TCP, lowat, _UNSENT)


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with a way out of ASGI once a connection has been accepted."""

    _connection: WebSocketConnection | None = None

    def handle_connect(self, event: Request) -> None:
        """Begin as uvicorn does, with this protocol within the endpoint's reach."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["state"][STATE_KEY] = self

    def take_over(self, receiver: Receiver) -> WebSocketConnection:
        """Hand the accepted connection to a connection that tells ``receiver`` what comes.

        The endpoint stays in ``receive`` until the disconnect, which uvicorn counts its connections by.
        """
        self._connection = WebSocketConnection(self.transport, receiver, self.config.ws_max_size, self.connection_lost)
        return self._connection

    def shutdown(self) -> None:
        """Close because the server stops; a client that keeps silent is cut off soon after."""
        if self._connection is None:
            super().shutdown()
        else:
            self._connection.close(GOING_AWAY, "the server is going away", SHUTDOWN_PATIENCE)
