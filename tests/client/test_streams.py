"""Streams: frames in order, what is lost is counted, and what is shared is shared."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from csoundd_client import ConnectionLost, Unreadable, connect, errors
from csoundd_client.structs import EngineChange, Message, Meters
from tests.client.fake import FakeServer, Fault, ramp

CODECS = pytest.mark.parametrize("codec", ["msgpack", "json"])


@CODECS
async def test_audio_arrives_as_arrays_with_their_samples(server: FakeServer, codec: Any) -> None:
    async with connect(server.url, codec=codec) as cs, cs.spout(format="f32", block=4) as frames:
        await server.stream("spout/1", 7, ramp(4), sample=448)
        frame = await anext(frames)
    assert (frame.seq, frame.sample, frame.lost, frame.gap) == (7, 448, 0, False)
    np.testing.assert_array_equal(frame.data, ramp(4))
    assert frame.data.dtype == np.float32


async def test_options_go_by_the_names_of_the_contract(server: FakeServer) -> None:
    async with connect(server.url) as cs, cs.channels(["mix.*"], rate=30, onChange=True) as frames:
        assert frames.id == "channels/1"
        assert frames.options["rate"] == 30
    params = (await server.heard("stream.subscribe"))["params"]
    assert params == {"topic": "channels", "names": ["mix.*"], "rate": 30, "onChange": True}


async def test_options_that_are_left_out_are_the_servers(server: FakeServer) -> None:
    async with connect(server.url) as cs, cs.messages():
        pass
    assert (await server.heard("stream.subscribe"))["params"] == {"topic": "messages", "level": "info"}


@pytest.mark.parametrize(
    ("topic", "data", "read"),
    [
        ("messages", {"text": "new alloc", "attr": 0, "level": "info"}, Message("new alloc", 0, "info")),
        ("meters", {"peak": [0.5], "rms": [0.25]}, Meters([0.5], [0.25])),
        ("engine_events", {"event": "state", "state": "playing", "epoch": 1}, EngineChange("state", "playing", 1)),
    ],
    ids=["messages", "meters", "engine"],
)
async def test_structs_are_what_the_topic_says(server: FakeServer, topic: str, data: Any, read: Any) -> None:
    async with connect(server.url) as cs, getattr(cs, topic)() as frames:
        await server.stream(server.streams[0], 1, data)
        assert (await anext(frames)).data == read


async def test_data_of_another_shape_is_unreadable(server: FakeServer) -> None:
    async with connect(server.url) as cs, cs.meters() as frames:
        await server.stream("meters/1", 1, 0.5)
        with pytest.raises(Unreadable, match="meters"):
            await anext(frames)


async def test_what_the_network_lost_is_told_with_the_next_frame(server: FakeServer) -> None:
    async with connect(server.url) as cs, cs.spout() as frames:
        for seq in (1, 2, 6):
            await server.stream("spout/1", seq, ramp(1))
        assert [(await anext(frames)).lost for _ in range(3)] == [0, 0, 3]
    assert frames.lost == 3


async def test_a_full_queue_drops_the_oldest_and_tells(server: FakeServer) -> None:
    async with connect(server.url) as cs, cs.spout(queue=2) as frames:
        for seq in range(1, 6):
            await server.stream("spout/1", seq, ramp(1))
        await cs.thread.play()
        got = [await anext(frames) for _ in range(2)]
        await server.stream("spout/1", 6, ramp(1))
        got.append(await anext(frames))
    assert [(frame.seq, frame.lost) for frame in got] == [(4, 0), (5, 0), (6, 0)]


async def test_a_frame_dropped_after_the_first_one_read_is_counted(server: FakeServer) -> None:
    async with connect(server.url) as cs, cs.spout(queue=1) as frames:
        await server.stream("spout/1", 1, ramp(1))
        await anext(frames)
        for seq in (2, 3, 4):
            await server.stream("spout/1", seq, ramp(1))
        await cs.thread.play()
        frame = await anext(frames)
    assert (frame.seq, frame.lost, frame.gap) == (4, 2, True)


@pytest.mark.parametrize("queue", [1, 2])
async def test_channel_values_outlive_a_full_queue(server: FakeServer, queue: int) -> None:
    async with connect(server.url) as cs, cs.channels(queue=queue) as frames:
        for seq, values in enumerate([{"a": 1.0, "b": 1.0}, {"a": 2.0}, {"a": 3.0}]):
            await server.stream("channels/1", seq, values)
        await cs.thread.play()
        seen: dict[str, Any] = {}
        for _ in range(queue):
            seen |= (await anext(frames)).data
    assert seen == {"a": 3.0, "b": 1.0}


async def test_frames_that_come_with_the_answer_are_not_missed(server: FakeServer) -> None:
    server.held = {"stream.subscribe"}
    async with connect(server.url) as cs:
        frames = cs.spout()
        entering = asyncio.create_task(frames.__aenter__())
        request = await server.heard("stream.subscribe")
        await server.stream("spout/1", 1, ramp(1))
        await server.stream("meters/1", 1, {})
        await server.send({"jsonrpc": "2.0", "id": request["id"], "result": {"stream": "spout/1"}})
        await server.stream("spout/1", 2, ramp(1))
        await entering
        assert [(await anext(frames)).seq for _ in range(2)] == [1, 2]


async def test_the_same_options_share_a_stream_until_the_last_leaves(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        async with cs.meters() as first:
            async with cs.meters() as second:
                await server.stream("meters/1", 1, {"peak": [], "rms": []})
                assert (await anext(first)).seq == (await anext(second)).seq == 1
            assert "stream.unsubscribe" not in server.methods
            await server.stream("meters/1", 2, {"peak": [], "rms": []})
            assert (await anext(first)).seq == 2
        assert (await server.heard("stream.unsubscribe"))["params"] == ["meters/1"]


async def test_a_topic_that_is_refused_raises_on_entering(server: FakeServer) -> None:
    def refuse(_: Any) -> Any:
        raise Fault(-32004, "there is no topic noise")

    server.results["stream.subscribe"] = refuse
    async with connect(server.url) as cs:
        with pytest.raises(errors.NotFound, match="noise"):
            async with cs.subscribe("noise", colour="pink"):
                pass
    assert (await server.heard("stream.subscribe"))["params"] == {"topic": "noise", "colour": "pink"}


async def test_a_stream_that_nobody_wants_is_ended(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        server.streams.append("spout/9")
        await server.stream("spout/9", 1, ramp(1))
        assert (await server.heard("stream.unsubscribe"))["params"] == ["spout/9"]
        await cs.thread.play()


async def test_iteration_ends_when_the_client_closes(server: FakeServer) -> None:
    async with connect(server.url) as cs:
        frames = await cs.spout().__aenter__()
        reading = asyncio.create_task(_all(frames))
        await server.stream("spout/1", 1, ramp(1))
        await cs.thread.play()
    assert await reading == [1]


async def test_iteration_raises_when_the_connection_is_gone_for_good(server: FakeServer) -> None:
    async with connect(server.url, reconnect=False) as cs, cs.spout() as frames:
        server.drop()
        with pytest.raises(ConnectionLost):
            await anext(frames)


async def _all(frames: Any) -> list[int]:
    return [frame.seq async for frame in frames]
