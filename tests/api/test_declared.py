"""The declared API against the list of Csound's methods: each once, as the API spells it, explained and shown."""

from __future__ import annotations

import inspect
import json
from collections import Counter
from pathlib import Path
from typing import Final, TypedDict, get_type_hints

import pytest

from csoundd.api import METHOD_GROUPS, METHODS
from csoundd.api.declare import Call, Example, Method, MethodGroup, Result, filled, methods_of

NAMESPACES: Final = {"Csound": "csound", "PerformanceThread": "thread"}
OURS: Final = {
    *(f"session.{name}" for name in ("hello", "ping", "cancel", "ticket", "bounce")),
    *(f"token.{name}" for name in ("create", "list", "revoke")),
    *(f"pairing.{name}" for name in ("create", "list", "cancel")),
    *(f"engine.{name}" for name in ("info", "load", "restart", "drive", "claim", "release", "sync", "batch", "panic")),
    *(f"channel.{name}" for name in ("list", "get", "set", "read", "write")),
    *(f"table.{name}" for name in ("list", "get", "set", "info")),
    *(f"orc.{name}" for name in ("check", "compile", "instruments")),
    *(f"stream.{name}" for name in ("subscribe", "unsubscribe", "push", "list")),
    *(f"render.{name}" for name in ("submit", "status", "list", "cancel", "retry", "remove")),
    "opcode.define",
    "opcode.list",
    "rpc.discover",
    "server.status",
}


class Listed(TypedDict):
    """One method in the list of Csound's API."""

    name: str
    params: list[str]
    returns: str | None


def listed() -> dict[str, Listed]:
    classes = json.loads(Path(__file__).with_name("csound7-methods.json").read_text())["classes"]
    return {f"{NAMESPACES[name]}.{method['name']}": method for name, methods in classes.items() for method in methods}


LISTED: Final = listed()
GROWN: Final = {"csound.table": ["start=0", "count=None"]}
"""What methods take beside the parameters of the list: all with defaults, and at the end."""

EXAMPLES: Final = [
    pytest.param(method, example, id=f"{name}-{number}")
    for name, method in METHODS.items()
    for number, example in enumerate(method.spec.examples)
]


def spelled(parameter: inspect.Parameter) -> str:
    """A parameter as the list writes it: its name, its star, its default."""
    star = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
    default = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
    return f"{star}{parameter.name}{default}"


def bound(method: Method, params: dict[str, object]) -> inspect.BoundArguments:
    """``params`` by name, bound to the signature. Raises TypeError where they do not fit."""
    given = dict(params)
    spread = [p.name for p in method.signature.parameters.values() if p.kind is p.VAR_POSITIONAL]
    args = [arg for name in spread for arg in _list(given.pop(name))]
    return method.signature.bind(*args, **given)


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def results_in(value: object) -> list[int]:
    """The numbers of the earlier answers that ``value`` needs."""
    if isinstance(value, Result):
        return [value.call]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [number for part in inner for number in results_in(part)]


@pytest.mark.parametrize("name", LISTED)
def test_a_listed_method_is_declared_with_the_parameters_of_the_list(name: str) -> None:
    declared = [spelled(parameter) for parameter in METHODS[name].signature.parameters.values()]

    assert declared == [*LISTED[name]["params"], *GROWN.get(name, [])]


def test_the_namespaces_of_the_api_hold_what_the_list_holds_and_no_more() -> None:
    declared = {name for name in METHODS if name.partition(".")[0] in NAMESPACES.values()}

    assert declared == set(LISTED)


def test_beside_the_api_there_are_the_methods_of_the_contract() -> None:
    assert set(METHODS) - set(LISTED) == OURS


def test_no_method_is_declared_twice() -> None:
    declared = Counter(method.name for group in METHOD_GROUPS for method in methods_of(group))

    assert {name for name, times in declared.items() if times > 1} == set()


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_method_is_explained(method: Method) -> None:
    assert method.doc.endswith((".", "]``"))


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_method_is_shown(method: Method) -> None:
    assert method.spec.examples


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_parameter_and_result_has_a_type(method: Method) -> None:
    assert get_type_hints(method.function).keys() == {*method.signature.parameters, "return"}


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_what_the_front_serves_is_a_coroutine_and_nothing_else_is(method: Method) -> None:
    assert inspect.iscoroutinefunction(method.function) == (method.spec.served == "front")


@pytest.mark.parametrize("group", METHOD_GROUPS, ids=[group.__name__ for group in METHOD_GROUPS])
def test_a_group_is_served_by_one_side(group: type[MethodGroup]) -> None:
    assert len({method.spec.served for method in methods_of(group)}) == 1


@pytest.mark.parametrize(("method", "example"), EXAMPLES)
def test_the_parameters_of_an_example_fit_the_signature(method: Method, example: Example) -> None:
    bound(method, example.params)


@pytest.mark.parametrize(("method", "example"), EXAMPLES)
def test_the_calls_before_an_example_fit_theirs(method: Method, example: Example) -> None:
    for call in example.after:
        METHODS[call.method].signature.bind(*call.params)


@pytest.mark.parametrize(("method", "example"), EXAMPLES)
def test_an_example_uses_only_answers_that_came_before(method: Method, example: Example) -> None:
    for position, call in enumerate(example.after):
        assert all(number < position for number in results_in(call.params))
    assert all(number < len(example.after) for number in results_in(example.params))


@pytest.mark.parametrize(("method", "example"), EXAMPLES)
def test_an_example_can_be_shown_as_json(method: Method, example: Example) -> None:
    shown = {"params": filled(example.params), "result": example.result}

    assert json.loads(json.dumps(shown, allow_nan=False)) == shown


def test_an_answer_takes_the_place_of_what_stands_for_it() -> None:
    handle = Result(1, {"$handle": "cbuf:1"})
    params = {"buffer": handle, "parts": [handle, (handle,)], "count": 2}

    assert filled(params, ["first", "second"]) == {"buffer": "second", "parts": ["second", ["second"]], "count": 2}


def test_without_answers_an_example_shows_what_they_look_like() -> None:
    call = Call("csound.flushCircularBuffer", (Result(0, {"$handle": "cbuf:1"}),))

    assert filled(call.params) == [{"$handle": "cbuf:1"}]
