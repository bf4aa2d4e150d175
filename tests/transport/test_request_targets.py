"""Requests as bytes: absolute addresses, upgrades that are none, and bodies that would grow when they are unpacked."""

from __future__ import annotations

import asyncio
import zlib

import pytest

from tests.transport.raw import FIN, TEXT, RawClient, client_frame
from tests.transport.serving import SECOND, Front

UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
COMPRESSED = 0x40


async def answered(front: Front, line: str, headers: str = "", host: str = "") -> str:
    """The status line and the headers of the answer to a request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
    try:
        named = host or f"127.0.0.1:{front.port}"
        writer.write(f"{line}\r\nHost: {named}\r\n{headers}\r\n".encode())
        async with asyncio.timeout(SECOND):
            return (await reader.readuntil(b"\r\n\r\n")).decode()
    finally:
        writer.close()
        await writer.wait_closed()


def status(head: str) -> int:
    return int(head.split(" ", 2)[1])


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}", "http://localhost", "http://[::1]:{port}"])
async def test_an_absolute_address_is_served_as_its_path(front: Front, address: str) -> None:
    target = address.format(port=front.port) + "/healthz?x=1"
    assert status(await answered(front, f"GET {target} HTTP/1.1")) == 200


@pytest.mark.parametrize(
    "address",
    ["http://evil.example", "http://127.0.0.1@evil.example", "http://evil.example:{port}", "x://evil.example", "x:///"],
)
async def test_one_of_another_host_is_refused_whatever_the_header_says(front: Front, address: str) -> None:
    target = address.format(port=front.port) + "/healthz"
    assert status(await answered(front, f"GET {target} HTTP/1.1")) in {400, 403}


async def test_it_counts_and_not_the_header(front: Front) -> None:
    line = f"GET http://127.0.0.1:{front.port}/healthz HTTP/1.1"
    assert status(await answered(front, line, host="evil.example")) == 200


async def test_a_path_with_an_address_in_it_is_a_path(front: Front) -> None:
    assert status(await answered(front, "GET /healthz?of=http://evil.example/ HTTP/1.1")) == 200


async def test_a_websocket_is_opened_by_an_absolute_address(front: Front) -> None:
    headers = UPGRADE + "Sec-WebSocket-Version: 13\r\n"
    assert status(await answered(front, f"GET http://127.0.0.1:{front.port}/ws HTTP/1.1", headers)) == 101
    assert status(await answered(front, "GET http://evil.example/ws HTTP/1.1", headers)) == 403


@pytest.mark.parametrize("versions", [["8"], ["7"], ["14"], ["13, 8"], ["8", "13"], [""], []])
async def test_another_version_of_websocket_is_told_which_one_is_spoken(front: Front, versions: list[str]) -> None:
    offered = "".join(f"Sec-WebSocket-Version: {version}\r\n" for version in versions)
    head = await answered(front, "GET /ws HTTP/1.1", UPGRADE + offered)
    assert status(head) == 426
    assert "sec-websocket-version: 13\r\n" in head.lower()


async def test_http_1_0_is_not_upgraded(front: Front) -> None:
    head = await answered(front, "GET /ws HTTP/1.0", UPGRADE + "Sec-WebSocket-Version: 13\r\n")
    assert status(head) == 426


async def test_compression_that_is_offered_is_not_taken_and_its_frames_are_refused(front: Front) -> None:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = squeezer.compress(bytes(16 << 20)) + squeezer.flush(zlib.Z_SYNC_FLUSH)
    async with RawClient.open(front.port, "Sec-WebSocket-Extensions: permessage-deflate") as client:
        assert b"sec-websocket-extensions" not in client.answer.lower()
        await client.send(client_frame(bomb[:-4], FIN | TEXT | COMPRESSED))
        assert (await client.closed())[0] == 1002


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, identity"])
async def test_a_body_that_would_be_unpacked_is_not_taken(front: Front, coding: str) -> None:
    headers = f"Content-Type: application/json\r\nContent-Encoding: {coding}\r\nContent-Length: 0\r\n"
    assert status(await answered(front, "POST /rpc HTTP/1.1", headers)) == 415
