"""Parameters: bound by position or by name, completed, and checked strictly."""

from __future__ import annotations

import math
from dataclasses import dataclass

import msgpack
import numpy as np
import pytest

from csoundd.api.annotations import declared
from csoundd.api.values import ControlChannelHints
from csoundd.dispatcher.checks import check_of
from csoundd.errors import InvalidParams
from csoundd.messages import Handle, Malformed, StreamRef
from tests.dispatcher.fakes import Desktop

Params = list[object] | dict[str, object]


def args(name: str, params: Params) -> list[object]:
    desk = Desktop()
    desk.call(name, params)
    assert not desk.answers
    return desk.args


def refusal(name: str, params: Params) -> str:
    desk = Desktop()
    desk.call(name, params)
    assert type(desk.failure.error) is InvalidParams
    assert not desk.engine.held
    return desk.failure.error.message


@pytest.mark.parametrize(
    "params",
    [
        [1, 2.5],
        {"whole": 1, "real": 2.5},
        {"real": 2.5, "whole": 1},
        [1, 2.5, None],
        {"whole": 1, "real": 2.5, "maybe": None},
    ],
    ids=repr,
)
def test_position_and_name_come_to_the_same(params: Params) -> None:
    assert args("sound.numbers", params) == [1, 2.5, None]


@pytest.mark.parametrize("params", [[], {}], ids=repr)
def test_a_method_without_parameters_takes_either(params: Params) -> None:
    assert args("sound.rate", params) == []


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ([], "needs the parameter whole"),
        ([1], "needs the parameter real"),
        ({"whole": 1}, "needs the parameter real"),
        ([1, 2, 3, 4], "at most 3 parameters"),
        ({"whole": 1, "real": 2, "half": 3}, "no parameter 'half'"),
        ({"whole": 1, "real": 2, "x" * 500: 3}, "x…"),
        (["1", 2], "whole: should be a valid integer"),
        ([1.5, 2], "whole: "),
        ([1e300, 2], "whole: "),
        ([math.inf, 2], "whole: "),
        ([True, 2], "whole: "),
        ([None, 2], "whole: "),
        ([2**63, 2], "whole: "),
        ([1, "2"], "real: should be a valid number"),
        ([1, True], "real: "),
        ([1, None], "real: "),
        ([1, [2]], "real: "),
        ([1, 10**400], "real: "),
        ([1, 2, "3"], "maybe: should be a valid number"),
        ([1, Malformed("$float is odd")], "real: $float is odd"),
        ([1, np.zeros(1)], "real: "),
        ([1, msgpack.Timestamp(0)], "real: "),
        ([1, {"$float": "nan"}], "real: "),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_numbers_are_checked(params: Params, said: str) -> None:
    assert said in refusal("sound.numbers", params)


def test_a_name_that_is_no_text_is_refused() -> None:
    names: dict[object, object] = {b"whole": 1, b"real": 2}
    assert "needs the parameter" in refusal("sound.numbers", names)  # type: ignore[arg-type]


def test_a_float_without_a_fraction_passes_for_an_integer() -> None:
    (whole, _, _) = args("sound.numbers", [-3.0, 2])
    assert (type(whole), whole) == (int, -3)


def test_an_integer_passes_for_a_float() -> None:
    (whole, real, _) = args("sound.numbers", [1, 2])
    assert (type(whole), type(real)) == (int, float)


def test_what_is_not_finite_passes_for_a_float() -> None:
    assert args("sound.numbers", [1, math.inf])[1] == math.inf


@pytest.mark.parametrize(("given", "taken"), [(True, True), (False, False), (1, True), (0, False)], ids=repr)
def test_0_and_1_pass_for_booleans(given: object, taken: bool) -> None:
    assert args("sound.compile", ["code", given])[1] is taken


@pytest.mark.parametrize("given", [2, 1.0, "true", None, []], ids=repr)
def test_nothing_else_passes_for_a_boolean(given: object) -> None:
    assert "block: should be a valid boolean" in refusal("sound.compile", ["code", given])


@pytest.mark.parametrize("given", [1, None, b"code", ["code"], Handle("x")], ids=repr)
def test_only_text_passes_for_text(given: object) -> None:
    assert "code: should be a valid string" in refusal("sound.compile", [given])


