"""A connection seen by clients that break the rules, read slowly or go away."""

from __future__ import annotations

import asyncio
import json
import struct
from contextlib import AsyncExitStack

import pytest

from csoundd.streams.backlog import Bounds
from csoundd.streams.send_queue import SendQueue
from csoundd.transport.session import Session, SessionRules
from tests.transport.raw import BINARY, CLOSE, FIN, PING, PONG, TEXT, RawClient, client_frame
from tests.transport.serving import SECOND, Front, Settings, ask, serving

ECHO = b'{"jsonrpc": "2.0", "id": 1, "method": "echo", "params": []}'


async def test_many_frames_in_one_segment_and_one_frame_in_many_segments(front: Front) -> None:
    async with RawClient.open(front.port) as client:
        await client.send(client_frame(ECHO) * 3)
        for byte in client_frame(ECHO):
            await client.send(bytes((byte,)))
        for _ in range(4):
            assert json.loads((await client.receive())[1])["result"] == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (client_frame(ECHO, masked=False), 1002),
        (client_frame(ECHO, FIN | 0x40 | TEXT), 1002),
        (client_frame(ECHO, FIN | 3), 1002),
        (client_frame(ECHO, FIN | 11), 1002),
        (client_frame(ECHO, FIN), 1002),
        (client_frame(ECHO, TEXT) * 2, 1002),
        (client_frame(b"x" * 126, FIN | PING), 1002),
        (client_frame(b"", PING), 1002),
        (client_frame(b"x", FIN | CLOSE), 1002),
        (client_frame(struct.pack("!H", 1005), FIN | CLOSE), 1002),
        (client_frame(struct.pack("!H", 1000) + b"\xff", FIN | CLOSE), 1007),
        (struct.pack("!BBQ", FIN | TEXT, 0xFF, 1 << 63) + b"mask", 1002),
    ],
    ids=[
        "unmasked",
        "reserved bits",
        "unknown data opcode",
        "unknown control opcode",
        "continuation of nothing",
        "message inside a message",
        "long control frame",
        "fragmented control frame",
        "close of one byte",
        "close code that is never sent",
        "close reason that is not text",
        "length beyond all bounds",
    ],
)
async def test_a_broken_frame_ends_the_connection_with_its_code(front: Front, data: bytes, code: int) -> None:
    async with RawClient.open(front.port) as client:
        await client.send(data)
        assert (await client.closed())[0] == code
        assert await client.end() == b""


async def test_control_frames_may_come_inside_a_message(front: Front) -> None:
    async with RawClient.open(front.port) as client:
        await client.frame(ECHO[:10], TEXT)
        await client.frame(b"now", FIN | PING)
        await client.frame(ECHO[10:], FIN)
        assert await client.receive() == (PONG, b"now")
        assert json.loads((await client.receive())[1])["result"] == []


async def test_a_frame_over_the_limit_is_answered_before_it_has_come(front: Front) -> None:
    async with RawClient.open(front.port) as client:
        whole = client_frame(b"x" * 50_000)
        await client.send(whole[:20])
        assert json.loads((await client.receive())[1])["error"]["code"] == -32008
        await client.send(whole[20:])
        await client.frame(ECHO)
        assert json.loads((await client.receive())[1])["result"] == []


async def test_a_frame_that_begins_inside_an_oversized_message_is_still_out_of_order(front: Front) -> None:
    async with RawClient.open(front.port) as client:
        await client.frame(b"x" * 2000, TEXT)
        assert json.loads((await client.receive())[1])["error"]["code"] == -32008
        await client.frame(ECHO, FIN | BINARY)
        assert (await client.closed())[0] == 1002


async def test_thousands_of_messages_at_once_are_answered_in_their_order_between_those_of_others(front: Front) -> None:
    async with RawClient.open(front.port) as flood, RawClient.open(front.port) as other:
        many = 3000
        frames = (ECHO.replace(b"1,", b"%d," % number) for number in range(many))
        await flood.send(b"".join(map(client_frame, frames)))
        await other.frame(ECHO)
        assert json.loads((await other.receive())[1])["result"] == []
        assert [json.loads((await flood.receive())[1])["id"] for _ in range(many)] == list(range(many))


async def test_a_goodbye_ends_the_session_at_once(front: Front) -> None:
    async with RawClient.open(front.port) as client:
        await client.frame(struct.pack("!H", 1000), FIN | CLOSE)
        assert await client.closed() == (1000, "")
    await ended(front)


