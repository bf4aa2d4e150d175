"""Values that no method of any library can take: refused by the declared types, whatever the method."""

from __future__ import annotations

import math
from typing import Any, get_type_hints

import numpy as np
import pytest

from csoundd.api import METHODS
from csoundd.api.declare import Method
from csoundd.dispatcher.dispatch import Check
from csoundd.errors import InvalidParams

NUL = "a\0b"
ALL = list(METHODS.values())


def parameters_of(kind: object) -> list[tuple[Method, str]]:
    """Every method with a parameter of this very type, and the parameter."""
    return [
        (method, name)
        for method in ALL
        for name, hint in get_type_hints(method.function, include_extras=True).items()
        if name != "return" and (hint is kind or kind in getattr(hint, "__args__", ())) and "Json" not in str(hint)
    ]


def refusal(method: Method, name: str, value: object) -> str:
    """What ``method`` says of ``value``, beside which all it needs is missing or right."""
    check = Check(method)
    needed: dict[str, Any] = dict(method.spec.examples[0].params) if method.spec.examples else {}
    with pytest.raises(InvalidParams) as caught:
        check(needed | {name: value})
    return str(caught.value)


@pytest.mark.parametrize(("method", "name"), parameters_of(str), ids=lambda v: getattr(v, "name", v))
def test_no_text_has_nul_in_it(method: Method, name: str) -> None:
    value: object = [NUL] if method.name == "csound.compileCommandLine" else NUL
    assert name in refusal(method, name, value)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("channel.set", {"values": {NUL: 1.0}}),
        ("channel.set", {"values": {"title": NUL}}),
        ("channel.get", {"names": ["a", NUL]}),
        ("csound.setHostData", {"data": {"deep": [{NUL: 1}]}}),
        ("csound.event", {"kind": "i", "pfields": [NUL, 0, 1]}),
        ("csound.setArrayData", {"adat": "a", "data": ["x", NUL]}),
        ("stream.push", {"topic": "keyboard", "data": NUL}),
        ("stream.subscribe", {"topic": "channels", "names": NUL}),
        ("engine.restart", {"options": [NUL]}),
    ],
)
def test_no_text_inside_a_value_has_nul_in_it(method: str, params: dict[str, object]) -> None:
    with pytest.raises(InvalidParams):
        Check(METHODS[method])(params)


def test_half_a_character_is_no_text() -> None:
    assert "whole characters" in refusal(METHODS["csound.message"], "message", "\ud800")
    assert "whole characters" in refusal(METHODS["csound.setHostData"], "data", ["\ud800"])


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 2**40])
def test_a_number_that_is_no_c_int(value: int) -> None:
    assert "table" in refusal(METHODS["csound.table"], "table", value)
    assert "milliseconds" in refusal(METHODS["csound.sleep"], "milliseconds", value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e10, -1e300])
def test_a_time_that_is_none(value: float) -> None:
    for method, name in (("csound.setEndMarker", "time"), ("thread.flushProcessQueue", "timeout")):
        assert name in refusal(METHODS[method], name, value)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_p_fields_are_numbers(value: float) -> None:
    for given in ([1, 0, value], np.array([1, 0, value])):
        assert "pfields" in refusal(METHODS["csound.event"], "pfields", given)


@pytest.mark.parametrize("method", ["csound.setArrayData", "csound.setAudioChannel", "table.set", "csound.event"])
def test_an_array_has_a_dimension(method: str) -> None:
    name = {"csound.event": "pfields", "csound.setAudioChannel": "samples"}.get(method, "data")
    assert name in refusal(METHODS[method], name, np.array(1.0))


def test_a_channel_may_hold_what_is_not_a_number() -> None:
    assert math.isnan(Check(METHODS["csound.setControlChannel"])(["x", math.nan])[1])  # type: ignore[arg-type]
