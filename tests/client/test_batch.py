"""Batches: many calls in one frame, and at one cycle edge."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from csoundd_client import ConnectionLost, connect, errors
from tests.client.fake import FakeServer, Fault


def outcomes(*values: Any) -> Any:
    return [value if isinstance(value, dict) else {"result": value} for value in values]


async def test_an_atomic_batch_is_one_call(server: FakeServer) -> None:
    server.results["engine.batch"] = outcomes(None, [0.5, 0])
    async with connect(server.url) as cs, cs.batch() as batch:
        setting = batch.csound.setControlChannel("cutoff", 0.5)
        getting = batch.csound.controlChannel("cutoff")
        assert not getting.done()
    assert setting.result() is None
    assert getting.result() == (0.5, 0)
    assert (await server.heard("engine.batch"))["params"] == [
        [
            {"method": "csound.setControlChannel", "params": ["cutoff", 0.5]},
            {"method": "csound.controlChannel", "params": ["cutoff"]},
        ]
    ]


async def test_an_atomic_batch_has_one_time(server: FakeServer) -> None:
    server.results["engine.batch"] = outcomes(None)
    async with connect(server.url) as cs, cs.batch(at={"score": 2.0}, late="error") as batch:
        _ = batch.thread.pause()
        with pytest.raises(ValueError, match="one moment"):
            await batch.thread.play(at={"score": 1.0})
    request = await server.heard("engine.batch")
    assert (request["at"], request["late"]) == ({"score": 2.0}, "error")


async def test_the_first_error_of_a_batch_is_raised_and_the_other_results_are_there(server: FakeServer) -> None:
    error = {"error": {"code": -32004, "message": "no such table", "data": {}}}
    server.results["engine.batch"] = outcomes(error, 64)
    async with connect(server.url) as cs:
        batch = cs.batch()
        _, ksmps = batch.csound.table(99), batch.csound.ksmps()
        with pytest.raises(errors.NotFound, match="no such table"):
            await batch.send()
    assert ksmps.result() == 64


async def test_a_batch_that_is_refused_has_no_results(server: FakeServer) -> None:
    def refuse(_: Any) -> Any:
        raise Fault(-32602, "call 0: what?")

    server.results["engine.batch"] = refuse
    async with connect(server.url) as cs:
        batch = cs.batch()
        ksmps = batch.csound.ksmps()
        with pytest.raises(errors.InvalidParams):
            await batch.send()
    assert ksmps.cancelled()


async def test_a_batch_dropped_for_being_late_has_empty_results(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        server.meta = {"meta": {"sample": 0, "cycle": 0, "scoreTime": 0.0, "late": 1.0, "dropped": True}}
        async with cs.batch(at={"sample": 1}, late="drop") as batch:
            level = batch.csound.controlChannel("level")
    assert level.result() is None


async def test_a_batch_that_is_left_by_an_error_is_not_sent(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        with suppress(KeyError):
            async with cs.batch() as batch:
                playing = batch.thread.play()
                raise KeyError
        await cs.thread.pause()
    assert playing.cancelled()
    assert server.methods[1:] == ["thread.pause"]


async def test_an_empty_batch_sends_nothing(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        async with cs.batch():
            pass
        async with cs.batch(atomic=False):
            pass
    assert server.methods == ["session.hello"]


async def test_calls_that_need_not_be_atomic_share_a_frame(server: FakeServer) -> None:
    server.results["csound.ksmps"] = 64
    async with connect(server.url) as cs, cs.batch(atomic=False) as batch:
        ksmps = batch.csound.ksmps()
        _ = batch.thread.play(at={"delay": 1.0})
    assert ksmps.result() == 64
    assert (await server.heard("thread.play"))["at"] == {"delay": 1.0}
    assert len({request["id"] for request in server.seen}) == 3


async def test_a_batch_fails_with_its_connection(server: FakeServer) -> None:
    server.held = {"engine.batch"}
    async with connect(server.url) as cs:
        batch = cs.batch()
        _ = batch.thread.play()
        playing = asyncio.create_task(batch.send())
        await server.heard("engine.batch")
        server.drop()
        with pytest.raises(ConnectionLost):
            await playing


async def test_more_calls_than_a_batch_may_have_go_in_several(server: FakeServer) -> None:
    frames: list[int] = []
    take = server._take

    async def counted(connection: Any, frame: Any) -> None:
        before = len(server.seen)
        await take(connection, frame)
        frames.append(len(server.seen) - before)

    async with connect(server.url) as cs, cs.batch(atomic=False) as batch:
        server._take = counted  # type: ignore[method-assign]
        for _ in range(1001):
            _ = batch.thread.play()
    assert frames[:2] == [1000, 1]
