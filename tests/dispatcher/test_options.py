"""The options of subscriptions: completed from the declaration of the topic, and checked."""

from __future__ import annotations

import math

import pytest

from csoundd.errors import InvalidParams, NotFound
from csoundd.messages import Malformed
from csoundd.streams.topics import TOPICS
from tests.streams.fakes import check_options


@pytest.mark.parametrize(
    ("topic", "complete"),
    [
        ("messages", {"level": "info", "since": None}),
        ("channels", {"names": "*", "rate": 20.0, "onChange": False}),
        ("spout", {"format": "f32", "block": 512, "channels": None, "lossless": False}),
        ("meters", {"rate": 20.0}),
        ("transport", {"rate": 10.0}),
        ("engine", {}),
    ],
)
def test_defaults_are_filled_in(topic: str, complete: dict[str, object]) -> None:
    assert check_options(topic, {}) == complete


def test_what_is_given_stays() -> None:
    given: dict[str, object] = {"names": ["mix.*"], "rate": 30, "onChange": 1}
    assert check_options("channels", given) == {"names": ["mix.*"], "rate": 30.0, "onChange": True}


@pytest.mark.parametrize("topic", ["", "spouts", "Spout", "x" * 1000])
def test_an_unknown_topic_is_not_found(topic: str) -> None:
    with pytest.raises(NotFound) as caught:
        check_options(topic, {})
    assert len(caught.value.message) < 200
    assert all(name in str(caught.value.hint) for name in TOPICS)


@pytest.mark.parametrize(
    ("topic", "options", "member"),
    [
        ("messages", {"level": "loud"}, "level"),
        ("messages", {"since": 1.5}, "since"),
        ("channels", {"names": [1]}, "names"),
        ("channels", {"rate": 0}, "rate"),
        ("channels", {"rate": -1}, "rate"),
        ("channels", {"rate": 1e9}, "rate"),
        ("channels", {"rate": math.nan}, "rate"),
        ("channels", {"rate": "20"}, "rate"),
        ("audio-channel", {}, "name"),
        ("audio-channel", {"name": "a", "rate": 0}, "rate"),
        ("spout", {"format": "f16"}, "format"),
        ("spout", {"block": 0}, "block"),
        ("spout", {"block": 10**9}, "block"),
        ("spout", {"block": 12.5}, "block"),
        ("spout", {"channels": []}, "channels"),
        ("spout", {"channels": [-1]}, "channels"),
        ("spout", {"channels": Malformed("odd")}, "channels"),
        ("meters", {"speed": 3}, "speed"),
        ("engine", {"rate": 3}, "rate"),
    ],
    ids=repr,
)
def test_an_option_that_does_not_fit_is_named(topic: str, options: dict[str, object], member: str) -> None:
    with pytest.raises(InvalidParams) as caught:
        check_options(topic, options)
    assert caught.value.details == {"parameter": member}
    assert caught.value.message.startswith(member)
