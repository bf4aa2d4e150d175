"""Callers that are limited to some channels: what they may call, and with what."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from csoundd.access import ChannelGlobs, Grant
from csoundd.api import METHODS
from csoundd.api.declare import filled
from csoundd.codec import JSON
from csoundd.dispatcher.dispatch import Dispatcher, Table
from csoundd.errors import CsounddError, Forbidden
from csoundd.messages import Failure, Handle, Outcome, Reply, Request, Response
from tests.dispatcher.fakes import HeldEngine, Somebody

TABLE = Table(METHODS.values())
SCOPES: Any = frozenset({"read", "control"})
PHONE = Grant(SCOPES, ChannelGlobs(read=("fx/*",), write=("fx/*",)))
DISPLAY = Grant(SCOPES, ChannelGlobs(read=None, write=("fx/*",)))
"""May read every channel."""

CHANNELS = {name: method.spec.channels for name, method in METHODS.items() if method.spec.channels is not None}


def checked(method: str, grant: Grant, *first: object) -> list[object]:
    """The arguments of a call as in its example, with the first of them replaced."""
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": filled(METHODS[method].spec.examples[0].params)}
    request = JSON.decode(json.dumps(message))
    assert isinstance(request, Request)
    params = dict(cast("dict[str, object]", request.params))
    if first:
        params[next(iter(METHODS[method].signature.parameters))] = first[0]
    _, arguments = TABLE.checked(method, params, grant)
    return arguments


NAMED = [name for name, use in CHANNELS.items() if use in {"reads", "finds", "sets"}]


@pytest.mark.parametrize("method", NAMED)
def test_a_channel_that_matches_is_theirs(method: str) -> None:
    first: object = {"fx/room": 0.5} if method == "channel.set" else "fx/room"
    assert checked(method, PHONE, first)[0] in (first, ["fx/room"])


@pytest.mark.parametrize("method", NAMED)
@pytest.mark.parametrize("name", ["drums", "fx", "", "Fx/room", " fx/room"])
def test_any_other_channel_is_not(method: str, name: str) -> None:
    with pytest.raises(Forbidden):
        checked(method, PHONE, {"fx/room": 0.5, name: 0.5} if method == "channel.set" else name)


@pytest.mark.parametrize("method", [name for name, use in CHANNELS.items() if use in {"reads", "finds"}])
def test_who_may_read_all_reads_any(method: str) -> None:
    assert checked(method, DISPLAY, "drums")[0] == "drums"


@pytest.mark.parametrize("method", NAMED)
def test_a_handle_is_no_name(method: str) -> None:
    with pytest.raises(CsounddError):
        checked(method, PHONE, Handle("channel:1"))


OTHERS = [method for name, method in METHODS.items() if name not in CHANNELS]


@pytest.mark.parametrize("method", [m.name for m in OTHERS if m.spec.scope != "read"])
def test_nothing_else_is_changed_by_them(method: str) -> None:
    with pytest.raises(Forbidden):
        checked(method, PHONE)
    with pytest.raises(Forbidden):
        checked(method, DISPLAY)


@pytest.mark.parametrize("method", [m.name for m in OTHERS if m.spec.scope == "read" and m.name != "engine.batch"])
def test_what_is_no_channel_they_may_read(method: str) -> None:
    checked(method, PHONE)


def test_a_list_of_calls_is_not_for_them() -> None:
    for grant in (PHONE, DISPLAY):
        with pytest.raises(Forbidden):
            TABLE.checked("engine.batch", [[{"method": "csound.sr"}]], grant)


def test_every_channel_becomes_those_they_may_read() -> None:
    assert checked("channel.get", PHONE, "*") == [["fx/*"]]
    assert checked("channel.get", DISPLAY, "*") == ["*"]


def test_callbacks_that_tell_of_any_channel_are_not_for_who_may_not_read_all() -> None:
    with pytest.raises(Forbidden):
        checked("csound.setOutputChannelCallback", PHONE)
    checked("csound.setOutputChannelCallback", DISPLAY)


@pytest.mark.parametrize(
    ("method", "result", "seen"),
    [
        ("channel.list", [{"name": "fx/a", "value": 1.0}, {"name": "drums"}], [{"name": "fx/a", "value": 1.0}]),
        ("csound.allocatedChannels", [{"name": "drums"}], []),
        ("csound.listChannels", ([{"name": "drums"}, {"name": "fx/a"}], ""), [[{"name": "fx/a"}], ""]),
        ("csound.listChannels", (None, ""), [None, ""]),
    ],
)
def test_lists_leave_out_the_channels_of_others(method: str, result: object, seen: object) -> None:
    engine, answers = HeldEngine(), list[Response | list[Response]]()
    Dispatcher(engine, {}).dispatch(Somebody(grant=PHONE), Request(method, [], 1), answers.append)
    engine.answer(outcome=Outcome(result))
    (answer,) = answers
    assert isinstance(answer, Reply)
    assert list(answer.result) == seen  # type: ignore[call-overload]


def test_what_reads_a_channel_says_so() -> None:
    """No method with a channel's name in it is left to be called by whoever may not read it."""
    telling = {"name", "names", "channel", "adat", "pvsdat", "sdata", "values", "pattern"}
    undeclared = {
        name
        for name, method in METHODS.items()
        if telling & method.signature.parameters.keys() and name not in CHANNELS and method.spec.scope == "read"
    }
    assert undeclared == {"csound.env", "csound.instrNumber"}


def test_a_refusal_says_what_may_be_done() -> None:
    answers = list[Response | list[Response]]()
    request = Request("csound.setControlChannel", ["drums", 1.0], 1)
    Dispatcher(HeldEngine(), {}).dispatch(Somebody(grant=PHONE), request, answers.append)
    (answer,) = answers
    assert isinstance(answer, Failure)
    assert answer.error.hint == "it may set fx/*"
