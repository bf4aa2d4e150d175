"""Stage 1, OSCQuery channels: what ``channel.list`` says of a channel, to its node."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from csoundd.transport.osc.names import address_of
from csoundd.transport.oscquery.hints import INTEGER, attributes_of
from csoundd.transport.oscquery.nodes import READ, READ_WRITE, WRITE, Node

Channel = dict[str, Any]

_ACCESS: Final = {1: WRITE, 2: READ, 3: READ_WRITE}
"""By the mode of a channel, which is Csound's view: its input is what others write."""


def node_of(channel: Channel) -> Node:
    """The node of ``channel``; one whose kind OSC has no message for is an empty container."""
    path, access = address_of(channel["name"]), _ACCESS.get(channel["mode"], READ_WRITE)
    match channel["kind"]:
        case "control":
            return _control(path, access, channel)
        case "string":
            return Node(path, "s", access, {"CRITICAL": False, "CLIPMODE": ["none"]}, _text(channel.get("value")))
        case "array" if channel.get("value") is not None:
            return _array(path, access, np.ravel(channel["value"]))
    return Node(path, contents={})


def _control(path: str, access: int, channel: Channel) -> Node:
    hints, value = channel.get("hints") or {}, channel.get("value")
    whole = hints.get("behav") == INTEGER
    attributes = {"CRITICAL": False, "CLIPMODE": ["none"], **attributes_of(hints)}
    held = None if value is None else [_number(value, whole=whole)]
    return Node(path, "i" if whole else "f", access, attributes, held)


def _text(value: object) -> list[object] | None:
    return None if value is None else [value]


def _array(path: str, access: int, values: np.ndarray[Any, Any]) -> Node:
    numbers = [_number(value, whole=False) for value in values.tolist()]
    attributes: dict[str, object] = {"CRITICAL": False, "CLIPMODE": [["none"] * len(numbers)]}
    return Node(path, f"[{'f' * len(numbers)}]", access, attributes, [numbers])


def _number(value: float, *, whole: bool) -> object:
    """JSON has neither infinities nor what is no number."""
    if not math.isfinite(value):
        return None
    return round(value) if whole else value
