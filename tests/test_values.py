"""When a value is the same for a listener."""

from __future__ import annotations

import math

import numpy as np
import pytest

from csoundd.api.values import ChannelInfo, ControlChannelHints
from csoundd.values import is_same

NAN = math.nan


def channel(least: float) -> ChannelInfo:
    return ChannelInfo("a", "control", 3, ControlChannelHints(0, 0.0, least, 1.0, 0, 0, 0, 0, ""))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (1.0, 1.0),
        (NAN, float("nan")),
        ("a", "a"),
        (np.array([1.0, NAN]), np.array([1.0, NAN])),
        (["a", NAN, [NAN]], ["a", float("nan"), [float("nan")]]),
        (np.array(["a"]), np.array(["a"])),
        ({"a": NAN}, {"a": float("nan")}),
        (channel(NAN), channel(float("nan"))),
    ],
)
def test_the_same(old: object, new: object) -> None:
    assert is_same(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (1.0, 2.0),
        (NAN, 1.0),
        (1.0, NAN),
        (None, NAN),
        ("a", NAN),
        (None, np.array([NAN])),
        (np.array([1.0]), np.array([1.0, 1.0])),
        (np.array([1.0]), np.array([NAN])),
        ([NAN], [NAN, NAN]),
        (None, [1.0]),
        ({"a": NAN}, {"b": NAN}),
        (channel(0.0), channel(NAN)),
    ],
)
def test_another(old: object, new: object) -> None:
    assert not is_same(old, new)
