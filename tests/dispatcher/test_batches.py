"""Batches of JSON-RPC, and lists of calls inside a call."""

from __future__ import annotations

import pytest

from csoundd.access import Grant
from csoundd.api.values import CallRequest
from csoundd.errors import CsounddError, Forbidden, InvalidParams, InvalidRequest, LimitExceeded, MethodNotFound
from csoundd.messages import Failure, Malformed, Outcome, Reply, Request
from tests.dispatcher.fakes import Desktop, Somebody


def test_the_answers_to_a_batch_come_together_in_order() -> None:
    desk = Desktop()
    desk.send([Request("sound.rate", [], 1), Request("no.such", [], 2), Request("sound.wait", [], 3)])
    desk.engine.answer(1, Outcome("later"))
    assert not desk.answers
    desk.engine.answer(0, Outcome("sooner"))
    (answers,) = desk.answers
    assert isinstance(answers, list)
    assert [answer.id for answer in answers] == [1, 2, 3]
    assert [type(answer) for answer in answers] == [Reply, Failure, Reply]


def test_notifications_in_a_batch_are_done_and_not_answered() -> None:
    desk = Desktop()
    desk.send([Request("sound.wait", []), Request("sound.rate", [], 1), Request("no.such", [])])
    desk.engine.answer(0)
    desk.engine.answer(1)
    assert desk.answers == [[Reply(1, "done")]]


def test_a_batch_of_notifications_is_not_answered() -> None:
    desk = Desktop()
    desk.send([Request("sound.wait", []), Request("no.such", [])])
    desk.engine.answer()
    assert desk.engine.commands
    assert not desk.answers


def test_what_was_no_request_is_answered_in_its_place() -> None:
    desk = Desktop()
    failure = Failure(None, InvalidRequest())
    desk.send([failure, failure])
    assert desk.answers == [[failure, failure]]


async def test_a_batch_may_go_to_both_sides() -> None:
    desk = Desktop()
    desk.send([Request("desk.greet", [], 1), Request("sound.rate", [], 2)])
    desk.engine.answer()
    await desk.answered()
    assert desk.answers == [[Reply(1, "you, me"), Reply(2, "done")]]


def call(name: object, **members: object) -> dict[str, object]:
    return {"method": name, **members}


def tasks(*calls: object, name: str = "sound.tasks", caller: Somebody | None = None) -> Desktop:
    desk = Desktop(caller or Somebody())
    desk.call(name, [list(calls)])
    return desk


@pytest.mark.parametrize("name", ["sound.tasks", "desk.batch"])
def test_calls_inside_a_call_are_one_command(name: str) -> None:
    desk = tasks(
        call("sound.rate"),
        call("sound.numbers", params={"real": 2, "whole": 1}),
        call("sound.compile", params=["code"], jsonrpc="2.0", id=4),
        name=name,
    )
    inner = [["sound.rate", []], ["sound.numbers", [1, 2.0, None]], ["sound.compile", ["code", True]]]
    assert desk.engine.commands[0].method == name
    assert desk.args[0] == inner


def test_a_limit_that_a_call_inside_a_call_comes_to_is_counted() -> None:
    desk = tasks(call("sound.rate"), call("sound.rate"), name="desk.batch")
    refused = LimitExceeded("too many", name="tables")
    error = {"code": refused.code, "message": refused.message, "data": refused.data}
    desk.engine.answer(0, Outcome([{"result": 1.0}, {"error": error}, {"error": error}]))
    assert desk.counts.limit_hits == {("tables",): 2}


def test_an_empty_list_of_calls_is_one_command() -> None:
    assert tasks().args == [[], ""]


@pytest.mark.parametrize(
    ("inner", "error"),
    [
        (call("no.such"), MethodNotFound),
        (call("sound.numbers", params=["x"]), InvalidParams),
        (call("sound.tasks", params=[[]]), InvalidParams),
        (call("desk.batch", params=[[]]), InvalidParams),
        (call("desk.greet"), InvalidParams),
        (call("sound.anything", params=[Malformed("odd")]), InvalidParams),
    ],
    ids=repr,
)
def test_one_call_that_does_not_pass_keeps_all_from_running(
    inner: dict[str, object], error: type[CsounddError]
) -> None:
    desk = tasks(call("sound.rate"), inner)
    assert not desk.engine.held
    assert type(desk.failure.error) is error
    assert desk.failure.error.message.startswith("call 1: ")
    assert desk.failure.error.details["call"] == 1


@pytest.mark.parametrize(
    "inner",
    [
        call(7),
        call("sound.rate", params="x"),
        call("sound.rate", at={"delay": 1}),
        call("sound.rate", jsonrpc="1.0"),
        {"params": []},
        "sound.rate",
        ["sound.rate", []],
        None,
        CallRequest("sound.rate"),
    ],
    ids=repr,
)
def test_a_call_inside_a_call_is_a_request(inner: object) -> None:
    desk = tasks(inner)
    assert type(desk.failure.error) is InvalidParams
    assert desk.failure.error.message.startswith("func[0]")


def test_a_call_inside_a_call_needs_its_scope() -> None:
    desk = tasks(call("sound.compile", params=["code"]), caller=Somebody(grant=Grant(frozenset({"control"}))))
    assert type(desk.failure.error) is Forbidden
    assert desk.failure.error.details == {"scope": "compile", "call": 0}
