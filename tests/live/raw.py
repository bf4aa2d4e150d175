"""A WebSocket client of nothing but a socket, which answers no ping and reads only when told to."""

from __future__ import annotations

import os
import socket
import struct
from types import TracebackType
from typing import Self

from tests.live import leaks
from tests.live.daemon import PATIENCE

TEXT, CLOSE, PING, PONG, FIN, MASKED = 1, 8, 9, 10, 0x80, 0x80
SHORT, MEDIUM, LONG = 125, 126, 127


class RawClient:
    """One connection to a daemon on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._socket.close()

    def shake_hands(self, *headers: str) -> str:
        """Ask for a WebSocket, with these headers instead of the usual or beside them; the head of the answer."""
        usual = [
            f"Host: 127.0.0.1:{self._port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
        ]
        lines = {header.partition(":")[0]: header for header in (*usual, *headers)}
        self._socket.sendall("\r\n".join(["GET /ws HTTP/1.1", *lines.values(), "", ""]).encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self._file.readline()
            assert line, f"the answer ends after {head!r}"
            head += line
        return head.decode()

    def text(self, text: str) -> None:
        """Send a text frame."""
        self._send(TEXT, text.encode())

    def pong(self, payload: bytes) -> None:
        """Answer a ping that was read."""
        self._send(PONG, payload)

    def _send(self, opcode: int, payload: bytes) -> None:
        mask = os.urandom(4)
        size = len(payload)
        if size <= SHORT:
            length = bytes([MASKED | size])
        elif size < 1 << 16:
            length = struct.pack("!BH", MASKED | MEDIUM, size)
        else:
            length = struct.pack("!BQ", MASKED | LONG, size)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
        self._socket.sendall(bytes([FIN | opcode]) + length + mask + masked)

    def sendall(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(data)

    def frame(self) -> tuple[int, bytes]:
        """Read the next frame: its opcode and what is in it."""
        head, size = self._file.read(2)
        if size == MEDIUM:
            (size,) = struct.unpack("!H", self._file.read(2))
        elif size > MEDIUM:
            (size,) = struct.unpack("!Q", self._file.read(8))
        payload = self._file.read(size)
        leaks.check_reply(payload)
        return head & 0x0F, payload

    def message(self) -> bytes:
        """Read the next frame, which has to hold text."""
        opcode, payload = self.frame()
        assert opcode == TEXT, (opcode, payload)
        return payload

    def reset(self) -> None:
        """Break the connection off without a word."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._file.close()
        self._socket.close()
