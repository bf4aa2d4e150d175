"""Reconnection: sessions are resumed or begin anew, streams go on, calls are never repeated."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from csoundd_client import Client, ConnectionLost, connect, errors
from tests.client.fake import FakeServer, Fault, ramp

MESSAGE = {"text": "", "attr": 0, "level": "info"}


async def lose(server: FakeServer, cs: Client, *, resumable: bool = True) -> None:
    """Lose the connection, and have it again."""
    server.drop(resumable=resumable)
    await server.heard("session.hello", 2)
    await cs.ready()


async def test_a_call_in_flight_fails_and_is_not_sent_again(server: FakeServer) -> None:
    server.held = {"csound.perform"}
    async with connect(server.url) as cs:
        performing = cs.csound.perform()
        await server.heard("csound.perform")
        server.drop()
        with pytest.raises(ConnectionLost) as raised:
            await performing
        await cs.ready()
    assert raised.value.close_code == 1006
    assert server.methods.count("csound.perform") == 1


async def test_a_call_without_a_connection_fails_at_once(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        server.held = {"session.hello"}
        server.drop()
        await server.heard("session.hello", 2)
        assert not cs.connected
        with pytest.raises(ConnectionLost, match="lost") as raised:
            await cs.thread.play()
        with pytest.raises(ConnectionLost):
            await cs.notify("thread.play")
    assert raised.value.hint is not None
    assert "thread.play" not in server.methods


async def test_the_session_is_resumed_and_its_streams_go_on(server: FakeServer) -> None:
    async with connect(server.url) as cs, cs.spout() as frames:
        await server.stream("spout/1", 1, ramp(1))
        await anext(frames)
        await lose(server, cs)
        assert cs.welcome.session == "session-1"
        await server.stream("spout/1", 5, ramp(1))
        frame = await anext(frames)
    assert (frame.lost, frame.gap) == (3, True)
    assert (await server.heard("session.hello", 2))["params"]["resume"] == "session-1"
    assert server.methods.count("stream.subscribe") == 1


async def test_a_new_session_subscribes_anew_and_tells_of_the_gap(server: FakeServer) -> None:
    async with connect(server.url) as cs, cs.spout(block=64) as frames:
        await server.stream("spout/1", 100, ramp(1))
        await anext(frames)
        await lose(server, cs, resumable=False)
        assert cs.welcome.session == "session-2"
        await server.stream("spout/1", 101, ramp(1))
        frame = await anext(frames)
        await server.stream("spout/1", 102, ramp(1))
        following = await anext(frames)
    assert (frame.lost, frame.gap) == (0, True)
    assert (following.lost, following.gap) == (0, False)
    first, second = [request["params"] for request in server.seen if request["method"] == "stream.subscribe"]
    assert first == second


@pytest.mark.parametrize("replayed", [[41, 42], [42]], ids=["with the last one", "after the last one"])
async def test_messages_go_on_where_they_ended(server: FakeServer, replayed: list[int]) -> None:
    async with connect(server.url) as cs, cs.messages(since=0) as frames:
        await server.stream("messages/1", 41, MESSAGE)
        await anext(frames)
        await lose(server, cs, resumable=False)
        for seq in replayed:
            await server.stream("messages/1", seq, MESSAGE)
        frame = await anext(frames)
    assert (await server.heard("stream.subscribe", 2))["params"]["since"] == 41
    assert (frame.seq, frame.lost, frame.gap) == (42, 0, False)


async def test_a_stream_that_a_resumed_session_lost_is_subscribed_anew(server: FakeServer) -> None:
    async with connect(server.url) as cs, cs.spout() as frames:
        server.streams = []
        await lose(server, cs)
        await server.stream("spout/1", 1, ramp(1))
        assert (await anext(frames)).gap


async def test_a_stream_that_a_resumed_session_has_too_many_is_ended(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        server.streams = ["spout/1"]
        await lose(server, cs)
        assert (await server.heard("stream.unsubscribe"))["params"] == ["spout/1"]


async def test_a_stream_that_is_refused_in_the_new_session_says_so(server: FakeServer) -> None:
    def refuse(_: Any) -> Any:
        raise Fault(-32004, "there is no such channel")

    async with connect(server.url) as cs, cs.audio_channel("side") as gone, cs.meters() as there:
        await cs.thread.play()
        subscribe = server._subscribed
        server.results["stream.subscribe"] = lambda params: refuse(params) if "name" in params else subscribe(params)
        await lose(server, cs, resumable=False)
        with pytest.raises(errors.NotFound):
            await anext(gone)
        await server.stream("meters/1", 1, {"peak": [], "rms": []})
        assert (await anext(there)).gap


async def test_it_goes_on_trying_while_there_is_nobody(server: FakeServer) -> None:
    attempts = 0

    def busy(_: Any) -> Any:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise Fault(-32008, "256 sessions are open")
        return server._welcome({})

    async with connect(server.url) as cs:
        server.results["session.hello"] = busy
        await lose(server, cs, resumable=False)
        await cs.thread.play()
    assert attempts >= 3


async def test_a_token_that_is_no_longer_valid_ends_it(server: FakeServer) -> None:
    def refuse(_: Any) -> Any:
        raise Fault(-32001, "a valid token is needed")

    async with connect(server.url) as cs, cs.spout() as frames:
        server.results["session.hello"] = refuse
        server.drop()
        with pytest.raises(errors.Unauthorized):
            await anext(frames)
        with pytest.raises(errors.Unauthorized):
            await cs.ready()
        with pytest.raises(ConnectionLost):
            await cs.thread.play()


async def test_closing_while_it_is_connecting_again_ends_that(server: FakeServer) -> None:
    async with connect(server.url):
        server.held = {"session.hello"}
        server.drop()
        await server.heard("session.hello", 2)
    await server.until(lambda: len(server.closed) == 2)
    assert not [task for task in asyncio.all_tasks() if "_restore" in str(task.get_coro())]


async def test_a_server_that_went_silent_is_given_up(server: FakeServer) -> None:
    async with connect(server.url, heartbeat=0.02) as cs:
        silent = server.connections[0].transport
        silent.pause_reading()
        await server.heard("session.hello", 2)
        silent.abort()
        await cs.ready()
        await cs.thread.play()


async def test_an_idle_connection_stays(server: FakeServer) -> None:
    async with connect(server.url, heartbeat=0.01) as cs:
        for _ in range(10):
            pong = await server.connections[0].ping()
            await pong
        await cs.thread.play()
    assert len(server.connections) == 1


async def test_without_reconnection_a_lost_connection_is_the_end(server: FakeServer) -> None:
    async with connect(server.url, reconnect=False) as cs, cs.spout() as frames:
        await server.connections[-1].close(4008, "too slow")
        with pytest.raises(ConnectionLost, match="too slow") as raised:
            await anext(frames)
        with pytest.raises(ConnectionLost, match="too slow"):
            await cs.thread.play()
    assert raised.value.close_code == 4008
