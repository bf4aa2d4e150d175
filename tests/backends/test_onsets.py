"""With --sample-accurate a scheduled note begins at its sample, without it at a cycle edge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from csoundd.engine.client.engine import Engine
from csoundd.messages import At, AudioBlock
from tests.backends.engines import EngineIn
from tests.engine.listening import Heard, at_sample, do, outcome_of

CLICK = """
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1
instr 1
  out a(1)
endin
"""
NOTE: list[object] = ["i", [1, 0.0, 0.02], True]


async def onset(engine: Engine, method: str, args: list[object], at: At) -> int:
    """The sample at which the sound begins that a call makes at its time."""
    heard = Heard(engine)
    engine.capture(True)
    await outcome_of(engine, method, *args, at=at)
    await heard.until(lambda: any(np.any(event.frames) for event in heard.of(AudioBlock)))
    first = next(event for event in heard.of(AudioBlock) if np.any(event.frames))
    await heard.until(lambda: not np.any(heard.of(AudioBlock)[-1].frames))
    return int(first.sample) + int(np.flatnonzero(first.frames[:, 0])[0])


@pytest.mark.parametrize(
    ("method", "args", "frames", "lands"),
    [
        pytest.param("csound.event", NOTE, 20, 20, id="event"),
        pytest.param("csound.event", NOTE, 32, 32, id="event in the middle"),
        pytest.param("csound.event", NOTE, 63, 63, id="event late in the cycle"),
        pytest.param("csound.inputMessage", ["i 1 0 0.02"], 20, 20, id="line"),
        pytest.param(
            "csound.eventString", ["; i 1 9 1\n/*\ni 1 0 9\n*/ i1 0 [1/100] ; on\ni . + .", True], 20, 20, id="lines"
        ),
        pytest.param("engine.batch", [[("csound.event", NOTE)]], 37, 37, id="batch"),
        pytest.param("csound.event", ["i", [1, 37 / 48000, 0.02], True], 5, 42, id="with a start of its own"),
    ],
)
async def test_a_note_begins_at_its_sample(
    engine_in: EngineIn, tmp_path: Path, method: str, args: list[Any], frames: int, lands: int
) -> None:
    async with engine_in(tmp_path, options=("--sample-accurate",)) as engine:
        await do(engine, "csound.compileOrc", CLICK, True)
        await do(engine, "thread.play")
        edge = (engine.sample() + 24000) // 64 * 64

        assert await onset(engine, method, args, at_sample(edge + frames)) == edge + lands


async def test_without_the_option_it_begins_at_the_cycle_edge(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", CLICK, True)
        await do(engine, "thread.play")
        wanted = (engine.sample() + 24000) // 64 * 64

        assert await onset(engine, "csound.event", NOTE, at_sample(wanted + 37)) == wanted


async def test_a_time_on_the_clock_is_kept_to_the_sample(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, options=("--sample-accurate",)) as engine:
        await do(engine, "csound.compileOrc", CLICK, True)
        await do(engine, "thread.play")
        begins = [await onset(engine, "csound.event", NOTE, At("delay", delay)) for delay in (0.2, 0.2004)]

        assert any(sample % 64 for sample in begins)
