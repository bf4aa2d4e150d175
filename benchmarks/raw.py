"""A WebSocket client that costs next to nothing: plain sockets, frames made beforehand, answers counted by bytes.

A library's client would spend more time than the server that is measured.
"""

from __future__ import annotations

import socket
import ssl
import struct
from typing import Final, cast

import msgpack

SUBPROTOCOL: Final = "csoundd.msgpack"
RECEIVE: Final = 1 << 16

_START: Final = {126: 4, 127: 10}
"""Where the payload begins after a length that needs more than one byte."""


def masked(payload: bytes) -> bytes:
    """``payload`` as a client's frame under a mask of zeros."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x82, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x82, 0xFE, size)
    else:
        head = struct.pack("!BBQ", 0x82, 0xFF, size)
    return head + bytes(4) + payload


def payload(method: str, *params: object, **named: object) -> bytes:
    """A call as msgpack, always under the same id."""
    packed: bytes = msgpack.packb({"jsonrpc": "2.0", "id": 1, "method": method, "params": named or list(params)})
    return packed


def request(method: str, *params: object, **named: object) -> bytes:
    """A call as a frame that is ready for the socket."""
    return masked(payload(method, *params, **named))


def receive(sock: socket.socket) -> bytes:
    """What ``sock`` has to be read; over TLS that may be nothing yet, and the socket alone does not tell of all."""
    try:
        received = sock.recv(RECEIVE)
        while isinstance(sock, ssl.SSLSocket) and sock.pending():
            received += sock.recv(RECEIVE)
    except ssl.SSLWantReadError:
        return b""
    return received


class RawClient:
    """One connection over a blocking socket, over TLS where it is to: then any certificate will do."""

    def __init__(self, port: int, *, tls: bool = False) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.sock = context.wrap_socket(self.sock)
        lines = [
            "GET /ws HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Protocol: {SUBPROTOCOL}",
        ]
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode())
        while not self.sock.recv(RECEIVE).endswith(b"\r\n\r\n"):
            pass
        self._read = bytearray()

    def call(self, method: str, *params: object, **named: object) -> object:
        """The result of one call, whatever else arrives meanwhile; raises RuntimeError for an error."""
        self.sock.sendall(request(method, *params, **named))
        while True:
            message = self.message()
            if "error" in message:
                raise RuntimeError(message["error"])
            if "id" in message:
                return message["result"]

    def message(self) -> dict[str, object]:
        """The next message, of whatever kind."""
        while (place := self._place()) is None:
            received = self.sock.recv(RECEIVE)
            if not received:
                raise EOFError
            self._read += received
        start, end = place
        is_control, packed = self._read[0] & 0x08, bytes(self._read[start:end])
        del self._read[:end]
        # Who was silent for a while is pinged.
        return self.message() if is_control else cast("dict[str, object]", msgpack.unpackb(packed))

    def _place(self) -> tuple[int, int] | None:
        """Where the payload of the first frame begins and ends, None while it is not whole."""
        read = self._read
        start = 2 if len(read) < 2 else _START.get(read[1], 2)
        if len(read) < start:
            return None
        end = start + (read[1] if start == 2 else int.from_bytes(read[2:start]))
        return (start, end) if len(read) >= end else None

    def exchange(self, frame: bytes) -> bytes:
        """Send a ready frame and take what comes back first."""
        self.sock.sendall(frame)
        return self.sock.recv(RECEIVE)

    def close(self) -> None:
        """Hang up."""
        self.sock.close()