@pytest.mark.parametrize("pfields", [[], [1, 0, 2.5], ["Bell", 0, 1]], ids=repr)
def test_pfields_are_numbers_and_texts(pfields: list[object]) -> None:
    assert args("sound.event", ["i", pfields]) == ["i", pfields]


def test_pfields_may_be_an_array() -> None:
    (_, pfields) = args("sound.event", ["i", np.array([1.0, 0.0])])
    assert isinstance(pfields, np.ndarray)


def test_what_is_wrong_in_a_list_is_said_with_its_place() -> None:
    assert refusal("sound.event", ["i", [1, "a", None]]) == "pfields[2]: should be a valid number or a valid string"


@pytest.mark.parametrize(
    ("given", "shape"),
    [([], (0,)), ([1, 2.5], (2,)), ([[1, 2], [3, 4]], (2, 2)), ([[[1]]], (1, 1, 1))],
    ids=repr,
)
def test_lists_of_numbers_pass_for_arrays(given: object, shape: tuple[int, ...]) -> None:
    (array, _) = args("sound.arrays", [given])
    assert isinstance(array, np.ndarray)
    assert (array.dtype, array.shape) == (np.float64, shape)
    assert array.tolist() == given


def test_an_array_is_taken_as_it_is() -> None:
    array = np.arange(4, dtype="<i2")
    assert args("sound.arrays", [array])[0] is array


NOT_AN_ARRAY = [
    3,
    "text",
    None,
    ["1"],
    [None],
    [[1, 2], [3]],
    [[1], 2],
    [1, [2]],
    [[1], b"12345678"],
    [{"a": 1}],
    [10**400],
    {"dtype": "<f8"},
    Malformed("odd"),
    [Malformed("odd")],
    ["x" * 1_000_000] + [0.0] * 100_000,
]


@pytest.mark.parametrize("given", NOT_AN_ARRAY, ids=lambda value: repr(value)[:40])
def test_nothing_else_passes_for_an_array(given: object) -> None:
    assert refusal("sound.arrays", [given]).startswith("any")


def test_lists_nested_beyond_reason_are_no_array() -> None:
    deep: object = [1.0]
    for _ in range(900):
        deep = [deep]
    assert "should be an array" in refusal("sound.arrays", [deep])


@pytest.mark.parametrize("given", [[0.5, 1], np.array([0.5, 1]), np.array([0, 1], "<i2"), np.zeros(4, "<f4")], ids=repr)
def test_samples_are_floats_in_one_dimension(given: object) -> None:
    (_, samples) = args("sound.arrays", [[], given])
    assert isinstance(samples, np.ndarray)
    assert (samples.dtype, samples.ndim) == (np.float64, 1)


@pytest.mark.parametrize("given", [[[1, 2]], np.zeros((2, 2)), np.array([True]), np.float64(3), "x"], ids=repr)
def test_nothing_else_passes_for_samples(given: object) -> None:
    assert "samples: should be a" in refusal("sound.arrays", [[], given])


def test_an_object_passes_for_a_struct() -> None:
    hints: dict[str, object] = {"behav": 2, "dflt": 1, "attributes": "knob"}
    expected = ControlChannelHints(behav=2, dflt=1.0, attributes="knob")
    assert args("sound.hints", ["cutoff", hints]) == ["cutoff", expected]


