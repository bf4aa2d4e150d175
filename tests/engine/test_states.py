"""The states that an engine goes through are those of the table, one after another as it says."""

from __future__ import annotations

import os
import signal
from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest

from csoundd.messages import StateChanged
from csoundd.states import ANY, LIVE, STATES, STOPPED, may_follow
from tests.engine.listening import TONE, Heard, do, engine_in


def test_the_states_of_methods_are_those_of_the_table() -> None:
    assert LIVE == ("ready", "playing", "paused", "ended")
    assert STOPPED == ("ready", "paused", "ended")
    assert ("offline", "starting", *LIVE, "failed") == ANY


@pytest.mark.parametrize("state", ANY)
def test_an_engine_can_come_to_every_state_and_leave_it(state: str) -> None:
    assert any(state in allowed.next for allowed in STATES.values())
    assert STATES[state].next <= STATES.keys()  # type: ignore[index]


def test_what_is_over_does_not_play_on() -> None:
    assert not may_follow("playing", "ended")
    assert not may_follow("playing", "failed")
    assert not may_follow("playing", "offline")


async def test_an_engine_goes_from_state_to_state_as_the_table_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with engine_in(tmp_path) as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "thread.play")
        await do(engine, "thread.pause")
        await do(engine, "thread.play")
        await heard.until(lambda: heard.states()[-1:] == ["playing"])
        os.kill(cast("int", engine.info().pid), signal.SIGKILL)
        await heard.until(lambda: "offline" in heard.states() and heard.states()[-1] == "playing")
        await do(engine, "csound.setEndMarker", 0.01)
        await heard.until(lambda: heard.states()[-1] == "ended")
        await do(engine, "csound.rewindScore")
        await do(engine, "csound.reset")
        await engine.restart([], "")
    changes = [event.state for event in heard.of(StateChanged)]
    assert changes[-1] == "offline"
    assert {"playing", "paused", "ended", "ready", "starting"} <= set(changes)
    assert [pair for pair in pairwise(changes) if not may_follow(pair[1], pair[0])] == []
    assert "a fault in csoundd itself" not in caplog.text
