"""One WebSocket: frames go from the socket straight to who listens, and to the socket as they are sent.

The protocol is websockets' own, without its tasks and queues: a frame costs no turn of the event loop. A message in
one frame, as nearly all are, is taken and written here, without the protocol's many steps.
"""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import Callable
from contextlib import suppress
from struct import Struct
from typing import Final, cast

from websockets.client import ClientProtocol
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI

from csoundd_client.failures import ConnectionFailed, ConnectionLost

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

FAREWELL: Final = 5.0
"""Seconds that the other side has to close after it was asked to."""

RECEIVE_BYTES: Final = 1 << 18
"""The most that is read from the socket at once."""

_DATA: Final = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})
_FIN: Final = 0x80
_WHOLE: Final = frozenset({_FIN | Opcode.TEXT, _FIN | Opcode.BINARY})
"""The first byte of a frame that is a message by itself."""

_MASKED: Final = 0x80
_SHORT, _MEDIUM, _LONG = 125, 126, 127
_HEAD: Final = Struct("!BB")
_MEDIUM_HEAD: Final = Struct("!BBH")
_LONG_HEAD: Final = Struct("!BBQ")
_END_OF_HANDSHAKE: Final = b"\r\n\r\n"


class Wire(asyncio.Protocol):
    """A WebSocket over one transport. ``heard`` takes each frame, ``lost`` is told once that it is over."""

    def __init__(
        self,
        address: WebSocketURI,
        subprotocol: str,
        heard: Callable[[bytes], None],
        lost: Callable[[ConnectionLost], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._protocol = ClientProtocol(address, subprotocols=[Subprotocol(subprotocol)], max_size=None)
        self._subprotocol = subprotocol
        self._heard = heard
        self._lost = lost
        self._transport: asyncio.Transport
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._writable: asyncio.Future[None] | None = None
        self._unread = bytearray()
        """What has come of a frame, or of the handshake, that is not complete."""
        self._wanted = 0
        """How many bytes of it there have to be before there is anything to take."""
        self._parts: list[bytes] = []
        self._reason = ""
        self._beat: asyncio.TimerHandle | None = None
        self._end: asyncio.TimerHandle | None = None
        self._quiet = self._asked = False

    async def opened(self) -> None:
        """Wait for the handshake. Raises ConnectionFailed."""
        try:
            await self._opened
        except BaseException:
            self._transport.abort()
            raise

    def send(self, payload: bytes, *, binary: bool) -> None:
        """Write a frame. Raises ConnectionLost where the connection is closing."""
        if self._protocol.state is not State.OPEN or self._transport.is_closing():
            raise ConnectionLost("the connection is closing")
        first, size, mask = _FIN | (Opcode.BINARY if binary else Opcode.TEXT), len(payload), os.urandom(4)
        if size <= _SHORT:
            head = _HEAD.pack(first, _MASKED | size)
        elif size < 1 << 16:
            head = _MEDIUM_HEAD.pack(first, _MASKED | _MEDIUM, size)
        else:
            head = _LONG_HEAD.pack(first, _MASKED | _LONG, size)
        self._transport.write(head + mask + apply_mask(payload, mask))

    def listener(self) -> Callable[[float], bool] | None:
        """What takes in what comes while the event loop does not run, waiting for it so many seconds at most.

        It says whether anything came, and has to be called as the loop would call. None where only the loop can
        listen: with TLS, and where it has the system do the reading.
        """
        plain = self._transport.get_extra_info("sslcontext") is None
        if not (plain and hasattr(select, "poll") and isinstance(self._loop, asyncio.SelectorEventLoop)):
            return None
        file = self._transport.get_extra_info("socket").fileno()
        poll = select.poll()
        poll.register(file, select.POLLIN)

        def listen(seconds: float) -> bool:
            if self._transport.is_closing() or self._transport.get_write_buffer_size() or not poll.poll(seconds * 1000):
                return False
            data = b""
            with suppress(OSError):
                data = os.read(file, RECEIVE_BYTES)
            if data:
                self.data_received(data)
            # The end, and what is wrong with the socket, the loop will find as well.
            return bool(data)

        return listen

    async def drain(self) -> None:
        """Wait until the socket takes more, where it is full."""
        if self._writable is not None:
            await asyncio.shield(self._writable)

    async def close(self, code: int = CloseCode.NORMAL_CLOSURE, reason: str = "") -> None:
        """Say farewell and wait for the other side to close."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
            self._flush()
            self._expect_end()
        await asyncio.shield(self._over)

    def abort(self) -> None:
        """End it without a farewell."""
        self._transport.abort()

    def fail(self, code: int, reason: str) -> None:
        """Give up the connection, because of what came over it."""
        self._reason = reason
        self._protocol.fail(code, reason[:100])
        self._flush()
        self._expect_end()

    def watch(self, period: float) -> None:
        """Notice within twice ``period`` seconds when the other side is silent for good."""
        self._beat = self._loop.call_later(period, self._listen, period)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Shake hands."""
        self._transport = cast("asyncio.Transport", transport)
        self._protocol.send_request(self._protocol.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Hand on each frame that is complete."""
        self._quiet = False
        if self._unread:
            self._unread += data
            if len(self._unread) < self._wanted:
                return
            data = bytes(self._unread)
            self._unread.clear()
        at = self._shake(data) if self._protocol.state is State.CONNECTING else 0
        if self._protocol.state is not State.CONNECTING:
            at = self._frames(data, at)
        if at < len(data):
            self._unread += data[at:]

    def _shake(self, data: bytes) -> int:
        """Hand on the answer to the handshake, once it is whole; where what follows it begins."""
        self._wanted = 0
        end = data.find(_END_OF_HANDSHAKE) + len(_END_OF_HANDSHAKE)
        if end < len(_END_OF_HANDSHAKE):
            return 0
        self._give(data[:end])
        if self._protocol.state is not State.CONNECTING:
            return end
        self._give(data[end:])  # the body of a refusal
        return len(data)

    def _frames(self, data: bytes, at: int) -> int:
        """Take the frames that begin at ``at``; where the first one begins that is not complete."""
        end = len(data)
        while end - at > 1:
            size, start = data[at + 1], at + _HEAD.size
            if size & _MASKED:
                self._give(data[at:])  # no server masks: the protocol says so, and ends the connection
                return end
            if size == _MEDIUM:
                start = at + _MEDIUM_HEAD.size
                size = int.from_bytes(data[at + _HEAD.size : start])
            elif size == _LONG:
                start = at + _LONG_HEAD.size
                size = int.from_bytes(data[at + _HEAD.size : start])
            after = start + size
            if after > end:
                # Where only a part of the size is there, what comes next says more.
                self._wanted = after - at if start <= end else start - at
                return at
            if data[at] in _WHOLE and not self._parts and self._protocol.state is State.OPEN:
                self._heard(data[start:after])
            else:
                self._give(data[at:after])
            at = after
        self._wanted = _HEAD.size
        return at

    def _give(self, data: bytes) -> None:
        """Have the protocol deal with the handshake, with parts of a message, with pings and with the end."""
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._frame(event)
            elif isinstance(event, Response):
                self._shaken()
        self._flush()
        if self._protocol.handshake_exc is not None:
            self._refused(str(self._protocol.handshake_exc))
        if self._protocol.close_expected():
            self._expect_end()

    def eof_received(self) -> None:
        """The other side sends no more."""
        self._give(bytes(self._unread))
        self._protocol.receive_eof()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._protocol.receive_eof()
        for timer in (self._beat, self._end):
            if timer is not None:
                timer.cancel()
        self.resume_writing()
        self._refused("the connection was closed during the handshake")
        self._over.set_result(None)
        self._lost(self._farewell(exc))

    def pause_writing(self) -> None:
        """The socket is full."""
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        """The socket takes more."""
        if self._writable is not None:
            self._writable.set_result(None)
            self._writable = None

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            elif self._transport.can_write_eof():
                self._transport.write_eof()
            else:
                self._transport.close()

    def _expect_end(self) -> None:
        if self._end is None:
            self._end = self._loop.call_later(FAREWELL, self._transport.abort)

    def _frame(self, frame: Frame) -> None:
        if frame.opcode not in _DATA:
            return
        if frame.fin and not self._parts:
            self._heard(bytes(frame.data))
            return
        self._parts.append(bytes(frame.data))
        if frame.fin:
            whole, self._parts = b"".join(self._parts), []
            self._heard(whole)

    def _shaken(self) -> None:
        if self._protocol.handshake_exc is None and self._protocol.subprotocol != self._subprotocol:
            self._refused(f"the server does not speak {self._subprotocol}")
        elif self._protocol.handshake_exc is None and not self._opened.done():
            self._opened.set_result(None)

    def _refused(self, reason: str) -> None:
        if not self._opened.done():
            self._opened.set_exception(ConnectionFailed(reason))

    def _farewell(self, exc: Exception | None) -> ConnectionLost:
        code = self._protocol.close_code or CloseCode.ABNORMAL_CLOSURE
        reason = self._reason or self._protocol.close_reason or (str(exc) if exc else "")
        return ConnectionLost(f"the connection was lost: {reason or f'close code {code}'}", close_code=code)

    def _listen(self, period: float) -> None:
        if self._quiet and self._asked:
            self._reason = f"the server was silent for {2 * period:g} s"
            self._transport.abort()
            return
        self._asked = self._quiet
        if self._quiet and self._protocol.state is State.OPEN:
            self._protocol.send_ping(b"")
            self._flush()
        self._quiet = True
        self.watch(period)
