"""Graphs arrive with their data."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.backends.pushing import Staged
from tests.engine.listening import do

SHOWN = """
instr 1
  asig oscili 0.5, 750
  display asig, 0.01
  dispfft asig, 0.01, 256
endin
schedule(1, 0, -1)
"""
TABLE = "gitab ftgen 1, 0, 8, -2, 0, 1, 2, 3, 4, 5, 6, 7\n"


async def test_display_draws_the_signal(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("graphs")
        await stage.play(SHOWN)
        await stage.step(10)
        await reader.until(lambda: any(d["event"] == "draw" and "signal asig:" in d["caption"] for d in reader.data))
        made, drawn = (next(d for d in reader.data if d["event"] == e and d["npts"] == 480) for e in ("make", "draw"))
        assert made == {"event": "make", "id": drawn["id"], "caption": "instr 1, signal asig:", "npts": 480}
        np.testing.assert_allclose(drawn["data"], 0.5 * np.sin(np.arange(480) / 64 * 2 * np.pi), atol=1e-3)
        assert (drawn["min"], drawn["max"]) == (drawn["data"].min(), drawn["data"].max())
        assert (drawn["polarity"], drawn["absmax"]) == (3, np.abs(drawn["data"]).max())


async def test_dispfft_draws_the_spectrum(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("graphs")
        await stage.play(SHOWN)
        await stage.step(10)
        await reader.until(lambda: any(d["event"] == "draw" and "fft" in d["caption"] for d in reader.data))
        drawn = next(d for d in reader.data if d["event"] == "draw" and "fft" in d["caption"])
        assert (drawn["npts"], drawn["data"].shape) == (128, (128,))
        assert drawn["data"].argmax() == 750 / (48000 / 256)


async def test_a_new_table_is_drawn(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("graphs")
        await stage.play(TABLE)
        await reader.until(lambda: len(reader.frames) >= 2)
        assert [data["event"] for data in reader.data] == ["make", "draw"]
        np.testing.assert_array_equal(reader.data[1]["data"], np.arange(8.0))


async def test_graphs_end_with_what_drew_them(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("graphs")
        await stage.play(TABLE)
        await do(stage.engine, "csound.reset")
        await reader.until(lambda: any(data["event"] == "exit" for data in reader.data))
        assert reader.data[2:] == [{"event": "kill", "id": reader.data[0]["id"]}, {"event": "exit"}]


async def test_graphs_are_drawn_after_a_reset(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(TABLE)
        await do(stage.engine, "csound.reset")
        reader = await stage.hear("graphs")
        await stage.play(TABLE)
        await reader.until(lambda: any(data["event"] == "draw" for data in reader.data))


async def test_where_nobody_draws_csound_prints(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        assert await do(stage.engine, "csound.setIsGraphable", False) is True
        assert await do(stage.engine, "csound.setIsGraphable", True) is False
