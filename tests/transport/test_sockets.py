"""Connections as they come in: within limits, whatever the system has left, and watched for peers that are gone."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import cast

import pytest
from starlette.responses import Response

from csoundd.limits import DESCRIPTORS_RESERVED, KEEPALIVE_IDLE_SECONDS, KEEPALIVE_PROBE_SECONDS, KEEPALIVE_PROBES
from csoundd.transport import connection, http, sockets
from csoundd.transport.http import HttpServer
from csoundd.transport.sockets import ConnectionLimits, Listener, authority, limits_within
from tests.transport.raw import FIN, PING, PONG, TEXT, RawClient
from tests.transport.serving import SECOND, Front, Settings, serving

FULL = OSError(errno.EMFILE, os.strerror(errno.EMFILE))


class Echo(asyncio.Protocol):
    """Sends back what comes, and knows its socket."""

    seen: asyncio.Queue[asyncio.Transport] = asyncio.Queue()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.seen.put_nowait(self.transport)

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


@asynccontextmanager
async def echoing(
    limits: ConnectionLimits, sock: socket.socket | None = None, protocol: Callable[[], Echo] = Echo
) -> AsyncIterator[int]:
    Echo.seen = asyncio.Queue()
    sock = sock or socket.create_server(("127.0.0.1", 0))
    listener = Listener(sock, protocol, limits, b"no\n")
    await listener.open()
    try:
        yield sock.getsockname()[1]
    finally:
        listener.close()
        while not Echo.seen.empty():
            Echo.seen.get_nowait().abort()


async def said(port: int) -> tuple[bytes, asyncio.StreamWriter]:
    """What a new client hears of what it says; it stays."""
    async with asyncio.timeout(SECOND):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(b"yes\n")
            return await reader.readline(), writer
        except ConnectionError:
            return b"", writer


async def test_one_source_has_so_many_connections_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "csoundd.transport"):
        async with echoing(ConnectionLimits("Echo", 10, 2)) as port:
            clients = [await said(port) for _ in range(4)]
    assert [heard == b"yes\n" for heard, _ in clients] == [True, True, False, False]
    (record,) = caplog.records
    assert "Echo: a connection from 127.0.0.1 was refused: 2 of its connections are open" in record.getMessage()
    for _, writer in clients:
        writer.transport.abort()


async def test_all_sources_together_have_so_many_and_no_more() -> None:
    async with echoing(ConnectionLimits("Echo", 1, 2)) as port:
        clients = [await said(port) for _ in range(2)]
    assert [heard == b"yes\n" for heard, _ in clients] == [True, False]
    for _, writer in clients:
        writer.transport.abort()


async def test_who_leaves_makes_room() -> None:
    async with echoing(ConnectionLimits("Echo", 1, 1)) as port:
        for _ in range(3):
            heard, writer = await said(port)
            assert heard == b"yes\n"
            writer.transport.abort()
            served = Echo.seen.get_nowait()
            served.abort()
            await until(lambda served=served: served.get_extra_info("socket").fileno() == -1)  # type: ignore[misc]


async def until(wanted: Callable[[], object]) -> None:
    async with asyncio.timeout(SECOND):
        while not wanted():  # noqa: ASYNC110 - a socket tells nobody that it is closed
            await asyncio.sleep(0)


class FullSocket(socket.socket):
    """A socket that the system has no descriptors for, for some time."""

    refusals = 2

    def accept(self) -> tuple[socket.socket, object]:
        if self.refusals:
            self.refusals -= 1
            raise FULL
        return super().accept()


async def test_connections_are_accepted_once_there_are_descriptors_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sockets, "ACCEPT_AGAIN_SECONDS", 0.05)
    sock = FullSocket()
    sock.bind(("127.0.0.1", 0))
    with caplog.at_level(logging.WARNING, "csoundd.transport"):
        async with echoing(ConnectionLimits("Echo", 10, 10), sock) as port:
            heard, writer = await said(port)
    assert (heard, sock.refusals) == (b"yes\n", 0)
    (record,) = caplog.records
    assert "Echo: cannot accept connections: too many open files; trying again" in record.getMessage()
    writer.transport.abort()


@pytest.mark.skipif(not hasattr(socket, "TCP_KEEPIDLE"), reason="this system has other names for it")
async def test_the_system_asks_whether_the_peer_is_there() -> None:
    async with echoing(ConnectionLimits("Echo", 10, 10)) as port:
        _, writer = await said(port)
        sock = Echo.seen.get_nowait().get_extra_info("socket")
        options = [
            sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
            *(sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, f"TCP_KEEP{name}")) for name in KEEPALIVE),
        ]
        writer.transport.abort()
    assert options == [1, *KEEPALIVE.values()]


KEEPALIVE = {"IDLE": KEEPALIVE_IDLE_SECONDS, "INTVL": KEEPALIVE_PROBE_SECONDS, "CNT": KEEPALIVE_PROBES}


def test_limits_leave_descriptors_for_the_rest() -> None:
    wanted = [ConnectionLimits("a", 2000, 1000), ConnectionLimits("b", 1000, 10)]
    assert limits_within(1 << 16, *wanted) == wanted
    assert limits_within(DESCRIPTORS_RESERVED + 300, *wanted) == [
        ConnectionLimits("a", 200, 100),
        ConnectionLimits("b", 100, 10),
    ]
    assert limits_within(16, *wanted) == [ConnectionLimits("a", 2, 1), ConnectionLimits("b", 2, 1)]


async def test_who_comes_too_much_over_http_is_told_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        async with HttpServer(Response("here"), [listening], max_frame=1000, limits=ConnectionLimits("HTTP", 1, 1)):
            _, first = await asyncio.open_connection("127.0.0.1", port)
            reader, second = await asyncio.open_connection("127.0.0.1", port)
            async with asyncio.timeout(SECOND):
                answer = await reader.read()
            first.transport.abort()
            second.transport.abort()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert answer.endswith(b"\r\n\r\ntoo many connections\n")


async def test_a_websocket_is_a_connection_until_it_ends() -> None:
    async with serving(Settings(limits=ConnectionLimits("HTTP", 2, 1))) as front, asyncio.timeout(SECOND):
        for _ in range(3):
            is_open = False
            while not is_open:
                # Nobody tells the client that the server has noticed the end of the last one.
                async with RawClient.open(front.port) as client:
                    is_open = client.answer.startswith(b"HTTP/1.1 101 ")
                    if is_open:
                        async with RawClient.open(front.port) as other:
                            assert other.answer.startswith(b"HTTP/1.1 503 ")


async def test_who_asks_for_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_REQUEST_SECONDS", 0.05)
    async with serving() as front, asyncio.timeout(SECOND):
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(b"GET /healthz HTTP/1.1\r\n")
        with suppress(ConnectionError):
            assert await reader.read() == b""
        writer.transport.abort()


@pytest.fixture
async def impatient(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Front]:
    monkeypatch.setattr(connection, "PING_SECONDS", 0.1)
    async with serving() as front:
        yield front


async def test_a_client_that_is_silent_is_pinged_and_one_that_answers_stays(impatient: Front) -> None:
    async with RawClient.open(impatient.port) as client:
        for _ in range(6):
            assert await client.receive() == (PING, b"")
            await client.frame(b"", FIN | PONG)
        await client.frame(b'{"jsonrpc": "2.0", "id": 1, "method": "echo"}', FIN | TEXT)
        while (received := await client.receive())[0] == PING:
            pass
        assert b"result" in received[1]


async def test_a_client_that_does_not_answer_is_given_up(impatient: Front) -> None:
    async with RawClient.open(impatient.port) as client:
        assert await client.receive() == (PING, b"")
        await client.end()


@pytest.mark.parametrize(
    ("host", "written"),
    [("127.0.0.1", "127.0.0.1:80"), ("synth.local", "synth.local:80"), ("::1", "[::1]:80"), ("[::1]", "[::1]:80")],
)
def test_an_ipv6_address_stands_in_brackets_once(host: str, written: str) -> None:
    assert authority(host, 80) == written
