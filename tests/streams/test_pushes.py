"""Data that clients push, in every form that it may have."""

from __future__ import annotations

import numpy as np
import pytest

from csoundd.errors import InvalidParams, NotFound
from csoundd.messages import At
from csoundd.streams.hub import Hub
from tests.streams.fakes import FakeEngine, check_options


async def fed(topic: str, data: object) -> list[object]:
    """The data that reach the engine."""
    engine = FakeEngine()
    await Hub(engine, check_options).push(topic, data)
    return [pushed for _, pushed, _ in engine.fed]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"a": 1, "b": "x"}, [{"a": 1.0, "b": "x"}, None, None]),
        ({"values": {"a": 1}}, [{"a": 1.0}, None, None]),
        ({"values": {"a": 1}, "default": 0, "maxAge": 2}, [{"a": 1.0}, 0.0, 2]),
        ({"values": 1}, [{"values": 1.0}, None, None]),
    ],
)
async def test_values_come_plain_or_with_a_default_and_an_age(data: object, expected: object) -> None:
    assert await fed("invalue", data) == [expected]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("ab", [[97, None], [98, None]]),
        (97, [[97, None]]),
        (97.0, [[97, None]]),
        ({"code": 97, "up": True}, [[97, True]]),
        ({"key": "a"}, [[97, None]]),
        (["a", {"code": 98, "up": False}], [[97, None], [98, False]]),
    ],
)
async def test_keys_come_as_text_as_codes_or_going_down_and_up(data: object, expected: object) -> None:
    assert await fed("keyboard", data) == [expected]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([144, 60, 100], [b"\x90\x3c\x64"]),
        ([144.0, 60.0, 100.0], [b"\x90\x3c\x64"]),
        (b"\x90\x3c\x64", [b"\x90\x3c\x64"]),
        (np.array([144, 60, 100], np.uint8), [b"\x90\x3c\x64"]),
        ([[144, 60, 100], b"\x80\x3c\x00"], [b"\x90\x3c\x64", b"\x80\x3c\x00"]),
        ([{"bytes": [144, 60, 100]}], [b"\x90\x3c\x64"]),
    ],
)
async def test_midi_comes_as_bytes_or_numbers_one_message_or_many(data: object, expected: object) -> None:
    assert await fed("midi", data) == expected


async def test_midi_with_a_time_is_fed_at_that_time() -> None:
    engine = FakeEngine()
    accepted = await Hub(engine, check_options).push(
        "midi", [{"bytes": [144, 60, 100], "at": {"delay": 0.5}}, [128, 60, 0]]
    )
    assert accepted == {"accepted": 6}
    assert engine.fed == [("midi", b"\x90\x3c\x64", At("delay", 0.5)), ("midi", b"\x80\x3c\x00", None)]


@pytest.mark.parametrize("data", [[[0.1, 0.2], [0.3, 0.4]], np.array([[0.1, 0.2], [0.3, 0.4]], np.float32)])
async def test_audio_comes_as_an_array(data: object) -> None:
    (frames,) = await fed("spin", data)
    assert isinstance(frames, np.ndarray)
    assert (frames.shape, frames.dtype) == ((2, 2), np.float64)


async def test_audio_in_one_row_is_mono() -> None:
    (frames,) = await fed("spin", [0.1, 0.2, 0.3])
    assert isinstance(frames, np.ndarray)
    assert frames.shape == (3, 1)


@pytest.mark.parametrize(
    ("topic", "data"),
    [
        ("invalue", 1),
        ("invalue", {"a": None}),
        ("invalue", {"a": "x" * 256}),
        ("invalue", {"values": {"a": 1}, "maxAge": 0}),
        ("invalue", {"values": {"a": 1}, "age": 1}),
        ("keyboard", 0),
        ("keyboard", 1.5),
        ("keyboard", {"code": 97, "up": "yes"}),
        ("keyboard", {"code": 97, "down": True}),
        ("midi", [144, 60, 256]),
        ("midi", [144.0, 60.5, 1.0]),
        ("keyboard", [97.5]),
        ("midi", "note on"),
        ("midi", {"bytes": [144], "at": {"noon": 1}}),
        ("midi", {"bytes": [144], "at": {"delay": 1, "sample": 2}}),
        ("midi", {"byte": [144]}),
        ("spin", "loud"),
        ("spin", [[[1.0]]]),
        ("spin", [[1.0], [1.0, 2.0]]),
    ],
)
async def test_what_does_not_fit_is_refused(topic: str, data: object) -> None:
    with pytest.raises(InvalidParams):
        await fed(topic, data)


@pytest.mark.parametrize("topic", ["spout", "messages", "smell"])
async def test_a_topic_that_takes_nothing_is_named(topic: str) -> None:
    with pytest.raises(NotFound):
        await fed(topic, 1)


async def test_of_a_list_with_a_fault_nothing_is_fed() -> None:
    engine = FakeEngine()
    with pytest.raises(InvalidParams):
        await Hub(engine, check_options).push("midi", [[144, 60, 100], [300]])
    assert engine.fed == []
