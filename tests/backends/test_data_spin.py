"""Audio from clients: pushed to ``spin``, copied into each cycle, silence where it runs dry."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest

from csoundd.engine.client.engine import Engine
from csoundd.errors import InvalidParams, LimitExceeded, WrongState
from tests.backends.engines import EngineIn
from tests.engine.listening import Heard, do

CYCLE = 64
THROUGH = """
sr = 48000
ksmps = 64
nchnls = 2
nchnls_i = 2
0dbfs = 1
instr 1
  aleft, aright ins
  outs aleft * 2, aright
endin
schedule(1, 0, -1)
"""


async def prepared(engine: Engine) -> None:
    assert await do(engine, "csound.compileOrc", THROUGH, True) == 0
    assert await do(engine, "csound.start") == 0


async def push(engine: Engine, frames: object) -> int:
    return cast("int", (await engine.push("spin", frames))["accepted"])


async def buffer(engine: Engine, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(await do(engine, f"csound.{name}")).reshape(CYCLE, 2)


def ramp(frames: int) -> npt.NDArray[np.float64]:
    """Every sample another."""
    return np.arange(2.0 * frames).reshape(frames, 2) / 1000


async def test_who_pushes_audio_is_told_how_much_of_it_waits(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        assert await engine.push("spin", ramp(100)) == {"accepted": 100, "queued": 100}
        await do(engine, "csound.performKsmps")
        assert await engine.push("spin", ramp(10)) == {"accepted": 10, "queued": 110 - CYCLE}


async def test_the_orchestra_hears_what_was_pushed_frame_by_frame(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        given = ramp(4 * CYCLE)
        assert [await push(engine, given[:100]), await push(engine, given[100:])] == [100, 156]
        for cycle in range(4):
            await do(engine, "csound.performKsmps")
            part = given[cycle * CYCLE : (cycle + 1) * CYCLE]
            assert np.array_equal(await buffer(engine, "spin"), part)
            assert np.array_equal(await buffer(engine, "spout"), part * [2, 1])


async def test_when_it_runs_dry_there_is_silence(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        await push(engine, ramp(80) + 1)
        for _ in range(2):
            await do(engine, "csound.performKsmps")
        spout = await buffer(engine, "spout")
        assert np.all(spout[:16] > 0)
        assert not spout[16:].any()


async def test_it_is_counted_how_often_it_ran_dry(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        for frames in (CYCLE, CYCLE // 2):
            await push(engine, ramp(frames))
            for _ in range(3):
                await do(engine, "csound.performKsmps")
        assert await do(engine, "host.underruns") == 2


async def test_a_performance_that_plays_by_itself_is_fed(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "clock") as engine:
        await prepared(engine)
        heard = Heard(engine)
        await push(engine, np.full((24_000, 2), 0.25))
        await do(engine, "thread.play")
        sound = await heard.audio(4096)
        assert np.all(sound[CYCLE:] == [0.5, 0.25])


@pytest.mark.parametrize("frames", [[[1.0, 2.0, 3.0]], [[[1.0]]], "audio"], ids=["three", "deep", "text"])
async def test_what_is_no_audio_for_this_engine_is_refused(engine_in: EngineIn, tmp_path: Path, frames: object) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        with pytest.raises(InvalidParams):
            await push(engine, frames)


async def test_more_than_may_wait_is_refused(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        with pytest.raises(LimitExceeded):
            await push(engine, np.zeros((48_000 * 5, 2)))


async def test_before_the_start_there_is_no_spin(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        with pytest.raises(WrongState):
            await push(engine, ramp(1))


async def test_a_copy_stays_what_it_was(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        await push(engine, ramp(CYCLE))
        await do(engine, "csound.performKsmps")
        before = await buffer(engine, "spout")
        copy = before.copy()
        await do(engine, "csound.performKsmps")
        assert np.array_equal(before, copy)
        assert not (await buffer(engine, "spout")).any()
