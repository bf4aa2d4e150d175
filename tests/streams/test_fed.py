"""The topics of the API's callbacks, and the spectrum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from csoundd.errors import InvalidParams
from csoundd.messages import Frames, StreamFrame
from csoundd.streams.backlog import NEWEST, Backlog, Bounds
from csoundd.streams.hub import Hub
from tests.streams.fakes import FakeEngine, Listener, check_options

EVENTS = ["outvalue", "invalue", "keyboard", "midi", "graphs", "files"]
ASKED = {"name": "freq", "kind": "k", "stale": False}


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


@pytest.mark.parametrize("topic", EVENTS)
async def test_the_engine_tells_of_a_topic_while_somebody_subscribes_to_it(
    hub: Hub, engine: FakeEngine, topic: str
) -> None:
    listener = await listen(hub, topic)
    assert engine.followed == {topic}
    hub.drop(listener)
    assert engine.followed == set()


async def test_what_the_engine_tells_is_passed_on_to_its_own_topic(hub: Hub, engine: FakeEngine) -> None:
    files, midi = await listen(hub, "files"), await listen(hub, "midi")
    engine.feed("midi", {"event": "message", "bytes": [248]}, 64)
    assert files.frames == []
    assert [(frame.sample, frame.data) for frame in midi.frames] == [(64, {"event": "message", "bytes": [248]})]


async def test_a_name_that_the_next_engine_asks_for_again_is_not_told_again(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "invalue")
    engine.feed("invalue", ASKED)
    engine.feed("invalue", ASKED)
    assert listener.data == [ASKED]


async def test_who_comes_later_hears_of_the_names_under_their_numbers(hub: Hub, engine: FakeEngine) -> None:
    await listen(hub, "invalue")
    engine.feed("invalue", ASKED, 64)
    engine.feed("invalue", ASKED | {"stale": True}, 128)
    engine.feed("invalue", ASKED | {"name": "gain"}, 192)
    later = await listen(hub, "invalue")
    assert [(frame.seq, frame.sample) for frame in later.frames] == [(1, 64), (3, 192)]


async def test_of_too_many_events_the_oldest_go_and_the_numbers_say_so() -> None:
    backlog = Backlog(Bounds(messages=2))
    for seq in range(1, 5):
        backlog.newest(StreamFrame("midi/1", seq, Frames(0), None, NEWEST), b"%d" % seq, None)
    assert [backlog.pop().payload for _ in range(len(backlog))] == [b"3", b"4"]


async def test_a_sine_at_full_scale_reaches_0_db_in_its_bin(hub: Hub, engine: FakeEngine) -> None:
    engine.form = replace(engine.form, zerodbfs=32768.0)
    listener = await listen(hub, "spectrum", size=1024, rate=40)
    time = np.arange(2400)
    sine = 32768.0 * np.sin(2 * np.pi * 64 / 1024 * time)
    engine.sound(0, np.stack([sine, np.zeros(2400)], axis=1))
    (frame,) = listener.frames
    spectrum = frame.data
    assert isinstance(spectrum, np.ndarray)
    assert (frame.sample, spectrum.shape, spectrum.dtype) == (1376, (2, 513), np.float32)
    assert spectrum[0].argmax() == 64
    assert spectrum[0, 64] == pytest.approx(0, abs=0.01)
    assert (spectrum[1] == -200).all()


async def test_spectra_come_at_the_rate_that_was_asked_for(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "spectrum", size=64, rate=100)
    for sample in range(0, 4800, 240):
        engine.sound(sample, np.zeros((240, 1)))
    assert [frame.sample for frame in listener.frames] == [480 * n - 64 for n in range(1, 11)]


async def test_a_spectrum_has_no_jump_in_it(hub: Hub, engine: FakeEngine) -> None:
    listener = await listen(hub, "spectrum", size=64, rate=1000)
    engine.sound(0, np.zeros((63, 1)))
    engine.sound(1000, np.zeros((63, 1)))
    assert listener.frames == []


@pytest.mark.parametrize("options", [{"size": 1000}, {"size": 32}, {"rate": 0}])
async def test_a_spectrum_of_a_strange_size_is_refused(hub: Hub, options: dict[str, object]) -> None:
    with pytest.raises(InvalidParams):
        await listen(hub, "spectrum", **options)


@pytest.mark.parametrize("topic", ["pvs", "array"])
async def test_a_channel_is_tapped_by_its_name(hub: Hub, engine: FakeEngine, topic: str) -> None:
    listener = await listen(hub, topic, name="grid", rate=5)
    assert engine.polls == {f"{topic}/1": (topic, {"name": "grid", "rate": 5.0})}
    engine.deliver(f"{topic}/1", np.ones(4), 64)
    assert [frame.sample for frame in listener.frames] == [64]
