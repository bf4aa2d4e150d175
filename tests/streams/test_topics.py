"""The frames that each topic makes of the engine's events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from csoundd.messages import Frames, State
from csoundd.streams.backlog import NEWEST_BYTES, URGENT
from csoundd.streams.hub import Hub
from csoundd.values import AudioFormat
from tests.streams.fakes import FakeEngine, Listener, check_options


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def hub(engine: FakeEngine) -> Hub:
    return Hub(engine, check_options)


async def listen(hub: Hub, topic: str, **options: object) -> Listener:
    listener = Listener()
    await hub.subscribe(listener, topic, options)
    return listener


def ramp(start: int, count: int, channels: int = 2) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Samples that say where they are: frame n has n + channel / 10."""
    return np.arange(start, start + count)[:, None] + np.arange(channels)[None, :] / 10


async def test_spout_comes_in_blocks_of_the_size_asked_for(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "spout", block=4, format="f64")
    engine.sound(0, ramp(0, 3))
    engine.sound(3, ramp(3, 7))
    assert [frame.sample for frame in listener.frames] == [0, 4]
    for frame in listener.frames:
        np.testing.assert_array_equal(frame.data, ramp(frame.sample, 4))


async def test_spout_blocks_may_be_smaller_than_what_comes(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "spout", block=2)
    engine.sound(0, ramp(0, 7))
    assert [frame.sample for frame in listener.frames] == [0, 2, 4]


async def test_a_jump_of_the_samples_begins_a_new_block(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "spout", block=4, format="f64")
    engine.sound(0, ramp(0, 3))
    engine.sound(100, ramp(100, 4))
    engine.sound(0, ramp(0, 4))
    assert [frame.sample for frame in listener.frames] == [100, 0]


@pytest.mark.parametrize(("event", "state"), [("state", "ended"), ("reset", "ready"), ("died", "offline")])
async def test_the_last_block_of_a_performance_is_what_is_left(
    hub: Hub, engine: FakeEngine, event: str, state: State
) -> None:
    listener, other = await listen(hub, "spout", block=4, format="f64"), await listen(hub, "engine")
    engine.sound(0, ramp(0, 6))
    engine.change(event, state)
    np.testing.assert_array_equal(np.concatenate([np.asarray(data) for data in listener.data]), ramp(0, 6))
    assert [frame.sample for frame in listener.frames] == [0, 4]
    assert len(other.frames) == 1

    engine.change(event, state)
    engine.sound(0, ramp(0, 4))
    assert [frame.sample for frame in listener.frames] == [0, 4, 0]


async def test_a_stream_says_where_and_why_the_performance_was_over(hub: Hub, engine: FakeEngine) -> None:
    spout, transport = await listen(hub, "spout", block=4), await listen(hub, "transport")
    engine.sound(0, ramp(0, 6))
    engine.change("state", "ended")
    assert [(end.seq, end.sample, end.ended) for end in spout.ends] == [(2, 6, "ended")]
    assert transport.ends == []
    # A reset after the end ends nothing more; one in the middle does.
    engine.change("reset", "ready")
    engine.sound(0, ramp(0, 2))
    engine.change("reset", "ready")
    assert [(end.seq, end.sample, end.ended) for end in spout.ends[1:]] == [(3, 2, "reset")]


async def test_a_crash_is_no_end(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "spout", block=4)
    engine.sound(0, ramp(0, 6))
    engine.change("died", "offline")
    engine.change("restored", "playing")
    assert listener.ends == []


async def test_an_engine_that_nothing_paces_waits_for_who_is_to_lose_nothing(hub: Hub, engine: FakeEngine) -> None:
    lossless, other = await listen(hub, "spout", lossless=True), await listen(hub, "spout")
    other.behind = True
    engine.unpaced = True
    engine.sound(0, ramp(0, 512))
    assert engine.holding == []
    lossless.behind = True
    engine.sound(512, ramp(0, 512))
    assert engine.holding == [True]
    lossless.behind = False
    assert lossless.level is not None
    lossless.level()
    assert engine.holding == [True, False]


async def test_nobody_waits_for_who_has_left_or_where_time_goes_by_itself(hub: Hub, engine: FakeEngine) -> None:
    lossless = await listen(hub, "spout", lossless=True)
    lossless.behind = True
    engine.sound(0, ramp(0, 512))
    assert engine.holding == []
    engine.unpaced = True
    engine.sound(512, ramp(0, 512))
    hub.drop(lossless)
    assert engine.holding == [True, False]


async def test_a_pause_ends_no_block(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "spout", block=4)
    engine.sound(0, ramp(0, 3))
    engine.change("state", "paused")
    engine.sound(3, ramp(3, 1))
    assert [frame.sample for frame in listener.frames] == [0]


async def test_spout_channels_are_chosen_and_ordered(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "spout", block=2, format="f64", channels=[1, 0, 1])
    engine.sound(0, ramp(0, 2))
    np.testing.assert_array_equal(listener.data[0], ramp(0, 2)[:, [1, 0, 1]])


async def test_a_channel_that_the_next_engine_lacks_is_silent(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "spout", block=2, format="f64", channels=[1])
    engine.sound(0, ramp(1, 2, channels=1))
    np.testing.assert_array_equal(listener.data[0], [[0.0], [0.0]])


