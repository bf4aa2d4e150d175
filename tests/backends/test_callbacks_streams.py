"""Streams of what the engine holds, and audio that clients push into it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from csoundd.errors import InvalidParams, NotFound, Unsupported, WrongState
from tests.backends.pushing import Staged
from tests.engine.listening import PATIENCE, do

ANALYSED = """
instr 1
  asig oscili 0.5, 3000
  fsig pvsanal asig, 256, 64, 256, 1
  pvsout fsig, 2
endin
schedule(1, 0, -1)
"""
THROUGH = """
nchnls_i = 1
instr 1
  asig inch 1
  out asig
endin
schedule(1, 0, -1)
"""


async def test_a_spectral_channel_is_streamed(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(ANALYSED)
        await stage.step(20)
        reader = await stage.hear("pvs", name="2", rate=1000)
        # Reading rests after each frame, so how many cycles it takes is not known.
        async with asyncio.timeout(PATIENCE):
            while len(reader.frames) < 2:
                await stage.step(20)
        frame = reader.data[-1]
        assert (frame.shape, frame.dtype) == ((258,), np.float32)
        assert frame[0::2].argmax() == 3000 / (48000 / 256)


async def test_a_channel_that_is_not_there_is_not_found(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        with pytest.raises(NotFound):
            await stage.hear("pvs", name="never made")


async def test_array_channels_need_an_engine_that_has_them(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        with pytest.raises(NotFound if stage.engine.hello.version >= 7000 else Unsupported):
            await stage.hear("array", name="never made")


async def test_pushed_audio_is_heard(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(THROUGH)
        ramp = np.arange(128) / 128
        assert await stage.push("spin", ramp) == 128
        sounded = []
        for _ in range(3):
            await stage.step(1)
            sounded.append(np.asarray(await do(stage.engine, "csound.spout")))
        np.testing.assert_allclose(np.concatenate(sounded), np.concatenate((ramp, np.zeros(64))))


async def test_audio_of_another_shape_is_refused(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(THROUGH)
        with pytest.raises(InvalidParams):
            await stage.push("spin", np.zeros((64, 2)))


async def test_before_the_start_there_is_nothing_to_push_audio_to(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        with pytest.raises(WrongState):
            await stage.push("spin", [0.0])
