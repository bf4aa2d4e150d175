"""Calls told to wait no longer, in the engine and in the front."""

from __future__ import annotations

from csoundd.errors import Cancelled
from csoundd.messages import Failure, Reply
from tests.dispatcher.fakes import Desktop


def test_a_call_of_the_engine_is_the_engines_to_cancel() -> None:
    desk = Desktop()
    desk.call("sound.wait", number=5)
    assert desk.dispatcher.cancel("me", 5)
    assert desk.engine.cancelled == [("me", 5)]
    assert not desk.answers


async def test_a_call_that_the_front_is_busy_with_answers_cancelled() -> None:
    desk = Desktop()
    desk.call("desk.stall", number="a")
    assert desk.dispatcher.cancel("me", "a")
    await desk.answered()
    assert isinstance(desk.failure.error, Cancelled)
    assert desk.failure.id == "a"


async def test_only_that_call_is_cancelled() -> None:
    desk = Desktop()
    desk.call("desk.greet", number=1)
    assert not desk.dispatcher.cancel("me", 2)
    assert not desk.dispatcher.cancel("another", 1)
    await desk.answered()
    assert desk.reply == Reply(1, "you, me")


def test_what_was_never_asked_cannot_be_cancelled() -> None:
    assert not Desktop().dispatcher.cancel("me", 1)


async def test_the_front_is_busy_with_nothing_for_a_session_that_is_over() -> None:
    desk = Desktop()
    desk.call("desk.stall", number=1)
    desk.running.release("another")
    desk.call("desk.stall", number=2)
    desk.running.release("me")
    await desk.answered(2)
    assert all(isinstance(answer, Failure) and isinstance(answer.error, Cancelled) for answer in desk.answers)
