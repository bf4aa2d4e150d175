"""Sessions: greeted, lost, taken up again, and over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import played
from tests.live.daemon import Daemon, serving
from tests.live.foreign import CODECS, Client, Codec, connected, gaps
from tests.live.raw import RawClient

INVALID_PARAMS, NOT_FOUND, LIMIT_EXCEEDED = -32602, -32004, -32008
RESUMED_ELSEWHERE = 4001


@pytest.fixture
async def playing(shared: Daemon, codec: Codec) -> AsyncIterator[Client]:
    """Somebody who keeps the shared engine playing."""
    async with connected(shared.url, codec) as client:
        await client.call("csound.reset")
        await played(client)
        yield client


async def hello(client: Client, /, **told: object) -> Any:
    return await client.call("session.hello", protocol=1, **told)


def abort(client: Client) -> None:
    """Break the connection off without a word."""
    client.connection.transport.abort()


async def test_hello_says_who_answers(client: Client) -> None:
    welcome = await hello(client, client={"name": "a test", "version": "1"})
    assert welcome["protocol"] == 1
    assert welcome["server"]["name"] == "csoundd"
    assert welcome["engine"]["state"] == "ready"
    assert welcome["scopes"] == ["read", "control", "compile", "admin"]
    assert len(welcome["session"]) >= 16
    assert welcome["limits"]["frame"] > 0


async def test_ping_compares_clocks(playing: Client) -> None:
    pong = await playing.call("session.ping", 12.5)
    assert pong["t"] == 12.5
    assert pong["wall"] > 1_700_000_000
    assert pong["sample"] >= 0


async def test_a_lost_connection_is_resumed_with_its_streams(playing: Client, shared: Daemon, codec: Codec) -> None:
    async with connected(shared.url, codec) as first:
        session = (await hello(first))["session"]
        spout = await first.subscribe("spout", block=256)
        # A pattern that fits nothing, so that this is not somebody else's stream.
        channels = await first.subscribe("channels", names=["freq", f"{codec.name}*"])
        described = await first.call("stream.list")
        await first.until(lambda: len(first.frames[spout]) >= 20 and first.frames[channels])
        abort(first)
        await first.closed()
    async with connected(shared.url, codec) as second:
        assert (await hello(second, resume=session))["session"] == session
        await second.until(lambda: len(second.frames[spout]) >= 20 and second.frames[channels])
        assert await second.call("stream.list") == described
        assert second.frames[spout][0].seq > first.frames[spout][-1].seq
        assert gaps(second.frames[spout]) == []
        assert second.frames[channels][0].data == {"freq": 440.0}


async def test_a_cursor_is_kept(client: Client, shared: Daemon, codec: Codec) -> None:
    async with connected(shared.url, codec) as first:
        session = (await hello(first))["session"]
        await first.call("csound.createMessageBuffer")
        await first.call("csound.message", "one\n")
        await first.call("csound.message", "two\n")
        while await first.call("csound.firstMessage") != "one\n":
            await first.call("csound.popFirstMessage")
        abort(first)
        await first.closed()
    await client.call("csound.message", "three\n")
    async with connected(shared.url, codec) as second:
        await hello(second, resume=session)
        heard = []
        for _ in range(await second.call("csound.messageCnt")):
            heard.append(await second.call("csound.firstMessage"))
            await second.call("csound.popFirstMessage")
    assert heard == ["one\n", "two\n", "three\n"]


async def test_receipts_are_asked_for_again(playing: Client, shared: Daemon, codec: Codec) -> None:
    async with connected(shared.url, codec) as first:
        session = (await hello(first, receipts=True))["session"]
        abort(first)
        await first.closed()
    async with connected(shared.url, codec) as second:
        await hello(second, resume=session)
        assert "meta" not in await second.ask("csound.ksmps")


async def test_a_session_in_use_goes_over_to_who_resumes_it(playing: Client, shared: Daemon, codec: Codec) -> None:
    async with connected(shared.url, codec) as first, connected(shared.url, codec) as second:
        session = (await hello(first))["session"]
        spout = await first.subscribe("spout")
        await hello(second, resume=session)
        assert await first.closed() == RESUMED_ELSEWHERE
        await second.until(lambda: second.frames[spout])


async def test_a_session_that_never_was_cannot_be_resumed(client: Client) -> None:
    assert (await client.refusal("session.hello", protocol=1, resume="nobody")).code == NOT_FOUND
    assert await client.call("csound.ksmps") > 0


async def test_a_session_speaks_one_codec(shared: Daemon) -> None:
    one, other = CODECS
    async with connected(shared.url, one) as first, connected(shared.url, other) as second:
        session = (await hello(first))["session"]
        assert (await second.refusal("session.hello", protocol=1, resume=session)).code == INVALID_PARAMS


async def test_receipts_say_where_a_call_landed(playing: Client) -> None:
    await hello(playing, receipts=True)
    one, other = await playing.ask("csound.ksmps"), await playing.ask("csound.controlChannel", ["freq"])
    for answer in (one, other):
        meta = answer["meta"]
        assert set(meta) == {"sample", "cycle", "scoreTime", "late"}
        assert meta["sample"] == meta["cycle"] * 64
        assert meta["late"] == 0
    assert other["meta"]["sample"] >= one["meta"]["sample"]


async def test_without_receipts_there_is_no_meta(playing: Client) -> None:
    assert set(await playing.ask("csound.ksmps")) == {"jsonrpc", "id", "result"}


async def test_one_session_too_many(tmp_path: Path) -> None:
    with serving(tmp_path, extra={"CSOUNDD_MAX_SESSIONS": "1"}) as daemon:
        async with connected(daemon.url):
            with RawClient(daemon.port) as refused:
                assert refused.shake_hands().startswith("HTTP/1.1 503 ")


async def test_one_subscription_too_many(tmp_path: Path) -> None:
    with serving(tmp_path, extra={"CSOUNDD_MAX_SUBSCRIPTIONS": "2"}) as daemon:
        async with connected(daemon.url) as client:
            for topic in ("spout", "engine"):
                await client.subscribe(topic)
            refusal = await client.refusal("stream.subscribe", topic="meters")
            assert (refusal.code, refusal.data["limit"]) == (LIMIT_EXCEEDED, 2)
