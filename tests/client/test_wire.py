"""Frames as they may come off a socket: in pieces, several at once, fragmented, with control frames between."""

from __future__ import annotations

import asyncio
import struct

import pytest
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from csoundd_client.failures import ConnectionLost
from csoundd_client.wire import Wire

CONT, BINARY, PING, PONG = 0, 2, 9, 10
PROTOCOL_ERROR = 1002


def frame(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
    """A frame of a server, spelled out as RFC 6455 has it."""
    first = bytes([(0x80 if fin else 0) | opcode])
    if len(payload) < 126:
        return first + bytes([len(payload)]) + payload
    if len(payload) < 1 << 16:
        return first + struct.pack("!BH", 126, len(payload)) + payload
    return first + struct.pack("!BQ", 127, len(payload)) + payload


class Socket(asyncio.Transport):
    """The transport of a wire, which keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closing

    def can_write_eof(self) -> bool:
        return False

    def close(self) -> None:
        self.closing = True

    abort = close


class Opened:
    """A wire that has shaken hands."""

    def __init__(self, cut: int = 0) -> None:
        self.heard: list[bytes] = []
        self.lost: list[ConnectionLost] = []
        self.socket = Socket()
        self.wire = Wire(parse_uri("ws://host/ws"), "csoundd.msgpack", self.heard.append, self.lost.append)
        self.wire.connection_made(self.socket)
        server = ServerProtocol(subprotocols=[Subprotocol("csoundd.msgpack")])
        server.receive_data(self.socket.written)
        (request,) = server.events_received()
        assert isinstance(request, Request)
        server.send_response(server.accept(request))
        self.server = server
        self.answer = b"".join(server.data_to_send())
        self.socket.written = b""
        if cut:
            self.feed(self.answer, cut)

    def feed(self, data: bytes, cut: int) -> None:
        """Let ``data`` come in pieces of ``cut`` bytes."""
        for start in range(0, len(data), cut):
            self.wire.data_received(data[start : start + cut])


MESSAGES = [b"", b"a", b"b" * 125, b"c" * 126, b"d" * 300, b"e" * 70_000, b"f"]
STREAM = (
    b"".join(frame(BINARY, message) for message in MESSAGES)
    + frame(BINARY, b"one ", fin=False)
    + frame(PING, b"there?")
    + frame(CONT, b"two ", fin=False)
    + frame(CONT, b"three")
    + frame(BINARY, b"last")
)
HEARD = [*MESSAGES, b"one two three", b"last"]


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 125, 4096, 1 << 20])
async def test_messages_are_the_same_however_they_are_cut(cut: int) -> None:
    opened = Opened()
    opened.feed(opened.answer + STREAM, cut)
    await opened.wire.opened()
    assert opened.heard == HEARD
    opened.server.receive_data(opened.socket.written)
    (pong,) = opened.server.events_received()
    assert pong.opcode == PONG  # type: ignore[union-attr]
    assert pong.data == b"there?"  # type: ignore[union-attr]
    opened.wire.connection_lost(None)
    assert len(opened.lost) == 1


async def test_a_frame_with_a_mask_ends_the_connection() -> None:
    opened = Opened(cut=4096)
    opened.feed(frame(BINARY, b"good") + bytes([0x82, 0x80 | 3]) + b"maskabc", 4096)
    assert opened.heard == [b"good"]
    opened.server.receive_data(opened.socket.written)
    assert opened.server.close_rcvd is not None
    assert opened.server.close_rcvd.code == PROTOCOL_ERROR
    opened.wire.connection_lost(None)


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
async def test_what_is_sent_is_a_masked_frame(size: int) -> None:
    opened = Opened(cut=4096)
    opened.wire.send(b"x" * size, binary=True)
    opened.server.receive_data(opened.socket.written)
    (sent,) = opened.server.events_received()
    assert sent.data == b"x" * size  # type: ignore[union-attr]
    assert opened.socket.written[1] & 0x80
    opened.wire.connection_lost(None)


async def test_a_refusal_says_what_it_was() -> None:
    opened = Opened()
    opened.feed(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno", 5)
    opened.wire.eof_received()
    opened.wire.connection_lost(None)
    with pytest.raises(Exception, match="403"):
        await opened.wire.opened()
