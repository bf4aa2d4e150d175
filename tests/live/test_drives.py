"""The drives: each paces the performance in its own way."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from tests.backends.engines import needs_native
from tests.live.conftest import played
from tests.live.daemon import serving
from tests.live.foreign import connected, gaps, spectral_peak
from tests.live.pieces import HEADER, TONE, csd

WRONG_STATE = -32003
SCORED = csd(HEADER + "instr 1\n outs oscili(0.3, 440), oscili(0.3, 440)\nendin\n", "i1 0 30\ne")


async def test_step_performs_a_cycle_each_time_it_is_asked(tmp_path: Path) -> None:
    with serving(tmp_path, "--drive", "step") as daemon:
        async with connected(daemon.url) as client:
            await client.call("csound.compileOrc", TONE)
            await client.call("csound.setControlChannel", "freq", 750.0)
            assert (await client.call("csound.start")) == 0
            spout = await client.subscribe("spout", block=64)
            for _ in range(128):
                assert await client.call("csound.performKsmps") is False
            assert (await client.call("engine.sync"))["sample"] == 128 * 64
            await client.until(lambda: len(client.frames[spout]) == 128)
            sound = np.concatenate([frame.data for frame in client.frames[spout]])
            assert gaps(client.frames[spout]) == []
            assert spectral_peak(sound) == pytest.approx(750, abs=6)
            assert (await client.refusal("thread.play")).code == WRONG_STATE


async def test_step_says_when_the_score_is_over(tmp_path: Path) -> None:
    (tmp_path / "short.csd").write_text(csd(HEADER + "instr 1\nendin", "i1 0 0.02\ne"))
    with serving(tmp_path, "short.csd", "--drive", "step") as daemon:
        async with connected(daemon.url) as client:
            cycles = 0
            while not await client.call("csound.performKsmps"):
                cycles += 1
            assert cycles in range(14, 18)
            assert (await client.call("engine.info"))["state"] == "ended"


async def test_free_performs_a_piece_and_numbers_what_a_client_is_too_slow_for(tmp_path: Path) -> None:
    (tmp_path / "scored.csd").write_text(SCORED)
    with serving(tmp_path, "--drive", "free") as daemon:
        async with connected(daemon.url) as client:
            assert await client.call("csound.compileCsd", "scored.csd") == 0
            assert await client.call("csound.start") == 0
            spout = await client.subscribe("spout", block=64)
            begun = time.monotonic()
            assert (await client.ask("csound.perform", deadline=60))["result"] in {0, 1, 2}
            taken = time.monotonic() - begun
            samples = (await client.call("engine.sync"))["sample"]
            await client.until(lambda: client.frames[spout][-1].sample == samples - 64)
            frames = client.frames[spout]
            assert samples == pytest.approx(30 * 48000, abs=64)
            assert frames[0].sample == 0
            assert [frame.sample for frame in frames] == [64 * (frame.seq - 1) for frame in frames]
            assert frames[-1].seq == samples / 64
            assert taken < 30


async def test_free_delivers_every_sample_whatever_the_block(tmp_path: Path) -> None:
    (tmp_path / "short.csd").write_text(
        csd(HEADER + "instr 1\n outs oscili(0.3, 440), oscili(0.3, 440)\nendin\n", "i1 0 1\ne")
    )
    with serving(tmp_path, "--drive", "free") as daemon:
        async with connected(daemon.url) as client:
            assert await client.call("csound.compileCsd", "short.csd") == 0
            assert await client.call("csound.start") == 0
            spout = await client.subscribe("spout", block=4096)
            assert (await client.ask("csound.perform", deadline=60))["result"] in {0, 1, 2}
            samples = (await client.call("engine.sync"))["sample"]
            frames = client.frames[spout]
            await client.until(lambda: frames[-1].sample + len(frames[-1].data) >= samples)
            assert sum(len(frame.data) for frame in frames) == samples
            assert gaps(frames) == []


async def test_free_plays_on_the_performance_thread_too(tmp_path: Path) -> None:
    (tmp_path / "scored.csd").write_text(SCORED)
    with serving(tmp_path, "scored.csd", "--drive", "free") as daemon:
        async with connected(daemon.url) as client:
            assert await client.call("thread.join") is not None
            assert (await client.call("engine.info"))["state"] == "ended"


@needs_native
async def test_a_device_paces_the_performance(tmp_path: Path) -> None:
    options = ("--option", "-+rtaudio=null", "--option", "-odac")
    with serving(tmp_path, "--drive", "device", *options) as daemon:
        async with connected(daemon.url) as client:
            await played(client, 620)
            spout = await client.subscribe("spout")
            await client.hears(spout, 620)
            begin, begun = client.frames[spout][-1].sample, time.monotonic()
            await client.until(lambda: client.frames[spout][-1].sample >= begin + 96_000)
            assert time.monotonic() - begun > 1.0
            assert gaps(client.frames[spout]) == []
            assert await client.call("csound.controlChannel", "freq") == [620.0, 0]


async def test_a_clock_paces_the_performance(tmp_path: Path) -> None:
    with serving(tmp_path) as daemon:
        async with connected(daemon.url) as client:
            await played(client)
            spout = await client.subscribe("spout")
            await client.until(lambda: client.frames[spout])
            begin, begun = client.frames[spout][-1].sample, time.monotonic()
            await client.until(lambda: client.frames[spout][-1].sample >= begin + 96_000)
            assert time.monotonic() - begun > 1.0


@pytest.mark.parametrize("drive", ["clock", "free", "step"])
async def test_a_file_that_a_csd_names_is_written_where_nobody_listens_live(tmp_path: Path, drive: str) -> None:
    options = "<CsOptions>\n-o elsewhere.wav\n</CsOptions>\n"
    piece = SCORED.replace("<CsInstruments>", options + "<CsInstruments>")
    (tmp_path / "piece.csd").write_text(piece)
    with serving(tmp_path, "piece.csd", "--drive", drive) as daemon:
        async with connected(daemon.url) as client:
            messages = await client.subscribe("messages", since=0)
            frames = await client.until(
                lambda: [f for f in client.frames[messages] if "elsewhere.wav" in f.data["text"]]
            )
            assert (frames[0].data["level"] == "warning") == (drive == "clock")
    assert (tmp_path / "elsewhere.wav").exists() == (drive != "clock")
