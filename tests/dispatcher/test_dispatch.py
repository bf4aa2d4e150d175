"""From a request to its answer: to the engine or to a service of the front, and never an exception."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from csoundd.access import NOTHING, Grant
from csoundd.dispatcher import Dispatcher
from csoundd.errors import (
    Cancelled,
    EngineCrashed,
    Forbidden,
    InternalError,
    InvalidRequest,
    MethodNotFound,
    NotFound,
    ParseError,
    Timeout,
    Unauthorized,
    Unsupported,
)
from csoundd.messages import At, Command, Failure, Outcome, Reply, Request, Response, Seconds
from tests.dispatcher.fakes import METHODS, RECEIPT, BrokenEngine, Desktop, Somebody


def test_a_call_becomes_a_command() -> None:
    desk = Desktop()
    desk.send(Request("sound.compile", ["code"], 7, At("sample", 64.0), "drop", Seconds(2.0)))
    expected = Command("sound.compile", ["code", True], "me", At("sample", 64.0), "drop", Seconds(2.0), 7)
    assert desk.engine.commands == [expected]


def test_a_call_without_a_deadline_has_the_declared_one() -> None:
    desk = Desktop()
    for name in ("rate", "compile", "wait"):
        desk.call(f"sound.{name}", ["x"] if name == "compile" else [])
    assert [command.deadline for command in desk.engine.commands] == [10.0, 30.0, None]


def test_a_reply_comes_when_the_engine_answers() -> None:
    desk = Desktop()
    desk.call("sound.rate", number="a")
    assert not desk.answers
    desk.engine.answer(0, Outcome(48000.0, None, RECEIPT))
    assert desk.answers == [Reply("a", 48000.0)]


def test_a_receipt_is_for_who_wants_it() -> None:
    desk = Desktop(Somebody(receipts=True))
    desk.call("sound.rate")
    desk.engine.answer()
    assert desk.reply.receipt == RECEIPT


def test_that_a_command_was_dropped_is_always_said() -> None:
    desk = Desktop()
    desk.call("sound.rate")
    desk.engine.answer(0, Outcome(None, None, replace(RECEIPT, dropped=True)))
    assert desk.reply.receipt == replace(RECEIPT, dropped=True)


def test_an_error_of_the_engine_is_the_answer() -> None:
    desk = Desktop()
    desk.call("sound.rate", number=3)
    error = EngineCrashed()
    desk.engine.answer(0, Outcome(error=error))
    assert desk.answers == [Failure(3, error)]


def test_a_null_id_is_answered() -> None:
    desk = Desktop()
    desk.call("sound.rate", number=None)
    desk.engine.answer()
    assert desk.answers == [Reply(None, "done")]


def test_a_frame_that_was_none_is_answered() -> None:
    desk = Desktop()
    failure = Failure(None, ParseError())
    desk.send(failure)
    assert desk.answers == [failure]


def test_a_notification_is_done_and_not_answered() -> None:
    desk = Desktop()
    desk.send(Request("sound.rate", []))
    desk.engine.answer()
    assert desk.engine.commands
    assert not desk.answers


@pytest.mark.parametrize("request_", [Request("no.such", []), Request("sound.rate", [1]), Request("nobody.home", [])])
def test_a_notification_that_fails_is_not_answered(request_: Request) -> None:
    desk = Desktop()
    desk.send(request_)
    assert not desk.answers


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("rate", "there is sound.rate"),
        ("SOUND.Rate", "there is sound.rate"),
        ("engine.rate", "there is sound.rate"),
        ("sound.comple", "there is sound.compile"),
        ("sound.no", None),
        ("", None),
        ("sound.__init__", None),
        ("sound.rate.__call__", None),
        ("\ud800", None),
    ],
)
def test_an_unknown_method_is_not_found(name: str, hint: str | None) -> None:
    desk = Desktop()
    desk.call(name)
    assert type(desk.failure.error) is MethodNotFound
    assert desk.failure.error.hint == hint


def test_a_long_name_is_not_repeated_in_full() -> None:
    desk = Desktop()
    desk.call("x" * 100_000)
    assert len(desk.failure.error.message) < 200


def test_a_method_needs_its_scope() -> None:
    desk = Desktop(Somebody(grant=Grant(frozenset({"read", "control"}))))
    desk.call("sound.compile", ["code"])
    assert type(desk.failure.error) is Forbidden
    assert desk.failure.error.details == {"scope": "compile"}
    assert not desk.engine.held


def test_the_scope_is_looked_at_before_the_parameters() -> None:
    desk = Desktop(Somebody(grant=Grant(frozenset({"read"}))))
    desk.call("sound.numbers", ["none"])
    assert type(desk.failure.error) is Forbidden


def test_who_has_shown_no_token_is_told_to() -> None:
    desk = Desktop(Somebody(grant=NOTHING))
    desk.call("sound.rate", [])
    assert type(desk.failure.error) is Unauthorized


def test_a_fault_is_logged_and_told_without_its_particulars(caplog: pytest.LogCaptureFixture) -> None:
    answers: list[Response | list[Response]] = []
    dispatcher = Dispatcher(BrokenEngine(), {}, METHODS)
    with caplog.at_level(logging.ERROR, "csoundd.dispatcher"):
        dispatcher.dispatch(Somebody(), Request("sound.rate", [], 5), answers.append)
    (answer,) = answers
    assert isinstance(answer, Failure)
    assert (answer.id, type(answer.error)) == (5, InternalError)
    assert "secret" not in f"{answer.error.message} {answer.error.data}"
    assert "secret path" in caplog.text


async def test_a_service_of_the_front_answers() -> None:
    desk = Desktop()
    desk.call("desk.greet", {"name": "Ada"}, number="a")
    await desk.answered()
    assert desk.answers == [Reply("a", "Ada, me")]


async def test_options_are_further_members() -> None:
    desk = Desktop()
    desk.call("desk.subscribe", {"topic": "spout", "block": 512})
    await desk.answered()
    assert desk.reply.result == {"topic": "spout", "block": 512}


async def test_options_have_no_positions() -> None:
    desk = Desktop()
    desk.call("desk.subscribe", ["spout", 512])
    assert "at most 1" in desk.failure.error.message
    desk.answers.clear()
    desk.call("desk.subscribe", ["spout"])
    await desk.answered()
    assert desk.reply.result == {"topic": "spout"}


async def test_an_error_of_a_service_is_the_answer() -> None:
    desk = Desktop()
    desk.call("desk.fail", ["known"])
    await desk.answered()
    assert type(desk.failure.error) is NotFound


@pytest.mark.parametrize("how", ["unknown", "timeout"])
async def test_a_fault_of_a_service_is_logged_and_told(how: str, caplog: pytest.LogCaptureFixture) -> None:
    desk = Desktop()
    desk.call("desk.fail", [how])
    await desk.answered()
    assert type(desk.failure.error) is InternalError
    assert "secret" not in str(desk.failure.error.data)
    assert "Error" in caplog.text


async def test_a_service_has_a_deadline() -> None:
    desk = Desktop()
    desk.call("desk.stall")
    await desk.answered()
    assert type(desk.failure.error) is Timeout


async def test_a_call_of_a_service_that_is_closed_down_is_cancelled() -> None:
    desk = Desktop()
    desk.send(Request("desk.stall", [], 1, deadline=Seconds(60.0)))
    await desk.running.close()
    await desk.answered()
    assert type(desk.failure.error) is Cancelled


async def test_a_service_runs_at_once_only() -> None:
    desk = Desktop()
    desk.send(Request("desk.greet", [], 1, At("delay", 1.0)))
    assert type(desk.failure.error) is InvalidRequest


async def test_a_method_that_nobody_serves_is_unsupported() -> None:
    desk = Desktop()
    desk.call("nobody.home")
    assert type(desk.failure.error) is Unsupported
