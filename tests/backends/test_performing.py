from __future__ import annotations

import asyncio
import math
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from csoundd.errors import Cancelled, EngineError, Late, Unsupported, WrongState
from csoundd.messages import At, AudioBlock, Drive, PollResult, StateChanged
from csoundd.values import is_same
from tests.backends.engines import EngineIn
from tests.engine.listening import TONE, Heard, at_sample, do, outcome_of, spectral_peak

SCORED = """
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
instr 1
  asig oscili 0.3, 440
  outs asig, asig
endin
</CsInstruments>
<CsScore>
i 1 0 0.1
</CsScore>
</CsoundSynthesizer>
"""


async def test_a_step_performs_one_cycle(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        assert await do(engine, "csound.performKsmps") is False
        assert await do(engine, "csound.currentTimeSamples") == 64


async def test_stepping_is_refused_where_a_clock_paces(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        with pytest.raises(WrongState):
            await do(engine, "csound.performKsmps")


async def test_playing_is_refused_where_every_cycle_is_asked_for(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        with pytest.raises(WrongState):
            await do(engine, "thread.play")


async def test_perform_is_refused_while_the_thread_plays(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "thread.play")
        with pytest.raises(WrongState):
            await do(engine, "csound.perform")


@pytest.mark.parametrize("drive", ["free", "step", "clock"])
async def test_perform_answers_at_the_end_of_the_score(engine_in: EngineIn, tmp_path: Path, drive: str) -> None:
    async with engine_in(tmp_path, drive) as engine:  # type: ignore[arg-type]
        assert await do(engine, "csound.compileCsdText", SCORED, True) == 0
        assert await do(engine, "csound.perform") == 1
        assert engine.state == "ended"


async def test_nobody_waits_for_one_who_joins(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "thread.play")
        joined = asyncio.ensure_future(do(engine, "thread.join"))
        assert await do(engine, "csound.controlChannel", "freq") == [0.0, 0]
        await do(engine, "thread.stop")
        assert await joined == 1


async def test_the_states_of_a_scored_piece_are_told_in_order(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileCsdText", SCORED, True)
        await do(engine, "thread.play")
        await heard.until(lambda: "ended" in heard.states())
        await do(engine, "csound.rewindScore")
        await do(engine, "thread.play")
        await heard.until(lambda: heard.states().count("ended") == 2)
        assert heard.states() == ["playing", "ended", "ready", "playing", "ended"]


async def test_what_a_command_line_has_started_plays(engine_in: EngineIn, tmp_path: Path) -> None:
    (tmp_path / "scored.csd").write_text(SCORED.strip(), encoding="utf-8")
    async with engine_in(tmp_path, "free") as engine:
        heard = Heard(engine)
        engine.capture(True)
        assert await do(engine, "csound.compileCommandLine", "csound", "scored.csd") == 0
        await do(engine, "thread.play")
        await do(engine, "thread.join")
        engine.deliver_audio()
        assert engine.seen().cycles == 75
        assert sum(len(block.frames) for block in heard.of(AudioBlock)) == 4800


async def test_a_performance_that_is_over_does_not_play_on(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "thread.play")
        await do(engine, "thread.stop")
        with pytest.raises(WrongState):
            await do(engine, "thread.play")


async def test_a_pause_halts_between_cycles_and_serves_on(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "thread.play")
        await do(engine, "thread.pause")
        halted = await do(engine, "csound.currentTimeSamples")
        await do(engine, "csound.setControlChannel", "freq", 1.0)
        assert await do(engine, "csound.currentTimeSamples") == halted
        assert engine.state == "paused"


async def test_a_reset_forgets_everything_and_begins_an_epoch(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "csound.setControlChannel", "freq", 440.0)
        await do(engine, "thread.play")
        await do(engine, "csound.reset")
        assert (engine.state, engine.epoch, engine.format()) == ("ready", 2, None)
        assert await do(engine, "csound.controlChannel", "freq") == [0.0, 0]


async def test_sound_goes_on_from_zero_after_a_reset(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        heard = Heard(engine)
        for _ in range(2):
            await do(engine, "csound.compileOrc", TONE, True)
            await do(engine, "csound.setControlChannel", "freq", 440.0)
            await do(engine, "thread.play")
            assert abs(await heard.audio(2048)).max() > 0.2
            await do(engine, "csound.reset")


async def test_a_command_runs_in_the_cycle_that_holds_its_sample(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "csound.start")
        timed = asyncio.ensure_future(outcome_of(engine, "csound.setControlChannel", "freq", 1.0, at=at_sample(640)))
        for _ in range(12):
            await do(engine, "csound.performKsmps")
        receipt = (await timed).receipt
        assert receipt is not None
        assert (receipt.sample, receipt.late) == (640, 0.0)


async def test_a_delay_is_kept_by_the_clock(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "thread.play")
        before = (await outcome_of(engine, "engine.sync")).receipt
        after = (await outcome_of(engine, "engine.sync", at=At("delay", 0.25))).receipt
        assert before is not None
        assert after is not None
        assert after.sample - before.sample >= 0.25 * 48000 - 256


@pytest.mark.parametrize("policy", ["run", "drop"])
async def test_a_late_command_says_how_late_it_was(engine_in: EngineIn, tmp_path: Path, policy: str) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        for _ in range(75):
            await do(engine, "csound.performKsmps")
        late = await outcome_of(engine, "csound.setControlChannel", "freq", 9.0, at=at_sample(0), late=policy)  # type: ignore[arg-type]
        assert late.receipt is not None
        assert late.receipt.late == pytest.approx(0.1)
        assert late.receipt.dropped is (policy == "drop")
        assert await do(engine, "csound.controlChannel", "freq") == [9.0 if policy == "run" else 0.0, 0]


async def test_a_late_command_fails_where_it_is_asked_to(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        for _ in range(3):
            await do(engine, "csound.performKsmps")
        outcome = await outcome_of(engine, "csound.setControlChannel", "freq", 9.0, at=at_sample(0), late="error")
        assert isinstance(outcome.error, Late)


async def test_a_reset_cancels_what_waits_for_its_time(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        waiting = asyncio.ensure_future(outcome_of(engine, "engine.sync", at=At("delay", 60.0)))
        await do(engine, "engine.sync")
        await do(engine, "csound.reset")
        assert isinstance((await waiting).error, Cancelled)


async def test_a_batch_is_one_cycle(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "thread.play")
        calls = [["csound.currentTimeSamples", []] for _ in range(500)]
        results = await do(engine, "engine.batch", calls)
        assert isinstance(results, list)
        assert len({entry["result"] for entry in results}) == 1


async def test_a_failed_call_of_a_batch_leaves_the_others_alone(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        results = await do(engine, "engine.batch", [["csound.performKsmps", []], ["csound.sizeOfMYFLT", []]])
        assert isinstance(results, list)
        assert results[0]["error"]["code"] == WrongState.code
        assert results[1] == {"result": 8}


async def test_what_the_engine_lacks_is_named(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        with pytest.raises(Unsupported, match="C function"):
            await do(engine, "csound.appendOpcode", "x", 1, 0, "k", "k", None, None, None)


async def test_panic_silences_notes_without_end(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "csound.setControlChannel", "freq", 440.0)
        await do(engine, "thread.play")
        heard = Heard(engine)
        assert abs(await heard.audio(2048)).max() > 0.2
        await do(engine, "engine.panic")
        await heard.audio(512)
        assert abs((await heard.audio(2048))[1024:]).max() == 0


async def test_a_poller_delivers_a_complete_reading_first_and_then_changes(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        heard = Heard(engine)
        await do(engine, "channel.set", {"a": 1.0, "b": 2.0})
        await engine.poll("t", "channels", {"names": ["*"], "rate": 100.0, "onChange": True})
        await heard.until(lambda: heard.of(PollResult))
        await do(engine, "channel.set", {"b": 3.0})
        await heard.until(lambda: len(heard.of(PollResult)) > 1)
        assert [polled.data for polled in heard.of(PollResult)] == [{"a": 1.0, "b": 2.0}, {"b": 3.0}]


async def test_a_poller_goes_on_with_the_next_engine(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        heard = Heard(engine)
        await do(engine, "channel.set", {"a": 1.0})
        await engine.poll("t", "channels", {"names": ["a*"], "rate": 100.0, "onChange": True})
        await engine.restart([], "")
        await do(engine, "channel.set", {"a2": 5.0})
        await heard.until(lambda: any(polled.data == {"a2": 5.0} for polled in heard.of(PollResult)))


async def test_an_engine_that_does_not_start_says_so(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", "instr 1\nendin\n", True)
        await do(engine, "csound.setRTAudioModule", "no such module")
        heard = Heard(engine)
        try:
            await do(engine, "thread.play")
        except EngineError:
            assert "playing" not in [event.state for event in heard.of(StateChanged)]


@pytest.mark.parametrize("drive", ["clock", "free"])
@pytest.mark.parametrize(("opcode", "status"), [("exitnow", 256), ("exitnow 3", -3)])
async def test_an_orchestra_may_end_its_performance(
    engine_in: EngineIn, tmp_path: Path, drive: Drive, opcode: str, status: int
) -> None:
    async with engine_in(tmp_path, drive) as engine:
        await do(engine, "csound.compileOrc", f"{TONE}instr 66\n {opcode}\nendin\nschedule(66, 0.01, 1)\n", True)
        await do(engine, "thread.play")
        assert await do(engine, "thread.join") == status
        assert (engine.state, engine.epoch) == ("ended", 1)


async def test_an_engine_whose_orchestra_has_ended_it_plays_again_after_a_reset(
    engine_in: EngineIn, tmp_path: Path
) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", f"{TONE}instr 66\n exitnow\nendin\nschedule(66, 0, 1)\n", True)
        await do(engine, "thread.play")
        await do(engine, "thread.join")
        await do(engine, "csound.reset")
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "csound.setControlChannel", "freq", 800.0)
        await do(engine, "thread.play")
        assert spectral_peak(await Heard(engine).audio(16384)) == pytest.approx(800, abs=5)


async def test_not_a_number_is_no_change(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        heard = Heard(engine)
        await do(engine, "channel.set", {"a": math.nan, "b": 1.0})
        await engine.poll("t", "channels", {"names": ["*"], "rate": 1000.0, "onChange": True})
        for value in (2.0, 3.0, math.nan, 4.0):
            await do(engine, "channel.set", {"b": value})
            await heard.until(partial(_told, heard, value))
        first, *later = _values(heard)
        assert set(first) == {"a", "b"}
        assert is_same(later, [{"b": 2.0}, {"b": 3.0}, {"b": math.nan}, {"b": 4.0}])


def _told(heard: Heard, value: float) -> bool:
    return is_same(_values(heard)[-1].get("b"), value)


def _values(heard: Heard) -> list[dict[str, float]]:
    return [cast("dict[str, float]", polled.data) for polled in heard.of(PollResult)] or [{}]
