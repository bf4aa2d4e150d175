"""Opcodes whose inputs clients hear and whose outputs clients feed."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import cast

import pytest

from csoundd.errors import InvalidParams
from csoundd.messages import StateChanged
from tests.backends.pushing import Staged
from tests.engine.listening import Heard, do

USING = """
instr 1
  kout, Sout shaper 7, "up"
  chnset kout, "number"
  chnset Sout, "text"
endin
schedule(1, 0, -1)
"""


async def test_a_remote_opcode_hears_its_inputs_and_gives_what_is_pushed(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("outvalue")
        await do(stage.engine, "opcode.define", "shaper", "kS", "kS")
        await stage.push("invalue", {"shaper.out.1": 0.25, "shaper.out.2": "fed"})
        await stage.play(USING)
        for _ in range(3):
            await do(stage.engine, "csound.performKsmps")
        await reader.until(lambda: len(reader.data) > 1)
        assert {entry["name"]: entry["value"] for entry in reader.data} == {"shaper.in.1": 7, "shaper.in.2": "up"}
        assert await do(stage.engine, "csound.controlChannel", "number") == [0.25, 0]
        assert await do(stage.engine, "csound.stringChannel", "text") == "fed"


async def test_a_remote_opcode_is_there_after_a_crash(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await do(stage.engine, "opcode.define", "shaper", "kS", "kS")
        heard = Heard(stage.engine)
        os.kill(cast("int", stage.engine.info().pid), signal.SIGKILL)
        await heard.until(lambda: [event for event in heard.of(StateChanged) if event.event == "restored"])
        await stage.play(USING)


@pytest.mark.parametrize(("name", "outputs", "inputs"), [("two words", "k", "k"), ("a", "x", "k"), ("a", "k", "k" * 9)])
async def test_what_no_opcode_can_be_is_refused(
    staged: Staged, tmp_path: Path, name: str, outputs: str, inputs: str
) -> None:
    async with staged(tmp_path) as stage:
        with pytest.raises(InvalidParams):
            await do(stage.engine, "opcode.define", name, outputs, inputs)
