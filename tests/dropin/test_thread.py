"""The performance thread, and the drives between which a script goes without noticing."""

from __future__ import annotations

import threading

import pytest

from csoundd_client import Csound
from tests.live.daemon import PATIENCE

pytestmark = [pytest.mark.live, pytest.mark.native]


def test_playing_and_stepping_take_turns(started: Csound) -> None:
    started.performKsmps()
    thread = started.performanceThread()
    reached = threading.Event()
    thread.setProcessCallback(lambda _: reached.set())
    thread.play()
    assert reached.wait(PATIENCE)
    thread.pause()
    before = started.currentTimeSamples()
    assert before > 64
    started.performKsmps()
    assert started.currentTimeSamples() == before + 64


def test_stepping_is_refused_while_the_thread_plays(started: Csound) -> None:
    started.performanceThread().play()
    with pytest.raises(RuntimeError):
        started.performKsmps()


def test_perform_is_over_at_the_end(started: Csound) -> None:
    started.scoreEvent("i", [1, 0, 0.1])
    started.setEndMarker(0.1)
    spout = started.spout()
    assert started.perform() == 1
    assert spout.shape == (128,)


def test_a_thread_is_joined_at_the_end(started: Csound) -> None:
    thread = started.performanceThread()
    thread.setEndMarker(0.1)
    thread.play()
    assert thread.join() > 0
    assert thread.status() > 0
    assert not thread.isRunning()


def test_stop_ends_the_thread_and_a_new_one_begins(started: Csound) -> None:
    thread = started.performanceThread()
    thread.play()
    started.stop()
    assert started.performanceThread() is not thread


def test_a_stopped_thread_is_not_toggled(started: Csound) -> None:
    thread = started.performanceThread()
    thread.stop()
    with pytest.raises(RuntimeError):
        thread.togglePause()


def test_toggling_plays_and_pauses(started: Csound) -> None:
    thread = started.performanceThread()
    thread.togglePause()
    with pytest.raises(RuntimeError):
        started.performKsmps()
    thread.togglePause()
    assert started.performKsmps() is False


def test_a_requested_function_has_run_when_the_queue_is_flushed(started: Csound) -> None:
    seen: list[object] = []
    thread = started.performanceThread()
    thread.requestCallback(seen.append)
    thread.flushMessageQueue()
    assert seen == [started]


def test_tasks_run_in_order(started: Csound) -> None:
    thread = started.performanceThread()
    with pytest.raises(RuntimeError):
        thread.processQueueTask(print)
    thread.setProcessQueue()
    done: list[int] = []
    for number in range(3):
        thread.processQueueTask(lambda _, number=number: done.append(number))  # type: ignore[misc]
    thread.flushProcessQueue(PATIENCE)
    assert done == [0, 1, 2]


def test_a_process_callback_and_a_queue_exclude_each_other(started: Csound) -> None:
    thread = started.performanceThread()
    assert thread.processCallback() is None
    thread.setProcessCallback(print)
    assert thread.processCallback() is print
    with pytest.raises(RuntimeError):
        thread.setProcessQueue()


def test_code_is_evaluated_with_and_without_a_callback(started: Csound) -> None:
    thread = started.performanceThread()
    values: list[float] = []
    assert thread.evalCode("return 2 + 3") == 5.0
    assert thread.evalCode("return 2 + 4", values.append) == 0.0
    thread.flushMessageQueue()
    assert values == [6.0]


def test_an_event_needs_a_start(cs: Csound) -> None:
    with pytest.raises(RuntimeError, match="not started"):
        cs.event("i", [1, 0, 1])


def test_an_event_is_of_a_known_kind(started: Csound) -> None:
    with pytest.raises(ValueError, match="kind"):
        started.event("x", [1, 0, 1])


def test_messages_are_iterated(cs: Csound) -> None:
    cs.createMessageBuffer()
    cs.message("one\n")
    cs.message("two\n")
    assert cs.readMessage() == ("one\n", 0)
    assert list(cs.iterMessages()) == [("two\n", 0)]
    cs.destroyMessageBuffer()


def test_a_start_has_a_code_only_the_first_time(cs: Csound) -> None:
    assert cs.start() == 0
    assert cs.start() is None
