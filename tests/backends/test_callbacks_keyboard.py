"""``sensekey`` reads the keys that clients press, and nothing of the daemon's own terminal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from csoundd.errors import InvalidParams
from csoundd.limits import WAITING_KEYS
from tests.backends.pushing import Stage, Staged
from tests.engine.listening import do

TYPED = """
instr 1
  kkey sensekey
  if kkey > 0 then
    kread chnget "read"
    chnset kread * 1000 + kkey, "read"
  endif
endin
schedule(1, 0, -1)
"""
MOVED = """
instr 1
  kkey, kdown sensekey
  if kkey > 0 then
    kread chnget "read"
    chnset kread * 10000 + kdown * 1000 + kkey, "read"
  endif
endin
schedule(1, 0, -1)
"""


async def read(stage: Stage) -> object:
    await stage.step(8)
    return await stage.channel("read")


@pytest.mark.parametrize("key", ["a", "abc", 97])
async def test_sensekey_reads_a_key_that_is_pressed(staged: Staged, tmp_path: Path, key: str | int) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(TYPED)
        assert await do(stage.engine, "csound.keyPress", key) is None
        assert await read(stage) == 97.0


async def test_sensekey_reads_pushed_text_one_key_at_a_time(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(TYPED)
        assert await stage.push("keyboard", "abc") == 3
        assert await read(stage) == 97098099.0


async def test_sensekey_with_two_outputs_reads_keys_going_down_and_up(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(MOVED)
        await stage.push("keyboard", [{"code": 97, "up": False}, {"key": "a", "up": True}])
        assert await read(stage) == 10970097.0


async def test_a_typed_key_goes_down_and_up_again(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(MOVED)
        await do(stage.engine, "csound.keyPress", "b")
        assert await read(stage) == 10980098.0


async def test_keys_are_told_to_everybody(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("keyboard")
        await stage.push("keyboard", {"code": 233, "up": True})
        await do(stage.engine, "csound.keyPress", "a")
        await reader.until(lambda: len(reader.frames) >= 2)
        assert reader.data == [{"key": "é", "code": 233, "up": True}, {"key": "a", "code": 97, "up": False}]


async def test_sensekey_reads_keys_after_a_reset_once_each(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(TYPED)
        await do(stage.engine, "csound.reset")
        await stage.play(TYPED)
        await stage.push("keyboard", "ab")
        assert await read(stage) == 97098.0


async def test_of_keys_that_nobody_reads_the_last_are_kept(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.push("keyboard", "x" * WAITING_KEYS + "b")
        await stage.push("keyboard", "y" * (WAITING_KEYS - 1))
        await stage.play(TYPED)
        await stage.step(1)
        assert await stage.channel("read") == 98.0


@pytest.mark.parametrize("key", ["", 0, 70_000, "🎹"])
async def test_what_is_no_key_is_refused(staged: Staged, tmp_path: Path, key: str | int) -> None:
    async with staged(tmp_path) as stage:
        with pytest.raises(InvalidParams):
            await do(stage.engine, "csound.keyPress", key)


async def test_sensekey_waits_for_nobody(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path, "free") as stage:
        await stage.play(TYPED)
        await do(stage.engine, "csound.scoreEvent", "e", np.array([0.0, 1.0]))
        assert await do(stage.engine, "csound.perform") == 1
