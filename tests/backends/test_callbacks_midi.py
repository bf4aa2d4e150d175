"""Clients are the MIDI instruments, and hear what the orchestra sends."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import cast

import pytest

from csoundd.limits import WAITING_MIDI_BYTES
from csoundd.messages import StateChanged
from tests.backends.pushing import HEADER, Staged
from tests.engine.listening import Heard, do, spectral_peak

PLAYED = """
massign 1, 1
instr 1
  icps cpsmidi
  chnset icps, "cps"
  asig oscili 0.3, icps
  outs asig, asig
endin
"""
SENDING = """
instr 1
  kcount init 0
  kcount += 1
  if kcount == 3 then
    midiout 176, 1, 7, 100
  endif
endin
schedule(1, 0, -1)
"""
PIECE = """
<CsoundSynthesizer>
<CsOptions>
{}
</CsOptions>
<CsInstruments>
{}
</CsInstruments>
</CsoundSynthesizer>
"""
NOTE = [0x90, 69, 100]


async def test_pushed_bytes_sound_a_note(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path, "clock") as stage:
        await do(stage.engine, "csound.compileOrc", HEADER.replace("nchnls = 1", "nchnls = 2") + PLAYED, True)
        await do(stage.engine, "thread.play")
        heard = Heard(stage.engine)
        assert abs(await heard.audio(1024)).max() == 0
        assert await stage.push("midi", NOTE) == 3
        await heard.audio(4096)
        assert spectral_peak(await heard.audio(16384)) == pytest.approx(440, abs=5)


@pytest.mark.parametrize("data", [NOTE, bytes(NOTE), [NOTE[:2], NOTE[2:]], {"bytes": NOTE}, [{"bytes": bytes(NOTE)}]])
async def test_messages_may_be_pushed_in_any_form(staged: Staged, tmp_path: Path, data: object) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(PLAYED)
        assert await stage.push("midi", data) == 3
        await stage.step(1)
        assert await stage.channel("cps") == pytest.approx(440)


@pytest.mark.parametrize("options", ["-M0", "-+rtmidi=virtual -M0", "-+rtmidi=alsa -Mhw:1", "-+rtmidi=null"])
async def test_what_options_a_piece_has_does_not_matter(staged: Staged, tmp_path: Path, options: str) -> None:
    async with staged(tmp_path) as stage:
        assert await do(stage.engine, "csound.compileCsdText", PIECE.format(options, HEADER + PLAYED), True) == 0
        assert await do(stage.engine, "csound.start") == 0
        await stage.push("midi", NOTE)
        await stage.step(1)
        assert await stage.channel("cps") == pytest.approx(440)


async def test_a_command_line_gets_the_driver_too(staged: Staged, tmp_path: Path) -> None:
    (tmp_path / "piece.csd").write_text(PIECE.format("", HEADER + PLAYED))
    async with staged(tmp_path) as stage:
        assert await do(stage.engine, "csound.compileCommandLine", "csound", "piece.csd") == 0
        await stage.push("midi", NOTE)
        await stage.step(1)
        assert await stage.channel("cps") == pytest.approx(440)


async def test_a_message_with_a_time_comes_in_its_cycle(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.play(PLAYED)
        assert await stage.push("midi", {"bytes": NOTE, "at": {"sample": 640}}) == 3
        await stage.step(10)
        assert await stage.channel("cps") == 0.0
        await stage.step(1)
        assert await stage.channel("cps") == pytest.approx(440)


async def test_what_the_orchestra_sends_arrives_with_its_sample(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("midi")
        await stage.play(SENDING)
        await stage.step(5)
        await reader.until(lambda: any(data["event"] == "message" for data in reader.data))
        (sent,) = (frame for frame in reader.frames if frame.data["event"] == "message")  # type: ignore[index]
        assert (sent.data, sent.sample) == ({"event": "message", "bytes": [176, 7, 100]}, 128)


async def test_the_driver_tells_that_it_is_opened_and_closed(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("midi")
        await stage.play(PLAYED)
        await do(stage.engine, "csound.reset")
        await reader.until(lambda: len(reader.frames) >= 4)
        assert [data["event"] for data in reader.data] == ["inOpen", "outOpen", "inClose", "outClose"]


async def test_midi_goes_on_after_a_reset_and_in_the_next_engine(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reader = await stage.hear("midi")
        await do(stage.engine, "csound.reset")
        await stage.play(PLAYED + SENDING.replace("instr 1", "instr 2").replace("schedule(1", "schedule(2"))
        heard = Heard(stage.engine)
        os.kill(cast("int", stage.engine.info().pid), signal.SIGKILL)
        await heard.until(lambda: [e for e in heard.of(StateChanged) if e.event == "restored"])
        await stage.push("midi", NOTE)
        await stage.step(5)
        assert await stage.channel("cps") == pytest.approx(440)
        await reader.until(lambda: any(data["event"] == "message" for data in reader.data))


async def test_no_more_is_accepted_than_may_wait(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        assert await stage.push("midi", b"\xfe" * WAITING_MIDI_BYTES) == WAITING_MIDI_BYTES
        assert await stage.push("midi", NOTE) == 0


async def test_a_piece_with_a_score_ends_though_midi_could_come(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path, "free") as stage:
        await stage.play(PLAYED)
        await do(stage.engine, "csound.inputMessage", "i 1 0 0.01")
        await do(stage.engine, "csound.inputMessage", "e 0.02")
        assert await do(stage.engine, "csound.perform") == 1


async def test_a_module_of_csounds_takes_the_drivers_place(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await do(stage.engine, "csound.setMidiModule", "null")
        await do(stage.engine, "csound.setMidiInput", "0")
        await stage.play(PLAYED)
        await stage.push("midi", NOTE)
        await stage.step(2)
        assert await stage.channel("cps") == 0.0


async def test_the_host_takes_the_place_back(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await do(stage.engine, "csound.setMidiModule", "null")
        await do(stage.engine, "csound.setHostImplementedMidiIO", False)
        await do(stage.engine, "csound.setHostMidiIO")
        await stage.play(PLAYED)
        await stage.push("midi", NOTE)
        await stage.step(2)
        assert await stage.channel("cps") == pytest.approx(440)
