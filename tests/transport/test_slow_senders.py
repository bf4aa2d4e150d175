"""Who sends a request or a message too slowly is cut off, and told so."""

from __future__ import annotations

import asyncio

import pytest

from csoundd.transport import connection, http
from tests.transport.serving import serving

SECONDS = 30.0
CLOSE = 8
HEAD = "POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
UPGRADE = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


async def answer_to(port: int, sent: bytes) -> bytes:
    """All that is answered to ``sent``, of which no more ever comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(SECONDS):
        answer = await reader.read()
    writer.close()
    return answer


async def test_a_body_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_LOOK", 0.05)
    monkeypatch.setattr(http, "SLOW_BODY_SECONDS", 0.1)
    async with serving() as front:
        answer = await answer_to(front.port, HEAD.format(port=front.port).encode() + b"{")
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_the_head_of_a_second_request_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_REQUEST_SECONDS", 0.2)
    async with serving() as front:
        first = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{front.port}\r\n\r\n"
        answer = await answer_to(front.port, f"{first}GET /healthz HTTP/1.1\r\nHost:".encode())
    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_a_message_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PING_SECONDS", 1.5)
    monkeypatch.setattr(connection, "SLOW_BODY_SECONDS", 0.4)
    async with serving() as front, asyncio.timeout(SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(UPGRADE.format(port=front.port).encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        writer.write(b"\x81\xfe\x03\xe8\0\0\0\0{")
        while (await reader.readexactly(1))[0] & 0x0F != CLOSE:
            assert (await reader.readexactly(1)) == b"\0", "what comes before are pings"
        assert (await reader.readexactly(3))[1:] == (1008).to_bytes(2)
        writer.close()
