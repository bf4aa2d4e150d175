"""A method of the engine that takes a function: the answer is a stream, and the outcome comes on it."""

from __future__ import annotations

import pytest

from csoundd.dispatcher import Dispatcher
from csoundd.errors import NotFound
from csoundd.messages import Done, Failure, Outcome, Reply, Request, Response, StreamRef
from csoundd.ports import Caller
from tests.dispatcher.fakes import HeldEngine, Somebody


class Desk:
    """A dispatcher whose streams are numbered, with what it answered and what came on the streams."""

    def __init__(self) -> None:
        self.engine = HeldEngine()
        self.answers: list[Response | list[Response]] = []
        self.told: list[Outcome] = []
        self.dispatcher = Dispatcher(self.engine, {}, promise=self._promise)

    def _promise(self, caller: Caller, function: object) -> tuple[str, Done]:
        if function != StreamRef("eval"):
            raise NotFound
        return "eval/1", self.told.append

    def call(self, *params: object) -> None:
        self.dispatcher.dispatch(Somebody(), Request("thread.evalCode", list(params), 1), self.answers.append)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_answer_is_the_stream_and_comes_at_once(desk: Desk) -> None:
    desk.call("return 1", StreamRef("eval"))
    assert desk.answers == [Reply(1, "eval/1")]


def test_the_outcome_comes_on_the_stream(desk: Desk) -> None:
    desk.call("return 1", StreamRef("eval"))
    outcome = Outcome(1.0)
    desk.engine.answer(0, outcome)
    assert desk.told == [outcome]
    assert len(desk.answers) == 1


def test_the_engine_is_not_told_of_the_stream(desk: Desk) -> None:
    desk.call("return 1", StreamRef("eval"))
    assert desk.engine.commands[0].args == ["return 1", None, 5.0]


def test_without_a_function_the_outcome_is_the_answer(desk: Desk) -> None:
    desk.call("return 1", None)
    assert desk.answers == []
    desk.engine.answer(0, Outcome(1.0))
    assert desk.answers == [Reply(1, 1.0)]


def test_where_there_is_no_stream_to_be_had_nothing_runs(desk: Desk) -> None:
    desk.call("return 1", StreamRef("smell"))
    (answer,) = desk.answers
    assert isinstance(answer, Failure)
    assert isinstance(answer.error, NotFound)
    assert desk.engine.commands == []
