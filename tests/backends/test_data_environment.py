"""Csound's environment: variables that hold for the engines that follow."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import cast

import pytest

from csoundd.engine.client.engine import Engine
from csoundd.errors import Forbidden
from tests.backends.engines import EngineIn
from tests.backends.sounds import a_sound_in
from tests.engine.listening import Heard, do


async def again(engine: Engine, how: str) -> None:
    """Another host in the place of this one."""
    heard = Heard(engine)
    if how == "restart":
        await engine.restart([], "")
    else:
        os.kill(cast("int", engine.info().pid), signal.SIGKILL)
        await heard.until(lambda: "ready" in heard.states())


@pytest.mark.parametrize("how", ["restart", "crash"])
async def test_a_variable_holds_for_the_engines_that_follow(engine_in: EngineIn, tmp_path: Path, how: str) -> None:
    (tmp_path / "samples").mkdir()
    async with engine_in(tmp_path, "step") as engine:
        before = await do(engine, "csound.env", "SSDIR")
        assert await do(engine, "csound.setGlobalEnv", "SSDIR", "samples") == 0
        assert await do(engine, "csound.env", "SSDIR") == before
        await again(engine, how)
        assert await do(engine, "csound.env", "SSDIR") == "samples"
        assert await do(engine, "csound.setGlobalEnv", "SSDIR", None) == 0
        await again(engine, how)
        assert await do(engine, "csound.env", "SSDIR") is None


async def test_an_orchestra_finds_its_files_by_the_variable(engine_in: EngineIn, tmp_path: Path) -> None:
    (tmp_path / "samples").mkdir()
    a_sound_in(tmp_path / "samples")
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "csound.setGlobalEnv", "SSDIR", "samples")
        await again(engine, "restart")
        await do(engine, "csound.compileOrc", 'gilength filelen "take.wav"\nchnset gilength, "length"', True)
        await do(engine, "csound.start")
        assert await do(engine, "csound.controlChannel", "length") == [0.1, 0]


@pytest.mark.parametrize(("name", "value"), [("PATH", "bin"), ("SSDIR", "/etc"), ("SADIR", "a;../..")])
async def test_a_variable_that_may_not_be_set_is_refused(
    engine_in: EngineIn, tmp_path: Path, name: str, value: str
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        with pytest.raises(Forbidden):
            await do(engine, "csound.setGlobalEnv", name, value)


async def test_a_variable_set_in_a_list_of_calls_holds_too(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "engine.batch", [("csound.setGlobalEnv", ["SFOUTYP", "AIFF"])])
        await again(engine, "restart")
        assert await do(engine, "csound.env", "SFOUTYP") == "AIFF"
