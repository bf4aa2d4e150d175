"""Recordings: exact to the sample, whole at every moment, inside the workspace."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from csoundd.engine.client.engine import Engine
from csoundd.errors import EngineError, Forbidden, NotFound, WrongState
from csoundd.messages import Frames, MessagePrinted, Outcome, StateChanged
from csoundd.wav import WavWriter
from tests.engine.listening import PATIENCE, TONE, Heard, at_sample, do, engine_in, outcome_of
from tests.waves import samples_of, spoken_of

COUNTER = """
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 32768
instr 1
  acount line 0, 1, 4800
  outs acount, -acount
endin
schedule(1, 0, -1)
"""
"""The n-th frame is n / 10, out of a full scale of 32768."""


@pytest.fixture
async def stepped(tmp_path: Path) -> AsyncIterator[Engine]:
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "csound.compileOrc", COUNTER, True)
        await do(engine, "csound.start")
        yield engine


async def step(engine: Engine, cycles: int = 1) -> None:
    for _ in range(cycles):
        await do(engine, "csound.performKsmps")


def landing(outcome: Outcome) -> Frames:
    assert outcome.error is None, outcome.error
    assert outcome.receipt is not None
    return outcome.receipt.sample


@pytest.mark.parametrize(("bits", "close"), [(16, 1 / 32767), (24, 1 / 8388607), (32, 1e-7)])
async def test_what_is_played_is_in_the_file(stepped: Engine, tmp_path: Path, bits: int, close: float) -> None:
    await step(stepped, 3)
    await do(stepped, "thread.record", "take.wav", bits, 4)
    await step(stepped, 5)
    await do(stepped, "thread.stopRecord")
    await step(stepped, 2)
    sr, frames = samples_of(tmp_path / "take.wav")
    expected = np.arange(3 * 64, 8 * 64) / 10 / 32768
    assert (sr, frames.shape) == (48000, (320, 2))
    assert np.abs(frames[:, 0] - expected).max() <= close
    assert np.abs(frames[:, 1] + expected).max() <= close


async def test_it_begins_and_ends_at_the_samples_of_the_receipts(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "clock") as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", COUNTER, True)
        await do(engine, "thread.play")
        begun = landing(await outcome_of(engine, "thread.record", "take.wav", 32, 4))
        await heard.audio(9600)
        ended = landing(await outcome_of(engine, "thread.stopRecord"))
    frames = samples_of(tmp_path / "take.wav")[1]
    assert len(frames) == ended - begun
    counted = np.rint(frames[:, 0] * 32768 * 10)
    assert np.abs(counted - np.arange(begun, ended)).max() <= 2


async def test_it_can_be_told_when_to_begin_and_end(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "clock") as engine:
        await do(engine, "csound.compileOrc", COUNTER, True)
        await do(engine, "thread.play")
        waiting = outcome_of(engine, "thread.record", "take.wav", 32, 4, at=at_sample(9600))
        assert landing(await waiting) == 9600
        assert landing(await outcome_of(engine, "thread.stopRecord", at=at_sample(19200))) == 19200
    frames = samples_of(tmp_path / "take.wav")[1]
    assert len(frames) == 9600
    assert frames[0, 0] == pytest.approx(9600 / 10 / 32768, abs=1e-6)


async def test_it_is_whole_while_it_goes_on(stepped: Engine, tmp_path: Path) -> None:
    await do(stepped, "thread.record", "take.wav", 24, 4)
    assert len(samples_of(tmp_path / "take.wav")[1]) == 0
    # The disk has a thread of its own: between two of its steps the header says less than there is, and never more.
    async with asyncio.timeout(PATIENCE):
        while spoken_of(tmp_path / "take.wav") < 64:
            await step(stepped)


async def test_it_is_whole_when_the_engine_is_closed(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "csound.compileOrc", COUNTER, True)
        await do(engine, "thread.record", "take.wav", 16, 4)
        await step(engine, 100)
    assert len(samples_of(tmp_path / "take.wav")[1]) == 6400


async def test_it_has_what_is_played_after_a_reset_that_somebody_listened_over(stepped: Engine, tmp_path: Path) -> None:
    await do(stepped, "thread.record", "before.wav", 24, 4)
    await step(stepped, 10)
    await do(stepped, "thread.stopRecord")
    await do(stepped, "csound.reset")
    # As any event, or another listener, has it done: what the last performance left in the ring is no part of the next.
    stepped.deliver_audio()
    await do(stepped, "csound.compileOrc", COUNTER, True)
    await do(stepped, "csound.start")
    await do(stepped, "thread.record", "after.wav", 24, 4)
    await step(stepped, 5)
    await do(stepped, "thread.stopRecord")
    assert len(samples_of(tmp_path / "after.wav")[1]) == 320


async def test_it_ends_with_the_performance(stepped: Engine, tmp_path: Path) -> None:
    await do(stepped, "thread.record", "take.wav", 16, 4)
    await step(stepped, 4)
    await do(stepped, "thread.stop")
    await do(stepped, "thread.stopRecord")
    assert len(samples_of(tmp_path / "take.wav")[1]) == 256


async def test_it_ends_with_a_reset(stepped: Engine, tmp_path: Path) -> None:
    await do(stepped, "thread.record", "take.wav", 16, 4)
    await step(stepped, 4)
    await do(stepped, "csound.reset")
    await do(stepped, "thread.stopRecord")
    assert len(samples_of(tmp_path / "take.wav")[1]) == 256
    await do(stepped, "thread.record", "other.wav", 16, 4)


def ends(heard: Heard) -> list[tuple[str | None, str | None]]:
    """The recordings that were told to be complete, each with what went wrong."""
    return [(event.recording, event.reason) for event in heard.of(StateChanged) if event.event == "recorded"]


@pytest.mark.parametrize("ending", ["thread.stopRecord", "thread.stop", "csound.reset"])
async def test_everybody_is_told_when_it_is_complete(stepped: Engine, tmp_path: Path, ending: str) -> None:
    heard = Heard(stepped)
    await do(stepped, "thread.record", "take.wav", 16, 4)
    await step(stepped, 4)
    await do(stepped, ending)
    await heard.until(lambda: ends(heard))
    assert ends(heard) == [("take.wav", None)]
    assert len(samples_of(tmp_path / "take.wav")[1]) == 256


async def test_a_full_disk_ends_it_and_whoever_stops_it_is_told(
    stepped: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = WavWriter.write

    def until_full(wav: WavWriter, frames: npt.NDArray[np.floating], sr: float, *, silence: int = 0) -> None:
        if wav.frames >= 128:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(wav, frames, sr, silence=silence)

    monkeypatch.setattr(WavWriter, "write", until_full)
    heard = Heard(stepped)
    await do(stepped, "thread.record", "take.wav", 16, 4)
    async with asyncio.timeout(PATIENCE):
        while not ends(heard):
            await step(stepped)
    reason = f"the recording take.wav ended early: {os.strerror(errno.ENOSPC)}"
    assert ends(heard) == [("take.wav", reason)]
    with pytest.raises(EngineError, match="ended early"):
        await do(stepped, "thread.stopRecord")
    assert await do(stepped, "thread.stopRecord") is None
    assert len(samples_of(tmp_path / "take.wav")[1]) == 128


async def test_one_recording_follows_another(stepped: Engine, tmp_path: Path) -> None:
    for name in ("one.wav", "two.wav"):
        await do(stepped, "thread.record", name, 32, 4)
        await step(stepped, 2)
        await do(stepped, "thread.stopRecord")
    both = np.concatenate([samples_of(tmp_path / name)[1] for name in ("one.wav", "two.wav")])
    assert np.abs(both[:, 0] - np.arange(256) / 10 / 32768).max() <= 1e-7


async def test_there_is_one_recording_at_a_time(stepped: Engine) -> None:
    await do(stepped, "thread.record", "one.wav", 16, 4)
    with pytest.raises(WrongState, match=r"one\.wav"):
        await do(stepped, "thread.record", "two.wav", 16, 4)


async def test_without_a_recording_there_is_nothing_to_stop(stepped: Engine) -> None:
    assert await do(stepped, "thread.stopRecord") is None


async def test_a_recording_of_nothing_can_be_played(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "thread.record", "take.wav", 16, 4)
        await do(engine, "thread.stopRecord")
    assert len(samples_of(tmp_path / "take.wav")[1]) == 0


@pytest.mark.parametrize("name", ["../take.wav", "/tmp/take.wav", "out/take.wav"])
async def test_it_stays_in_the_workspace(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path)
    async with engine_in(folder, "step") as engine:
        with pytest.raises(Forbidden):
            await do(engine, "thread.record", name, 16, 4)
    assert not (tmp_path / "take.wav").exists()


async def test_its_folder_has_to_be_there(stepped: Engine) -> None:
    with pytest.raises(NotFound):
        await do(stepped, "thread.record", "nowhere/take.wav", 16, 4)
    assert await do(stepped, "thread.stopRecord") is None


async def test_it_goes_on_after_a_crash(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "clock") as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "csound.setControlChannel", "freq", 440.0)
        await do(engine, "thread.play")
        await do(engine, "thread.record", "take.wav", 32, 4)
        await heard.audio(9600)
        pid = engine.info().pid
        assert isinstance(pid, int)
        os.kill(pid, signal.SIGKILL)
        await heard.until(lambda: "offline" in heard.states() and engine.state == "playing")
        await heard.audio(9600)
        await do(engine, "thread.stopRecord")
        told = [event.text for event in heard.of(MessagePrinted) if "take.wav" in event.text]
    frames = samples_of(tmp_path / "take.wav")[1]
    assert np.abs(frames[:4800]).max() > 0.25
    assert np.abs(frames[-4800:]).max() > 0.25
    loud = np.flatnonzero(np.abs(frames[:, 0]) > 0.25)
    assert np.diff(loud).max() > 480
    assert len(told) == 1


async def test_what_plays_as_fast_as_it_can_is_recorded_without_a_gap(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "free") as engine:
        await do(engine, "csound.compileOrc", COUNTER, True)
        await do(engine, "csound.setEndMarker", 20.0)
        await do(engine, "thread.record", "take.wav", 32, 4)
        await do(engine, "csound.perform")
        await do(engine, "thread.stopRecord")
    frames = samples_of(tmp_path / "take.wav")[1]
    assert len(frames) >= 20 * 48000 - 64
    assert np.abs(frames[:, 0] * 32768 * 10 - np.arange(len(frames))).max() < 1
