"""The hub: sharing, numbering, starting and ending of streams."""

from __future__ import annotations

import asyncio

import pytest

from csoundd.errors import InvalidParams, LimitExceeded, NotFound
from csoundd.streams.hub import Hub
from tests.streams.fakes import FakeEngine, Listener, check_options


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def hub(engine: FakeEngine) -> Hub:
    return Hub(engine, check_options)


async def test_the_answer_names_the_stream_and_the_options_in_effect(hub: Hub) -> None:
    answer = await hub.subscribe(Listener(), "spout", {"format": "i16"})
    assert answer == {
        "stream": "spout/1",
        "topic": "spout",
        "format": "i16",
        "block": 512,
        "channels": None,
        "lossless": False,
    }


async def test_the_same_options_share_a_stream(hub: Hub) -> None:
    one = await hub.subscribe(Listener(), "channels", {"names": ["b", "a", "b"]})
    other = await hub.subscribe(Listener(), "channels", {"names": ["a", "b"], "rate": 20})
    assert one == other


async def test_other_options_make_another_stream(hub: Hub) -> None:
    one = await hub.subscribe(Listener(), "meters", {"rate": 10})
    other = await hub.subscribe(Listener(), "meters", {"rate": 20})
    assert (one["stream"], other["stream"]) == ("meters/1", "meters/2")


async def test_every_subscriber_gets_the_very_same_frame(hub: Hub, engine: FakeEngine) -> None:
    one, other = Listener(), Listener()
    for listener in (one, other):
        await hub.subscribe(listener, "transport", {})
    engine.deliver("transport/1", {"sample": 3}, 3)
    assert one.frames[0] is other.frames[0]


async def test_frames_are_numbered_from_one(hub: Hub, engine: FakeEngine) -> None:
    listener = Listener()
    await hub.subscribe(listener, "transport", {})
    for sample in (10, 20):
        engine.deliver("transport/1", {}, sample)
    assert [(frame.seq, frame.sample) for frame in listener.frames] == [(1, 10), (2, 20)]


async def test_the_source_runs_while_there_is_a_subscriber(hub: Hub, engine: FakeEngine) -> None:
    one, other = Listener(), Listener()
    for listener in (one, other):
        await hub.subscribe(listener, "transport", {})
    hub.unsubscribe(one, "transport/1")
    assert "transport/1" in engine.polls
    hub.unsubscribe(other, "transport/1")
    assert not engine.polls


async def test_audio_is_captured_while_somebody_wants_it(hub: Hub, engine: FakeEngine) -> None:
    listener = Listener()
    await hub.subscribe(listener, "transport", {})
    assert not engine.capturing
    await hub.subscribe(listener, "spout", {})
    await hub.subscribe(listener, "meters", {})
    hub.unsubscribe(listener, "spout/1")
    assert engine.capturing
    hub.unsubscribe(listener, "meters/1")
    assert not engine.capturing


async def test_a_number_is_not_used_again(hub: Hub) -> None:
    listener = Listener()
    await hub.subscribe(listener, "transport", {})
    hub.unsubscribe(listener, "transport/1")
    assert (await hub.subscribe(listener, "transport", {}))["stream"] == "transport/2"


async def test_subscribing_twice_is_subscribing_once(hub: Hub, engine: FakeEngine) -> None:
    listener = Listener()
    for _ in range(2):
        await hub.subscribe(listener, "transport", {})
    engine.deliver("transport/1", {})
    assert len(listener.frames) == 1
    hub.unsubscribe(listener, "transport/1")
    with pytest.raises(NotFound):
        hub.unsubscribe(listener, "transport/1")


async def test_subscribers_that_come_together_open_one_source(hub: Hub, engine: FakeEngine) -> None:
    opened: list[str] = []
    engine.opening = opened.append
    listeners = [Listener() for _ in range(3)]
    await asyncio.gather(*(hub.subscribe(listener, "transport", {}) for listener in listeners))
    assert opened == ["transport/1"]


async def test_a_subscriber_that_goes_while_its_stream_opens_leaves_nothing_behind(
    hub: Hub, engine: FakeEngine
) -> None:
    listener = Listener()
    engine.opening = lambda name: hub.drop(listener)
    await hub.subscribe(listener, "transport", {})
    assert (engine.polls, hub.subscriptions(listener)) == ({}, [])


async def test_a_channel_that_is_not_there_is_not_found_and_leaves_nothing_behind(hub: Hub, engine: FakeEngine) -> None:
    listener = Listener()
    with pytest.raises(NotFound):
        await hub.subscribe(listener, "channels", {"names": "missing"})
    assert hub.subscriptions(listener) == []
    assert (await hub.subscribe(listener, "channels", {"names": "a"}))["stream"] == "channels/2"


async def test_an_unknown_topic_is_not_found(hub: Hub) -> None:
    with pytest.raises(NotFound):
        await hub.subscribe(Listener(), "smell", {})


@pytest.mark.parametrize(
    ("topic", "options"),
    [
        ("spout", {"format": "mp3"}),
        ("spout", {"block": "512"}),
        ("spout", {"block": 0}),
        ("spout", {"channels": [2]}),
        ("spout", {"tempo": 1}),
        ("meters", {"rate": 0}),
        ("messages", {"level": "loud"}),
        ("audio-channel", {}),
        ("engine", {"rate": 1}),
    ],
)
async def test_options_that_do_not_fit_are_refused(hub: Hub, topic: str, options: dict[str, object]) -> None:
    with pytest.raises(InvalidParams):
        await hub.subscribe(Listener(), topic, options)


async def test_one_subscription_too_many_is_refused(engine: FakeEngine) -> None:
    hub, listener = Hub(engine, check_options, limit=2), Listener()
    await hub.subscribe(listener, "transport", {})
    await hub.subscribe(listener, "messages", {})
    with pytest.raises(LimitExceeded):
        await hub.subscribe(listener, "meters", {})
    assert (await hub.subscribe(listener, "transport", {}))["stream"] == "transport/1"
    assert (await hub.subscribe(Listener(), "meters", {}))["topic"] == "meters"


async def test_dropping_a_subscriber_ends_all_it_received(hub: Hub, engine: FakeEngine) -> None:
    listener = Listener()
    for topic in ("transport", "spout", "messages"):
        await hub.subscribe(listener, topic, {})
    hub.drop(listener)
    assert (hub.subscriptions(listener), engine.polls, engine.capturing) == ([], {}, False)


async def test_a_subscriber_sees_its_own_streams_and_how_many_receive_each(hub: Hub) -> None:
    one, other = Listener(), Listener()
    await hub.subscribe(one, "transport", {})
    await hub.subscribe(other, "transport", {})
    await hub.subscribe(other, "engine", {})
    assert hub.subscriptions(one) == [{"stream": "transport/1", "topic": "transport", "rate": 10.0, "subscribers": 2}]


async def test_a_new_stream_is_held_back_until_the_subscriber_knows_it(hub: Hub) -> None:
    listener = Listener()
    await hub.subscribe(listener, "transport", {})
    assert listener.held == ["transport/1"]


async def test_streams_outlive_the_engine(hub: Hub, engine: FakeEngine) -> None:
    listener = Listener()
    await hub.subscribe(listener, "engine", {})
    await hub.subscribe(listener, "transport", {})
    engine.change("crashed", "starting", "signal 11")
    engine.epoch = 2
    engine.change("restarted", "ready")
    engine.deliver("transport/1", {})
    assert [frame.stream for frame in listener.frames] == ["engine/1", "engine/1", "transport/1"]
