"""Reconnection: sessions are resumed or begin anew, streams go on, calls are never repeated."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from typing import Any

import pytest

from csoundd_client import Client, ConnectionLost, DaemonRestarted, connect, errors
from tests.client.fake import PATIENCE, FakeServer, Fault, ramp

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


async def restarted(server: FakeServer) -> None:
    """Another daemon answers in the place of the one that there was."""
    server.instance = "second"
    server.drop(resumable=False)
    await server.heard("session.hello", 3)


async def test_after_a_restart_no_call_goes_to_the_empty_engine_unheard(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        await restarted(server)
        with pytest.raises(DaemonRestarted) as raised:
            await cs.ready()
        assert "started anew" in raised.value.message
        await cs.thread.play()
    assert server.methods.count("thread.play") == 1


async def test_who_does_not_wait_hears_of_a_restart_by_every_call(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        await restarted(server)
        async with asyncio.timeout(PATIENCE):
            while not cs.connected or cs.welcome.server.instance != "second":  # noqa: ASYNC110 - ready() would tell of it
                await asyncio.sleep(0)
        for _ in range(2):
            with pytest.raises(DaemonRestarted):
                await cs.thread.play()
        with pytest.raises(DaemonRestarted):
            await cs.notify("thread.play")
        async with cs.batch(atomic=False) as batch:
            playing = batch.thread.play()
            with pytest.raises(DaemonRestarted):
                await batch.send()
        assert isinstance(playing.exception(), DaemonRestarted)
    assert "thread.play" not in server.methods


async def test_what_is_done_on_a_restart_comes_before_all_other_calls(server: FakeServer) -> None:
    made: list[str] = []

    async def set_up(client: Client) -> None:
        made.append("begun")
        with pytest.raises(DaemonRestarted):
            # Not even a call of somebody else's may come in between.
            await asyncio.create_task(held(), context=other)
        await client.csound.compileOrc("instr 1\nendin")

    async def held() -> None:
        await cs.thread.play()

    async with connect(server.url, on_restart=set_up) as cs:
        other = copy_context()
        await restarted(server)
        await cs.ready()
        await cs.thread.play()
    assert made == ["begun"]
    assert [method for method in server.methods if "." in method][-2:] == ["csound.compileOrc", "thread.play"]


async def test_a_setup_that_fails_leaves_the_program_to_hear_of_it(server: FakeServer) -> None:
    async def set_up(client: Client) -> None:
        raise LookupError

    async with connect(server.url, on_restart=set_up) as cs:
        await restarted(server)
        with pytest.raises(DaemonRestarted):
            await cs.ready()


async def test_the_same_daemon_with_a_new_session_is_no_restart(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        server.drop(resumable=False)
        await server.heard("session.hello", 3)
        await cs.ready()
        await cs.thread.play()


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
