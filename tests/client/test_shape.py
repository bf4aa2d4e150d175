"""From the wire to what a signature promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from csoundd_client.shape import reader
from csoundd_client.structs import ChannelInfo, ControlChannelHints, Landing

HINTS: dict[str, Any] = {"behav": 1, "dflt": 0.5}


@pytest.mark.parametrize(
    ("wanted", "value", "read"),
    [
        (int, 3, 3),
        (tuple[float, int], [0.5, 0], (0.5, 0)),
        (tuple[int, ...], [2, 3, 4], (2, 3, 4)),
        (tuple[ControlChannelHints | None, int], [None, -1], (None, -1)),
        (tuple[ControlChannelHints | None, int], [HINTS, 0], (ControlChannelHints(behav=1, dflt=0.5), 0)),
        (list[tuple[str, int]], [["a", 1], ["b", 2]], [("a", 1), ("b", 2)]),
        (dict[str, Landing], {"a": {"sample": 1, "cycle": 2, "scoreTime": 0.5}}, {"a": Landing(1, 2, 0.5)}),
        (list[str] | None, ["a"], ["a"]),
        (
            ChannelInfo,
            {"name": "a", "kind": "control", "mode": 3, "hints": HINTS},
            ChannelInfo("a", "control", 3, ControlChannelHints(behav=1, dflt=0.5)),
        ),
    ],
    ids=str,
)
def test_a_value_becomes_what_was_promised(wanted: Any, value: Any, read: Any) -> None:
    assert reader(wanted)(value) == read


def test_members_that_a_struct_does_not_have_are_left_out() -> None:
    assert reader(ControlChannelHints)({**HINTS, "colour": "red"}) == ControlChannelHints(behav=1, dflt=0.5)


def test_members_that_an_older_server_does_not_send_are_none() -> None:
    assert reader(Landing)({"sample": 64}).scoreTime is None


def test_arrays_are_left_alone() -> None:
    array = np.zeros(3)
    assert reader(np.ndarray[Any, Any])(array) is array


@pytest.mark.parametrize(
    ("wanted", "value"),
    [(Landing, None), (Landing, [1, 2, 3]), (tuple[float, int], None), (list[Landing], 3)],
    ids=["nothing", "a list", "no tuple", "no list"],
)
def test_a_misfit_is_refused(wanted: Any, value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        reader(wanted)(value)
