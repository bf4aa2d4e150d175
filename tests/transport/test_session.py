"""Sessions: what greets a client, what it may take up again, and when it is over."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from csoundd.messages import Frames, StreamFrame
from csoundd.streams.backlog import NEWEST_BYTES
from csoundd.transport.session import RESUMED_ELSEWHERE, Session, SessionRules
from tests.transport.serving import SECOND, Front, Settings, WatchedQueue, ask, hear, serving


async def test_hello_says_who_answers_and_what_the_limits_are(front: Front) -> None:
    async with front.connect() as client:
        welcome = (await ask(client, "session.hello", {"protocol": 1}))["result"]
        assert welcome["protocol"] == 1
        assert welcome["server"] == {"name": "csoundd", "version": "0", "instance": ""}
        assert welcome["engine"]["backend"] == "fake"
        assert welcome["scopes"] == ["read", "control", "compile", "admin"]
        assert welcome["limits"] == {"frame": 1000}
        assert len(welcome["session"]) >= 20


async def test_an_unknown_protocol_is_refused_with_those_that_are_known(front: Front) -> None:
    async with front.connect() as client:
        error = (await ask(client, "session.hello", {"protocol": 2}))["error"]
        assert (error["code"], error["data"]["supported"]) == (-32602, [1])


async def test_hello_turns_receipts_on(front: Front) -> None:
    async with front.connect() as client:
        await ask(client, "session.hello", {"protocol": 1, "receipts": True})
        caller, _ = await front.dispatcher.calls.get()
        assert caller.receipts


async def test_ping_brings_both_clocks(front: Front) -> None:
    async with front.connect() as client:
        pong = (await ask(client, "session.ping", {"t": 2.5}))["result"]
        assert (pong["t"], pong["sample"]) == (2.5, 64)
        assert pong["wall"] > 1_700_000_000


async def test_a_lost_session_goes_on_over_another_connection(front: Front) -> None:
    first = await lose(front)
    async with front.connect() as client:
        welcome = await ask(client, "session.hello", {"protocol": 1, "resume": first.id})
        assert welcome["result"]["session"] == first.id
        await ask(client, "echo", [])
        assert await last_caller(front) is first


async def test_the_temporary_session_is_over_once_another_was_resumed(front: Front) -> None:
    first = await lose(front)
    async with front.connect() as client:
        await ask(client, "session.hello", {"protocol": 1, "resume": first.id})
        assert (await event(front.ended)).id != first.id
        assert len(front.registry) == 1


async def test_the_greeting_comes_before_what_had_to_wait(front: Front) -> None:
    first = await lose(front)
    first.queue.offer(StreamFrame("spout/1", 7, Frames(0), None, NEWEST_BYTES))
    async with front.connect() as client:
        assert "result" in await ask(client, "session.hello", {"protocol": 1, "resume": first.id})
        assert (await hear(client))["params"] == {"stream": "spout/1", "seq": 7, "sample": 0, "data": None}


async def test_answers_to_earlier_calls_arrive_over_the_new_connection(front: Front) -> None:
    async with front.connect() as client:
        await client.send(call("wait", [], 5))
        first = await caller_of(front)
        await drop(client)
    async with front.connect() as client:
        await detached(first)
        front.dispatcher.waiting[0]()
        await ask(client, "session.hello", {"protocol": 1, "resume": first.id})
        assert await hear(client) == {"jsonrpc": "2.0", "id": 5, "result": "waited"}


async def test_answers_to_calls_made_before_the_greeting_arrive_too(front: Front) -> None:
    first = await lose(front)
    async with front.connect() as client:
        await client.send(call("wait", [], 5))
        await caller_of(front)
        await ask(client, "session.hello", {"protocol": 1, "resume": first.id})
        front.dispatcher.waiting[0]()
        assert (await hear(client))["id"] == 5


async def test_who_resumed_is_told_to_those_that_have_to_make_good(front: Front) -> None:
    first = await lose(front)
    async with front.connect() as client:
        await ask(client, "session.hello", {"protocol": 1, "resume": first.id})
        assert await event(front.resumed) is first


async def test_a_session_can_be_taken_over_from_a_connection_that_is_still_open(front: Front) -> None:
    async with front.connect() as old, front.connect() as new:
        first = (await ask(old, "session.hello", {"protocol": 1}))["result"]["session"]
        await ask(new, "session.hello", {"protocol": 1, "resume": first})
        with pytest.raises(ConnectionClosed):
            await old.recv()
        assert old.close_code == RESUMED_ELSEWHERE
        assert (await ask(new, "echo", []))["result"] == []
        assert (await last_caller(front)).id == first


async def test_an_unknown_session_cannot_be_resumed(front: Front) -> None:
    async with front.connect() as client:
        error = (await ask(client, "session.hello", {"protocol": 1, "resume": "nonsense"}))["error"]
        assert error["code"] == -32004
        assert (await ask(client, "echo", []))["result"] == []


async def test_an_expired_session_cannot_be_resumed() -> None:
    async with serving(Settings(SessionRules(linger=0.01))) as front:
        first = await lose(front)
        assert await event(front.ended) is first
        async with front.connect() as client:
            assert (await ask(client, "session.hello", {"protocol": 1, "resume": first.id}))["error"]["code"] == -32004


async def test_a_session_cannot_be_resumed_in_the_other_encoding(front: Front) -> None:
    first = await lose(front)
    async with front.connect("csoundd.msgpack") as client:
        error = (await ask(client, "session.hello", {"protocol": 1, "resume": first.id}))["error"]
        assert error["code"] == -32602


async def test_a_resumed_session_can_be_lost_and_resumed_again(front: Front) -> None:
    first = await lose(front)
    async with front.connect() as client:
        await ask(client, "session.hello", {"protocol": 1, "resume": first.id})
        await drop(client)
    await detached(first)
    async with front.connect() as client:
        assert (await ask(client, "session.hello", {"protocol": 1, "resume": first.id}))["result"][
            "session"
        ] == first.id


async def test_a_greeting_that_wants_no_answer_resumes_as_well(front: Front) -> None:
    first = await lose(front)
    async with front.connect() as client:
        session = front.registry.get((await ask(client, "session.hello", {"protocol": 1}))["result"]["session"])
        front.registry.resume(session, first.id)
        assert await event(front.resumed) is first


async def test_a_resumption_whose_connection_goes_at_once_leaves_the_session_waiting(front: Front) -> None:
    first = await lose(front)
    async with front.connect() as client:
        session = front.registry.get((await ask(client, "session.hello", {"protocol": 1}))["result"]["session"])
        front.registry.resume(session, first.id)
        await drop(client)
    assert await event(front.ended) is session
    async with front.connect() as client:
        assert (await ask(client, "session.hello", {"protocol": 1, "resume": first.id}))["result"][
            "session"
        ] == first.id


async def test_closing_the_registry_ends_every_session(front: Front) -> None:
    async with front.connect() as client:
        await ask(client, "echo", [])
        front.registry.close()
        assert (await event(front.ended)).id
        assert len(front.registry) == 0


def call(method: str, params: object, request_id: int) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})


async def drop(client: Any) -> None:
    """Hang up without a word."""
    client.transport.abort()
    await client.wait_closed()


async def lose(front: Front) -> Session:
    """A session whose client has hung up."""
    async with front.connect() as client:
        await ask(client, "echo", [])
        session = await caller_of(front)
        await drop(client)
    await detached(session)
    return session


async def detached(session: Session) -> None:
    """Wait until the server has noticed that the connection of ``session`` is gone."""
    assert isinstance(session.queue, WatchedQueue)
    async with asyncio.timeout(SECOND):
        await session.queue.gone.wait()


async def caller_of(front: Front) -> Session:
    async with asyncio.timeout(SECOND):
        session, _ = await front.dispatcher.calls.get()
    assert isinstance(session, Session)
    return session


async def last_caller(front: Front) -> Session:
    session = await caller_of(front)
    while not front.dispatcher.calls.empty():
        session = await caller_of(front)
    return session


async def event(queue: asyncio.Queue[Session]) -> Session:
    async with asyncio.timeout(SECOND):
        return await queue.get()
