"""Calls: what goes over the wire for them, and what comes back of it."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from csoundd_client import (
    At,
    Client,
    Code,
    ConnectionLost,
    Handle,
    Receipt,
    RemoteError,
    Reply,
    StreamRef,
    Unreadable,
    connect,
    errors,
)
from csoundd_client.structs import ControlChannelHints, EngineInfo
from tests.client.fake import FakeServer, Fault

CODECS = pytest.mark.parametrize("codec", ["msgpack", "json"])


@CODECS
async def test_a_call_sends_its_parameters_in_order_and_gives_the_result(server: FakeServer, codec: Any) -> None:
    server.results["csound.compileOrc"] = 0
    async with connect(server.url, codec=codec) as cs:
        assert await cs.csound.compileOrc("instr 1\nendin") == 0
    request = await server.heard("csound.compileOrc")
    assert request["params"] == ["instr 1\nendin", True]
    assert request.keys() == {"jsonrpc", "id", "method", "params"}


@CODECS
async def test_a_call_that_is_cancelled_is_cancelled_on_the_server(server: FakeServer, codec: Any) -> None:
    server.held = {"thread.pause", "csound.perform"}
    async with connect(server.url, codec=codec) as cs:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(cs.thread.pause(at={"delay": 60.0}), 0.01)
        pausing = await server.heard("thread.pause")
        assert (await server.heard("session.cancel"))["params"] == [pausing["id"]]
        # So does a task that is cancelled while it waits; what was answered needs none.
        waiting = asyncio.create_task(hold(cs))
        performing = await server.heard("csound.perform")
        waiting.cancel()
        assert (await server.heard("session.cancel", 2))["params"] == [performing["id"]]
        done = cs.thread.play()
        await done
        assert not done.cancel()
    assert server.methods.count("session.cancel") == 2
    assert "id" not in await server.heard("session.cancel")


async def hold(cs: Client) -> int:
    return await cs.csound.perform()


async def test_a_call_shows_the_id_of_its_request(server: FakeServer) -> None:
    server.held = {"csound.perform"}
    async with connect(server.url) as cs:
        performing = cs.csound.perform()
        request = await server.heard("csound.perform")
        assert (performing.id, performing.method) == (request["id"], "csound.perform")
        assert repr(performing) == f"<csound.perform id={request['id']} pending>"
        performing.cancel()


async def test_a_batch_that_is_cancelled_is_cancelled_on_the_server(server: FakeServer) -> None:
    server.held = {"engine.batch", "thread.play"}
    async with connect(server.url) as cs:
        batch = cs.batch(at={"delay": 60.0})
        _ = batch.thread.play()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(batch.send(), 0.01)
        sent = await server.heard("engine.batch")
        assert (await server.heard("session.cancel"))["params"] == [sent["id"]]
        together = cs.batch(atomic=False)
        playing = together.thread.play()
        sending = asyncio.create_task(together.send())
        sent = await server.heard("thread.play")
        assert playing.id == sent["id"]
        playing.cancel()
        assert (await server.heard("session.cancel", 2))["params"] == [sent["id"]]
        sending.cancel()


@CODECS
async def test_a_code_has_the_reason_that_csound_gave(server: FakeServer, codec: Any) -> None:
    server.results["csound.compileOrc"] = -1
    async with connect(server.url, codec=codec) as cs:
        server.meta = {"meta": {"messages": ["error: syntax error\n", "line 3\n"]}}
        code = await cs.csound.compileOrc("instr")
        assert code == -1
        assert str(code) == "-1"
        assert isinstance(code, Code)
        assert list(code.messages) == ["error: syntax error\n", "line 3\n"]
        assert "line 3" in repr(code)
        assert await cs.call("csound.compileOrc", "instr") == Reply(-1, None, ["error: syntax error\n", "line 3\n"])


async def test_every_namespace_has_its_methods(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        await cs.thread.play()
        await cs.engine.panic()
        await cs.channel.set({"cutoff": 0.5})
        await cs.rpc.discover()
    assert server.methods[1:] == ["thread.play", "engine.panic", "channel.set", "rpc.discover"]


@CODECS
async def test_tuples_and_structs_are_what_the_signature_says(server: FakeServer, codec: Any) -> None:
    hints = {"behav": 2, "dflt": 0.5, "min": 0.0, "max": 1.0, "newer than this client": 1}
    server.results["csound.controlChannelHints"] = [hints, 0]
    async with connect(server.url, codec=codec) as cs:
        assert await cs.csound.controlChannelHints("cutoff") == (ControlChannelHints(behav=2, dflt=0.5, max=1.0), 0)


async def test_structs_within_a_result_are_structs_too(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        assert isinstance(cs.welcome.engine, EngineInfo)
        assert cs.welcome.server.name == "fake"


@CODECS
async def test_an_array_comes_as_one_and_may_be_written_to(server: FakeServer, codec: Any) -> None:
    server.results["csound.table"] = np.array([0.0, 0.5, 1.0])
    async with connect(server.url, codec=codec) as cs:
        table = await cs.csound.table(1)
    assert table is not None
    table *= 2
    assert table.tolist() == [0.0, 1.0, 2.0]


async def test_handles_and_streams_travel(server: FakeServer) -> None:
    server.results["csound.csound"] = {"$handle": "csound:1"}
    async with connect(server.url) as cs:
        handle = await cs.csound.csound()
        await cs.csound.setOutputChannelCallback(StreamRef("outvalue"))
        await cs.csound.flushCircularBuffer(Handle("cbuf:3"))
    assert handle == Handle("csound:1")
    assert (await server.heard("csound.setOutputChannelCallback"))["params"] == [{"$stream": "outvalue"}]
    assert (await server.heard("csound.flushCircularBuffer"))["params"] == [{"$handle": "cbuf:3"}]


async def test_timing_goes_beside_the_parameters(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        await cs.thread.pause(at=At.sample(48_000), late="drop", deadline=2.5)
        await cs.thread.pause(at={"score": 1.5})
    first, second = [request for request in server.seen if request["method"] == "thread.pause"]
    assert (first["at"], first["late"], first["deadline"]) == ({"sample": 48_000}, "drop", 2.5)
    assert second["at"] == {"score": 1.5}
    assert "late" not in second


async def test_a_misspelt_keyword_is_not_swallowed(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        with pytest.raises(TypeError, match="latte"):
            await cs.thread.pause(latte="drop")  # type: ignore[call-arg]


async def test_an_error_is_of_its_class_and_tells_all(server: FakeServer) -> None:
    def refuse(_: Any) -> Any:
        raise Fault(-32003, "not now", type="WrongState", hint="start it", messages=["no sound\n"], state="ready")

    server.results["csound.evalCode"] = refuse
    async with connect(server.url) as cs:
        with pytest.raises(errors.WrongState, match="not now") as raised:
            await cs.csound.evalCode("return 1")
    error = raised.value
    assert (error.code, error.hint, error.messages) == (-32003, "start it", ["no sound\n"])
    assert error.data["state"] == "ready"


async def test_an_error_newer_than_the_client_is_a_remote_error(server: FakeServer) -> None:
    def refuse(_: Any) -> Any:
        raise Fault(-32050, "something new")

    server.results["thread.play"] = refuse
    async with connect(server.url) as cs:
        with pytest.raises(RemoteError) as raised:
            await cs.thread.play()
    assert raised.value.code == -32050


async def test_a_call_is_under_way_before_it_is_awaited(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        playing = cs.thread.play()
        await server.heard("thread.play")
        await playing


async def test_replies_find_their_calls_in_any_order(server: FakeServer) -> None:
    server.held = {"csound.sr", "csound.kr"}
    async with connect(server.url) as cs:
        sr, kr = cs.csound.sr(), cs.csound.kr()
        await server.heard("csound.kr")
        ids = {request["method"]: request["id"] for request in server.seen}
        await server.send({"jsonrpc": "2.0", "id": ids["csound.kr"], "result": 750.0})
        await server.send({"jsonrpc": "2.0", "id": ids["csound.sr"], "result": 48_000.0})
        assert (await sr, await kr) == (48_000.0, 750.0)


async def test_a_reply_to_a_call_that_was_given_up_disturbs_nobody(server: FakeServer) -> None:
    server.held = {"csound.perform"}
    async with connect(server.url) as cs:
        performing = cs.csound.perform()
        request = await server.heard("csound.perform")
        performing.cancel()
        await server.send({"jsonrpc": "2.0", "id": request["id"], "result": 0})
        await cs.thread.play()
    assert performing.cancelled()


async def test_any_method_can_be_called_by_name_and_gives_the_receipt(server: FakeServer) -> None:
    server.meta = {"meta": {"sample": 640, "cycle": 10, "scoreTime": 0.5, "late": 0.0}}
    async with connect(server.url, receipts=True) as cs:
        reply = await cs.call("csound.setControlChannel", name="cutoff", val=0.5, at={"delay": 0.1})
    assert reply == Reply(None, Receipt(sample=640, cycle=10, score_time=0.5, late=0.0))
    request = await server.heard("csound.setControlChannel")
    assert request["params"] == {"name": "cutoff", "val": 0.5}
    assert request["at"] == {"delay": 0.1}
    assert (await server.heard("session.hello"))["params"]["receipts"] is True


async def test_a_call_dropped_for_being_late_has_no_result(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        server.meta = {"meta": {"sample": 0, "cycle": 0, "scoreTime": 0.0, "late": 1.0, "dropped": True}}
        assert await cs.csound.controlChannel("cutoff", at={"sample": 1}, late="drop") is None


async def test_a_notification_has_no_id(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        await cs.notify("csound.setControlChannel", "cutoff", 0.5, late="drop")
        request = await server.heard("csound.setControlChannel")
    assert request == {
        "jsonrpc": "2.0",
        "method": "csound.setControlChannel",
        "params": ["cutoff", 0.5],
        "late": "drop",
    }


@CODECS
async def test_what_cannot_travel_is_refused_here(server: FakeServer, codec: Any) -> None:
    async with connect(server.url, codec=codec) as cs:
        with pytest.raises(TypeError, match="object"):
            await cs.csound.setHostData(object())
        await cs.thread.play()


async def test_a_frame_beyond_the_servers_limit_is_not_sent(server: FakeServer) -> None:
    server.limits = {"frame": 200}
    async with connect(server.url) as cs:
        with pytest.raises(errors.LimitExceeded):
            await cs.csound.compileOrc("; " * 200)
        await cs.thread.play()
    assert "csound.compileOrc" not in server.methods


async def test_an_error_without_an_id_is_that_of_the_only_call(server: FakeServer) -> None:
    server.held = {"csound.compileOrc"}
    async with connect(server.url) as cs:
        compiling = cs.csound.compileOrc("")
        await server.heard("csound.compileOrc")
        await server.send({"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "what?", "data": {}}})
        with pytest.raises(errors.ParseError):
            await compiling


async def test_a_result_of_another_shape_is_unreadable(server: FakeServer) -> None:
    server.results["engine.info"] = "fine"
    async with connect(server.url) as cs:
        with pytest.raises(Unreadable):
            await cs.engine.info()


async def test_calls_fail_when_the_server_speaks_nonsense(server: FakeServer) -> None:
    server.held = {"csound.perform"}
    async with connect(server.url, reconnect=False) as cs:
        performing = cs.csound.perform()
        await server.heard("csound.perform")
        await server.connections[-1].send(b"\xc1")
        with pytest.raises(ConnectionLost, match="msgpack"):
            await performing


async def test_calls_still_waiting_fail_when_the_client_closes(server: FakeServer) -> None:
    server.held = {"csound.perform"}
    async with connect(server.url) as cs:
        performing = cs.csound.perform()
    with pytest.raises(ConnectionLost):
        await performing
    await server.until(lambda: server.closed == [1000])


async def test_a_connection_may_be_awaited_as_in_a_notebook(server: FakeServer) -> None:
    cs = await connect(server.url)
    try:
        assert cs.connected
    finally:
        await cs.close()
    assert not cs.connected
