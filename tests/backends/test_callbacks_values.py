"""``invalue`` is fed by clients, ``outvalue`` tells them."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from csoundd.errors import InvalidParams
from csoundd.messages import StateChanged
from tests.backends.pushing import Staged
from tests.engine.listening import Heard, do, spectral_peak

ASKING = """
instr 1
  kfreq invalue "freq"
  Stitle invalue "title"
  chnset kfreq, "heard"
  chnset Stitle, "read"
endin
schedule(1, 0, -1)
"""
SOUNDING = """
instr 1
  kfreq invalue "freq"
  asig oscili 0.3, kfreq
  outs asig, asig
endin
schedule(1, 0, -1)
"""
SAYING = """
instr 1
  kcount init 0
  kcount += 1
  outvalue "still", 5
  outvalue "count", kcount
  outvalue "name", "Étude"
endin
schedule(1, 0, -1)
"""
BANG = """
instr 1
  outvalue "bang", 1
endin
"""


async def test_invalue_reads_what_a_client_pushed(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(ASKING)
        assert await stage.push("invalue", {"freq": 440, "title": "Étude"}) == 2
        await stage.step(2)
        assert (await stage.channel("heard"), await stage.text("read")) == (440.0, "Étude")


async def test_without_a_value_invalue_reads_nothing(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(ASKING)
        await stage.push("invalue", {"title": 3})
        await stage.step(2)
        assert (await stage.channel("heard"), await stage.text("read")) == (0.0, "")


async def test_invalue_of_one_client_changes_the_sound(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path, "clock") as stage:
        await stage.push("invalue", {"freq": 700})
        await do(stage.engine, "csound.compileOrc", "sr = 48000\nksmps = 64\nnchnls = 2\n0dbfs = 1\n" + SOUNDING, True)
        await do(stage.engine, "thread.play")
        heard = Heard(stage.engine)
        assert spectral_peak(await heard.audio(16384)) == pytest.approx(700, abs=5)
        await stage.push("invalue", {"freq": 1500})
        await heard.audio(4096)
        assert spectral_peak(await heard.audio(16384)) == pytest.approx(1500, abs=5)


async def test_a_value_that_is_too_old_gives_way_to_the_default(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(ASKING)
        reader = await stage.hear("invalue")
        await stage.push("invalue", {"values": {"freq": 440}, "default": 100, "maxAge": 1e-9})
        await stage.step(2)
        assert await stage.channel("heard") == 100.0
        await reader.until(lambda: any(data["stale"] for data in reader.data))
        assert [data["name"] for data in reader.data if data["stale"]] == ["freq"]


async def test_a_name_that_is_asked_for_is_told_once(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("invalue")
        await stage.play(ASKING)
        await stage.step(5)
        await reader.until(lambda: len(reader.frames) >= 2)
        await stage.step(5)
        assert reader.data == [
            {"name": "freq", "kind": "k", "stale": False},
            {"name": "title", "kind": "S", "stale": False},
        ]


async def test_names_are_told_to_those_who_come_later(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(ASKING)
        await stage.step(2)
        first = await stage.hear("invalue")
        await first.until(lambda: len(first.frames) == 2)
        second = await stage.hear("invalue")
        assert second.data == first.data


async def test_a_text_fills_an_invalue_to_its_end_and_no_further(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(ASKING)
        await stage.push("invalue", {"title": "x" * 255})
        await stage.step(2)
        assert await stage.text("read") == "x" * 255
        with pytest.raises(InvalidParams):
            await stage.push("invalue", {"title": "x" * 256})


async def test_pushed_values_are_there_after_a_reset_and_in_the_next_engine(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.push("invalue", {"freq": 440})
        await stage.play(ASKING)
        await do(stage.engine, "csound.reset")
        await stage.play(ASKING)
        await stage.step(2)
        assert await stage.channel("heard") == 440.0
        heard = Heard(stage.engine)
        os.kill(cast("int", stage.engine.info().pid), signal.SIGKILL)
        await heard.until(lambda: [e for e in heard.of(StateChanged) if e.event == "restored"])
        await do(stage.engine, "csound.setControlChannel", "heard", 0.0)
        await stage.step(2)
        assert await stage.channel("heard") == 440.0


async def test_outvalue_tells_numbers_and_texts_by_their_type(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("outvalue")
        await stage.play(SAYING)
        await stage.step(1)
        await reader.until(lambda: len(reader.frames) >= 3)
        assert {data["name"]: data["value"] for data in reader.data} == {"still": 5.0, "count": 1.0, "name": "Étude"}


async def test_outvalue_is_told_when_it_changes_and_not_in_every_cycle(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("outvalue")
        await stage.play(SAYING)
        await stage.step(4)
        await reader.until(lambda: any(data == {"name": "count", "value": 4.0} for data in reader.data))
        said = [data["value"] for data in reader.data if data["name"] == "still"]
        counted = [data["value"] for data in reader.data if data["name"] == "count"]
        assert said == [5.0]
        assert counted == [0.0, 1.0, 2.0, 3.0, 4.0]


async def test_a_note_that_says_what_the_last_one_said_is_told_again(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("outvalue")
        await stage.play(BANG)
        for _ in range(3):
            await do(stage.engine, "csound.scoreEvent", "i", np.array([1.0, 0.0, 0.001]))
            await stage.step(5)
        await reader.until(lambda: len(reader.frames) >= 3)
        assert reader.data == [{"name": "bang", "value": 1.0}] * 3


async def test_outvalue_has_the_sample_of_its_cycle(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("outvalue")
        await stage.play(SAYING)
        await stage.step(4)
        await reader.until(lambda: any(data == {"name": "count", "value": 4.0} for data in reader.data))
        samples = {frame.data["value"]: frame.sample for frame in reader.frames if frame.data["name"] == "count"}  # type: ignore[index]
        assert samples == {0.0: 0, 1.0: 0, 2.0: 64, 3.0: 128, 4.0: 192}


async def test_outvalue_is_heard_after_a_reset(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("outvalue")
        await stage.play(SAYING)
        await do(stage.engine, "csound.reset")
        reader.frames.clear()
        await stage.play(SAYING)
        await stage.step(1)
        await reader.until(lambda: len(reader.frames) >= 3)