@pytest.mark.parametrize(
    ("hints", "said"),
    [
        ({"behaviour": 2}, "hints.behaviour: there is no such member"),
        ({"behav": "2"}, "hints.behav: should be a valid integer"),
        ({"attributes": 1}, "hints.attributes: should be a valid string"),
        ([1, 2], "hints: "),
        ("knob", "hints: "),
        ({"x" * 500: 1}, "hints.x"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_members_of_a_struct_are_checked(hints: object, said: str) -> None:
    message = refusal("sound.hints", ["cutoff", hints])
    assert said in message
    assert len(message) < 200


def test_only_handles_and_streams_pass_for_themselves() -> None:
    assert args("sound.handle", [Handle("x:1"), StreamRef("midi")]) == [Handle("x:1"), StreamRef("midi")]
    assert "handle: " in refusal("sound.handle", ["x:1"])
    assert "handle: " in refusal("sound.handle", [{"id": "x:1"}])
    assert "function: " in refusal("sound.handle", [Handle("x:1"), "midi"])
    assert "function: " in refusal("sound.handle", [Handle("x:1"), {"topic": "midi"}])


@pytest.mark.parametrize("channel", [Handle("x:1"), "name"], ids=repr)
def test_one_of_several_types_will_do(channel: object) -> None:
    assert args("sound.either", [channel]) == [channel, "*"]


def test_of_several_types_all_are_named() -> None:
    assert refusal("sound.either", [1]).startswith("channel: should be an instance of Handle or a valid string")


FREE = [
    None,
    True,
    1,
    0.5,
    "a",
    b"a",
    [1, ["a"]],
    {"a": {"b": [None]}},
    Handle("x"),
    StreamRef("y"),
    2**63 - 1,
    math.nan,
]


@pytest.mark.parametrize("data", FREE, ids=repr)
def test_a_free_value_is_taken_as_it_is(data: object) -> None:
    assert args("sound.anything", [data])[0] is data


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (Malformed("an odd form"), "an odd form"),
        ({"a": [1, {"b": Malformed("an odd form")}]}, "an odd form"),
        (2**63, "at most 64 bits"),
        ([-(2**70)], "at most 64 bits"),
        ({b"a": 1}, "texts for member names"),
        (msgpack.Timestamp(0), "type Timestamp"),
        ([msgpack.ExtType(5, b"")], "type ExtType"),
        (nested(65), "at most 64 deep"),
        ([1.5, True, None, "text", -(2**63) - 1], "at most 64 bits"),
        ([[[2**63]], 1.5], "at most 64 bits"),
        ([1, "two", "a\0b"], "without NUL"),
        ({"a": [{"a\0b": 1}]}, "without NUL"),
        ([["\ud83c"], ["\udfb5"]], "whole characters"),
        ([[{"a": 1}, {2: 1}]], "texts for member names"),
        ([1.5, 2, "text", ...], "not be of type ellipsis"),
        ({"deep": nested(900)}, "at most 64 deep"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_free_value_is_one_that_can_travel(data: object, said: str) -> None:
    assert said in refusal("sound.anything", [data])


def test_braces_in_a_reason_are_nothing_special() -> None:
    assert "{curly}" in refusal("sound.anything", [Malformed("{curly} {reason}")])


def test_members_of_an_object_are_checked() -> None:
    assert args("sound.table", [{"a": 1, "b": "x"}]) == [{"a": 1, "b": "x"}]
    assert "values.b: an odd form" in refusal("sound.table", [{"a": 1, "b": Malformed("an odd form")}])


@pytest.mark.parametrize("params", [["-o", "x"], {"args": ["-o", "x"]}], ids=repr)
def test_a_spread_parameter_takes_the_rest(params: Params) -> None:
    assert args("sound.command_line", params) == ["-o", "x"]


@pytest.mark.parametrize("params", [[], {}, {"args": []}], ids=repr)
def test_a_spread_parameter_may_be_empty(params: Params) -> None:
    assert args("sound.command_line", params) == []


@pytest.mark.parametrize("params", [["-o", 1], {"args": ["-o", 1]}, {"args": "-o"}, {"arg": []}], ids=repr)
def test_a_spread_parameter_is_checked(params: Params) -> None:
    assert "arg" in refusal("sound.command_line", params)


def test_the_signature_is_the_hint() -> None:
    desk = Desktop()
    desk.call("sound.numbers", ["x", 1])
    assert desk.failure.error.hint == "sound.numbers(whole: int, real: float, maybe: float | None = None)"
    assert desk.failure.error.details == {"parameter": "whole"}


def test_a_type_without_a_check_is_found_when_the_table_is_made() -> None:
    @dataclass
    class Odd:
        value: set[int]

    with pytest.raises((TypeError, NameError)):
        check_of(declared(Odd))
    with pytest.raises(TypeError):
        check_of(declared(set[int]))
