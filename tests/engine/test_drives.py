"""Another drive for an engine that keeps what it has."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import cast

import pytest

from csoundd.errors import WrongState
from csoundd.messages import StateChanged
from tests.engine.listening import TONE, Heard, do, engine_in


async def test_what_was_stepped_plays_on_in_another_drive(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "csound.performKsmps")
        await engine.pace("clock")
        await do(engine, "thread.play")
        assert [(event.event, event.state) for event in heard.of(StateChanged)] == [
            ("state", "playing"),
            ("state", "paused"),
            ("drive", "paused"),
            ("state", "playing"),
        ]


async def test_what_was_compiled_under_a_clock_is_stepped(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "thread.play")
        await do(engine, "thread.pause")
        await engine.pace("step")
        before = await do(engine, "csound.currentTimeSamples")
        await do(engine, "csound.performKsmps")
        assert isinstance(before, int)
        assert await do(engine, "csound.currentTimeSamples") == before + 64


async def test_a_performance_that_runs_keeps_its_drive(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "thread.play")
        with pytest.raises(WrongState):
            await engine.pace("step")
        assert engine.info().drive == "clock"


async def test_a_device_is_there_from_the_start_or_never(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        with pytest.raises(WrongState):
            await engine.pace("device")


async def test_the_next_host_has_the_drive_of_the_last(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await engine.pace("step")
        heard = Heard(engine)
        os.kill(cast("int", engine.info().pid), signal.SIGKILL)
        await heard.until(lambda: [event for event in heard.of(StateChanged) if event.state == "ready"])
        assert await do(engine, "csound.performKsmps") is False


async def test_no_drive_is_the_daemons_own(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await engine.pace("step")
        await engine.pace(None)
        assert engine.info().drive == "clock"


async def test_a_restart_may_name_a_drive(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await engine.restart([], "", "step")
        assert engine.info().drive == "step"


async def test_a_restart_is_in_the_daemons_own_drive(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await engine.pace("step")
        await engine.restart([], "")
        assert engine.info().drive == "clock"
