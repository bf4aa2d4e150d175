"""A WebSocket client that does only what it is told, right or wrong."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from tests.transport.serving import SECOND

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
FIN = 0x80


class RawClient:
    """Bytes in and out of a socket, with a frame made now and then."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.buffer = bytearray()

    @classmethod
    @asynccontextmanager
    async def open(cls, port: int, *headers: str, receive_buffer: int | None = None) -> AsyncIterator[Self]:
        with socket.socket() as sock:
            if receive_buffer is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
            client = cls(sock)
            await client.send(handshake(port, *headers))
            client.answer = await client.until(b"\r\n\r\n")
            yield client

    answer = b""

    async def send(self, data: bytes) -> None:
        async with asyncio.timeout(SECOND):
            await asyncio.get_running_loop().sock_sendall(self.sock, data)

    async def frame(self, payload: bytes, head: int = FIN | TEXT) -> None:
        await self.send(client_frame(payload, head))

    async def until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            self.buffer += await self._more()
        head, _, rest = bytes(self.buffer).partition(mark)
        self.buffer = bytearray(rest)
        return head + mark

    async def receive(self) -> tuple[int, bytes]:
        """The next frame: its opcode and payload."""
        head, size = await self._exactly(2)
        if size == 126:
            (size,) = struct.unpack("!H", await self._exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._exactly(8))
        return head & 0x0F, await self._exactly(size)

    async def closed(self) -> tuple[int, str]:
        """The code and reason of the close frame that comes next."""
        opcode, payload = await self.receive()
        assert opcode == CLOSE, (opcode, payload)
        return struct.unpack("!H", payload[:2])[0], payload[2:].decode()

    async def end(self) -> bytes:
        """Whatever still comes before the server hangs up."""
        try:
            while True:
                self.buffer += await self._more()
        except (EOFError, ConnectionError):
            return bytes(self.buffer)

    async def _exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            self.buffer += await self._more()
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    async def _more(self) -> bytes:
        async with asyncio.timeout(SECOND):
            data = await asyncio.get_running_loop().sock_recv(self.sock, 1 << 16)
        if not data:
            raise EOFError
        return data


def handshake(port: int, *headers: str) -> bytes:
    lines = [
        "GET /ws HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *headers,
    ]
    replaced = {line.partition(":")[0]: line for line in lines}
    return "\r\n".join([*replaced.values(), "", ""]).encode()


def client_frame(payload: bytes, head: int = FIN | TEXT, *, masked: bool = True) -> bytes:
    size = len(payload)
    bit = 0x80 if masked else 0
    if size < 126:
        start = bytes((head, bit | size))
    elif size < 1 << 16:
        start = struct.pack("!BBH", head, bit | 126, size)
    else:
        start = struct.pack("!BBQ", head, bit | 127, size)
    if not masked:
        return start + payload
    mask = os.urandom(4)
    spread = (mask * (size // 4 + 1))[:size]
    return start + mask + bytes(a ^ b for a, b in zip(payload, spread, strict=True))