async def test_a_lost_session_ends_when_nobody_comes_back() -> None:
    async with serving(Settings(rules=SessionRules(linger=0.01))) as front:
        async with RawClient.open(front.port):
            pass
        await ended(front)


async def test_a_stopping_server_does_not_wait_for_a_client_that_is_silent() -> None:
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(SECOND), serving() as front:
            client = await stack.enter_async_context(RawClient.open(front.port))
        assert await client.closed() == (1001, "the server is going away")
        assert await client.end() == b""


async def test_a_stopping_server_does_not_wait_for_a_client_that_takes_nothing() -> None:
    async with AsyncExitStack() as stack, asyncio.timeout(SECOND), serving() as front:
        client = await stack.enter_async_context(RawClient.open(front.port, receive_buffer=4096))
        await client.frame(blob(10_000_000))
        await front.dispatcher.calls.get()


async def test_a_client_that_takes_nothing_is_cut_off() -> None:
    settings = Settings(SessionRules(linger=0.01), patience=0.1, interval=0.02)
    async with serving(settings) as front, RawClient.open(front.port, receive_buffer=4096) as client:
        await client.frame(blob(10_000_000))
        await ended(front)
        assert len(await client.end()) < 10_000_000


async def test_the_close_code_reaches_a_client_that_wakes_in_time() -> None:
    settings = Settings(patience=0.1, interval=0.02)
    async with serving(settings) as front, RawClient.open(front.port, receive_buffer=4096) as client:
        await client.frame(blob(3_000_000))
        closing = close_event(await caller(front))
        async with asyncio.timeout(SECOND):
            await closing.wait()
        assert len((await client.receive())[1]) > 3_000_000
        assert await client.closed() == (4008, "the client took nothing for too long")


async def test_an_idle_client_is_not_closed() -> None:
    settings = Settings(patience=0.05, interval=0.01)
    async with serving(settings) as front, RawClient.open(front.port) as client, front.connect() as other:
        # A client that does stall shows that more than the patience has passed.
        async with RawClient.open(front.port, receive_buffer=4096) as stalling:
            await stalling.frame(blob(10_000_000))
            closing = close_event(await caller(front))
            async with asyncio.timeout(SECOND):
                await closing.wait()
        await client.frame(ECHO)
        assert json.loads((await client.receive())[1])["result"] == []
        assert (await ask(other, "echo", []))["result"] == []


async def test_calls_are_not_read_from_a_client_that_takes_no_answers() -> None:
    settings = Settings(bounds=Bounds(answers=10))
    async with serving(settings) as front, RawClient.open(front.port, receive_buffer=4096) as client:
        await client.send(client_frame(blob(50_000)) * 150)
        queue = (await caller(front)).queue
        assert isinstance(queue, SendQueue)
        waiting = 0
        for _ in range(149):
            if waiting <= 10:
                await front.dispatcher.calls.get()
            waiting = max(waiting, len(queue._backlog))
        assert waiting == 11
        for _ in range(150):
            assert len((await client.receive())[1]) > 50_000


async def test_only_the_last_ping_is_answered_to_a_client_that_takes_nothing(front: Front) -> None:
    async with RawClient.open(front.port, receive_buffer=4096) as client:
        await client.frame(blob(10_000_000))
        await client.frame(b"one", FIN | PING)
        await client.frame(b"two", FIN | PING)
        await client.frame(ECHO)
        await caller(front)
        await caller(front)
        assert len((await client.receive())[1]) > 10_000_000
        assert await client.receive() == (PONG, b"two")


def blob(size: int) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "blob", "params": [size]}).encode()


async def ended(front: Front) -> Session:
    async with asyncio.timeout(SECOND):
        return await front.ended.get()


async def caller(front: Front) -> Session:
    """Who made the next call."""
    async with asyncio.timeout(SECOND):
        session, _ = await front.dispatcher.calls.get()
    assert isinstance(session, Session)
    return session


def close_event(session: Session) -> asyncio.Event:
    """An event for the server's wish to close the connection of ``session``."""
    sink, closing = session.sink, asyncio.Event()
    assert sink is not None
    close = sink.close

    def watched(code: int, reason: str, patience: float) -> None:
        close(code, reason, patience)
        closing.set()

    sink.close = watched  # type: ignore[method-assign]
    return closing