async def test_floats_keep_csounds_scale(hub: Hub, engine: FakeEngine) -> None:
    engine.form = replace(engine.form, zerodbfs=32768.0)
    listener = await listen(hub, "spout", block=1, format="f32")
    engine.sound(0, [[16384.0, -1.5]])
    assert listener.data[0].dtype == np.float32  # type: ignore[attr-defined]
    np.testing.assert_array_equal(listener.data[0], [[16384.0, -1.5]])


async def test_integers_are_full_at_0dbfs_and_clipped(hub: Hub, engine: FakeEngine) -> None:
    engine.form = replace(engine.form, zerodbfs=32768.0)
    listener = await listen(hub, "spout", block=3, format="i16")
    engine.sound(0, [[32768.0, -32768.0], [16384.0, 0.0], [99999.0, -99999.0]])
    assert listener.data[0].dtype == np.int16  # type: ignore[attr-defined]
    np.testing.assert_array_equal(listener.data[0], [[32767, -32767], [16384, 0], [32767, -32767]])


async def test_blocks_are_not_written_over_by_what_comes_next(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "spout", block=2, format="f64")
    engine.sound(0, ramp(0, 2))
    engine.sound(2, ramp(2, 2))
    np.testing.assert_array_equal(listener.data[0], ramp(0, 2))


async def test_another_number_of_channels_begins_a_new_block(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "spout", block=2, format="f64")
    engine.sound(0, ramp(0, 1))
    engine.sound(1, ramp(1, 2, channels=1))
    assert [frame.data.shape for frame in listener.frames] == [(2, 1)]  # type: ignore[attr-defined]


async def test_meters_measure_since_the_last_frame(hub: Hub, engine: FakeEngine) -> None:
    engine.form = AudioFormat(100.0, 64, 2, 2.0)
    listener = await listen(hub, "meters", rate=50)
    engine.sound(10, [[1.0, 0.0]])
    engine.sound(11, [[-2.0, 0.0]])
    engine.sound(12, [[0.0, 0.0], [0.0, 0.0]])
    assert [(frame.seq, frame.sample) for frame in listener.frames] == [(1, 10), (2, 12)]
    assert listener.data[0] == {"peak": [1.0, 0.0], "rms": [pytest.approx(np.sqrt(2.5) / 2), 0.0]}
    assert listener.data[1] == {"peak": [0.0, 0.0], "rms": [0.0, 0.0]}


async def test_a_channels_joiner_first_gets_a_complete_frame(hub: Hub, engine: FakeEngine) -> None:
    first = await listen(hub, "channels", names="*")
    engine.deliver("channels/1", {"a": 1.0, "b": 2.0}, 10)
    engine.deliver("channels/1", {"a": 3.0}, 20)
    second = await listen(hub, "channels", names=["*"])
    assert [(f.seq, f.sample, f.data) for f in second.frames] == [(2, 20, {"a": 3.0, "b": 2.0})]
    engine.deliver("channels/1", {"b": 4.0}, 30)
    assert first.seqs == [1, 2, 3]
    assert second.seqs == [2, 3]


async def test_a_first_frame_that_comes_with_the_opening_is_not_lost(hub: Hub, engine: FakeEngine) -> None:
    engine.opening = lambda name: engine.deliver(name, {"a": 1.0})
    listener = await listen(hub, "channels")
    assert [(frame.seq, frame.data) for frame in listener.frames] == [(1, {"a": 1.0})]


async def test_what_another_engine_does_not_have_is_forgotten(hub: Hub, engine: FakeEngine) -> None:
    await listen(hub, "channels")
    engine.deliver("channels/1", {"a": 1.0, "b": 2.0})
    engine.epoch = 2
    engine.deliver("channels/1", {"b": 2.0})
    assert (await listen(hub, "channels")).data == [{"b": 2.0}]


async def test_a_client_that_comes_back_gets_every_channel_again(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "channels")
    engine.deliver("channels/1", {"a": 1.0, "b": 2.0})
    engine.deliver("channels/1", {"a": 3.0})
    listener.frames.clear()
    hub.resume(listener)
    assert [(frame.seq, frame.data) for frame in listener.frames] == [(2, {"a": 3.0, "b": 2.0})]


async def test_taps_are_asked_for_what_was_subscribed(hub: Hub, engine: FakeEngine) -> None:
    await listen(hub, "channels", names="mix.*", onChange=True)
    await listen(hub, "audio-channel", name="side")
    await listen(hub, "transport", rate=5)
    assert engine.polls == {
        "channels/1": ("channels", {"names": ["mix.*"], "rate": 20.0, "onChange": True}),
        "audio-channel/1": ("audio-channel", {"name": "side", "rate": None}),
        "transport/1": ("transport", {"rate": 5.0}),
    }


async def test_an_audio_channel_is_passed_on(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "audio-channel", name="side")
    engine.deliver("audio-channel/1", np.ones(4), 64)
    assert (listener.frames[0].sample, listener.frames[0].delivery) == (64, NEWEST_BYTES)
    np.testing.assert_array_equal(listener.data[0], np.ones(4))


async def test_engine_changes_have_only_members_that_say_something(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "engine")
    engine.at = Frames(640)
    engine.change("started", "playing")
    engine.change("crashed", "starting", "signal 11")
    assert listener.data == [
        {"event": "started", "state": "playing", "epoch": 1},
        {"event": "crashed", "state": "starting", "epoch": 1, "reason": "signal 11"},
    ]
    assert [(frame.sample, frame.delivery) for frame in listener.frames] == [(640, URGENT), (640, URGENT)]
