"""Calls that nobody waits for, and what is read with each cycle."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from time import monotonic

import numpy as np
import pytest

from csoundd_client import Csound
from csoundd_client.dropin.ignored import is_ignored
from csoundd_client.dropin.remote import Call
from csoundd_client.errors import InvalidParams
from tests.dropin.conftest import ORCHESTRA
from tests.live.daemon import PATIENCE, Daemon

pytestmark = [pytest.mark.live, pytest.mark.native]


def ignored() -> bool:
    """Whether the caller throws away what this returns, which it therefore has to note elsewhere."""
    NOTED.append(is_ignored(sys._getframe(1)))
    return NOTED[-1]


NOTED: list[bool] = []


def test_a_result_that_is_thrown_away_is_known_from_one_that_is_used() -> None:
    NOTED.clear()
    ignored()
    for _ in range(2):
        ignored()
    assert NOTED == [True, True, True]
    kept = ignored()
    while ignored():
        pass
    _ = [ignored(), kept]
    assert NOTED[3:] == [False, False, False]


def test_steps_that_nobody_looks_at_are_all_performed(started: Csound) -> None:
    for _ in range(500):
        started.performKsmps()
    assert started.currentTimeSamples() == 500 * 64


def test_calls_land_in_the_order_in_which_they_were_made(started: Csound) -> None:
    started.eventString('i "Reader" 0 10')
    read = []
    for value in range(20):
        started.setControlChannel("level", value)
        started.performKsmps()
        read.append(started.controlChannel("doubled")[0])
    assert read == [2.0 * value for value in range(20)]


def test_what_failed_is_raised_by_the_next_call_that_waits(started: Csound) -> None:
    started.setStringChannel("title", 5)  # type: ignore[arg-type]
    with pytest.raises(InvalidParams):
        started.ksmps()
    assert started.ksmps() == 64


def test_what_is_no_number_is_refused_at_once(started: Csound) -> None:
    with pytest.raises(ValueError, match="loud"):
        started.setControlChannel("level", "loud")  # type: ignore[arg-type]


def test_what_is_read_with_a_cycle_is_read_anew_after_a_change(started: Csound) -> None:
    for _ in range(3):
        assert not started.performKsmps()
        assert started.controlChannel("level")[0] == 0.0
    assert started.controlChannel("level")[0] == 0.0
    started.setControlChannel("level", 7.0)
    assert started.controlChannel("level")[0] == 7.0


def test_a_pointer_to_a_channel_follows_a_set_that_nobody_waits_for(started: Csound) -> None:
    pointer, _ = started.channelPtr("level", "control", "rw")
    assert isinstance(pointer, np.ndarray)
    started.setControlChannel("level", 3.0)
    assert pointer[0] == 3.0


def test_thousands_of_events_are_all_taken(started: Csound) -> None:
    for _ in range(3000):
        started.eventString("i 99.5 1000 1")
    assert not started.performKsmps()


def test_what_was_told_is_there_before_another_object_begins(daemon: Daemon, cs: Csound) -> None:
    assert cs.compileOrc(ORCHESTRA) == 0
    cs.setControlChannel("made", 1.0)
    with Csound(url=daemon.url, attach=True) as other:
        assert other.controlChannel("made")[0] == 1.0


def test_the_time_is_that_of_the_last_cycle_whatever_is_told_between(started: Csound) -> None:
    for cycle in range(1, 6):
        started.performKsmps()
        for _ in range(3):
            started.event("f", [9, 0, 8, 2, 0])
            assert started.currentTimeSamples() == cycle * 64
            assert started.scoreTime() == pytest.approx(cycle * 64 / 48000)
    started.reset()
    assert started.currentTimeSamples() == 0


def test_the_time_is_asked_for_once_a_cycle(started: Csound, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    send = started.link.remote.send

    def sent(calls: Sequence[Call]) -> list[object]:
        asked.extend(call.method for call in calls)
        return send(calls)

    monkeypatch.setattr(started.link.remote, "send", sent)
    for _ in range(10):
        started.event("f", [9, 0, 8, 2, 0])
        started.currentTimeSamples()
    assert asked == ["csound.currentTimeSamples"]


def test_the_time_is_new_after_a_performance(started: Csound) -> None:
    assert started.currentTimeSamples() == 0
    started.setEndMarker(0.3)
    assert started.perform() > 0
    assert started.currentTimeSamples() >= 14400


def test_a_thread_is_answered_while_another_steps_without_a_pause(started: Csound) -> None:
    over = threading.Event()
    read: list[float] = []

    def other() -> None:
        for number in range(20):
            started.setControlChannel("other", number)
            read.append(started.controlChannel("other")[0])
        over.set()

    thread = threading.Thread(target=other)
    thread.start()
    end = monotonic() + PATIENCE
    while not over.is_set() and monotonic() < end:
        assert started.performKsmps() is False
    thread.join(PATIENCE)
    assert read == [float(number) for number in range(20)]
