"""The return of an engine: what is not begun again, where the score goes on, who is answered, and what is told."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pytest

from csoundd.engine.client.engine import Engine
from csoundd.errors import EngineCrashed
from csoundd.limits import SNAPSHOT_ARRAY_ELEMENTS
from csoundd.messages import At, Command, Outcome, Seconds, StateChanged
from csoundd.wav import WavWriter
from tests.backends.engines import EngineIn
from tests.backends.sharing import Somebody
from tests.backends.test_deaths import active, crashed, died, killed, pid, point
from tests.engine.listening import PATIENCE, Heard, do

HEADER: Final = "sr = 48000\nksmps = 64\nnchnls = 1\n0dbfs = 1\n"
BEEP: Final = HEADER + "instr Beep\n  aOut oscili 0.5, 440\n  out aOut\nendin\n"
SILENT: Final = 1e-9
FRAMES: Final = 4800
CSD: Final = """<CsoundSynthesizer>
<CsOptions>
{options}
</CsOptions>
<CsInstruments>
{orchestra}
</CsInstruments>
<CsScore>
{score}
</CsScore>
</CsoundSynthesizer>
"""
SCORE: Final = "i 1 0 30\ni 2 0.1 0.05\ni 2 20 1\ne 60\n"
TWO: Final = HEADER + "instr 1\n  kNow timeinsts\nendin\ninstr 2\nendin\n"
TOLERANCE: Final = 1.0


def sent(engine: Engine, command: Command) -> asyncio.Future[Outcome]:
    """The outcome of a call that has been made by now."""
    answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    engine.call(command, answered.set_result)
    return answered


async def test_one_shots_that_have_ended_are_not_begun_again(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", BEEP, True)
        await do(engine, "thread.play")
        for _ in range(20):
            await do(engine, "csound.compileOrc", 'schedule("Beep", 0, 0.01)\n', True)
        await do(engine, "csound.sleep", 200)
        heard = await died(engine, killed)
        assert np.abs(await heard.audio(FRAMES)).max() < SILENT


async def test_an_action_that_nobody_has_seen_the_effect_of_is_kept(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", BEEP, True)
        await do(engine, "thread.play")
        await do(engine, "csound.sleep", 100)
        await do(engine, "csound.compileOrc", 'schedule("Beep", 0, -1)\n', True)
        await died(engine, killed)
        await do(engine, "csound.sleep", 100)
        assert await active(engine, '"Beep"') == 1.0


async def test_many_compiles_of_one_instrument_restore_as_one(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", BEEP, True)
        await do(engine, "thread.play")
        for number in range(300):
            code = f"instr Beep\n  aOut oscili 0.5, {400 + number}\n  out aOut\nendin\n"
            await do(engine, "csound.compileOrc", code, True)
        heard = await died(engine, killed)
        restored = next(event.restored for event in heard.of(StateChanged) if event.event == "restored")
        assert restored is not None
        assert restored["code"] == 1


async def test_what_was_acknowledged_in_the_last_moment_is_kept(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TWO, True)
        await do(engine, "thread.play")
        calls = {
            (session, number): sent(engine, Command("channel.set", [{f"{session}{number}": 1.0}], session=session))
            for number in range(50)
            for session in "abc"
        }
        await calls["a", 0]
        os.kill(pid(engine), signal.SIGKILL)
        outcomes = {key: await call for key, call in calls.items()}
        kept = {f"{session}{number}" for (session, number), outcome in outcomes.items() if outcome.error is None}
        values = cast("dict[str, Any]", await do(engine, "channel.get", ["a*", "b*", "c*"]))
        assert kept <= {name for name, value in values.items() if value == 1.0}
        assert "a0" in kept


async def test_arrays_are_told_whole_only_as_far_as_it_takes_no_time(engine_in: EngineIn, tmp_path: Path) -> None:
    # One of 2**24 numbers was told whole as well: a gigabyte, and an engine that answered nobody until it was ended.
    async with engine_in(tmp_path) as engine:
        if "csound.initArrayChannel" in engine.hello.unsupported:
            pytest.skip(engine.hello.unsupported["csound.initArrayChannel"])
        made = {"large": [SNAPSHOT_ARRAY_ELEMENTS + 1], "small": [2, 2]}
        for name, sizes in made.items():
            await Somebody(engine).do("csound.initArrayChannel", name, "k", sizes)
        await do(engine, "thread.play")
        async with asyncio.timeout(PATIENCE):
            while "small" not in (told := arrays_told(engine)):
                await do(engine, "csound.sleep", 10)
        assert told == ["small"]
        await do(engine, "csound.setArrayData", "small", np.arange(4.0).reshape(2, 2))
        await died(engine, killed)
        for name, sizes in made.items():
            assert list(cast("list[int]", await do(engine, "csound.arrayDataSizes", name))) == sizes
        data = cast("np.ndarray[Any, np.dtype[np.float64]]", await do(engine, "csound.arrayData", "small"))
        assert data.tolist() == [[0.0, 1.0], [2.0, 3.0]]


def arrays_told(engine: Engine) -> list[object]:
    """The names of the array channels whose data the next engine would be given."""
    state, _ = engine.journal.state("playing")
    return [args[0] for method, args in state["calls"] if method == "csound.setArrayData"]


async def test_what_came_in_while_the_engine_hung_reaches_the_next_one(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TWO, True)
        await do(engine, "thread.play")
        endless = "iOne = 1\nwhile iOne == 1 do\n  iOne = 1\nod\n"
        hanging = sent(engine, Command("csound.compileOrc", [endless, True], deadline=Seconds(0.5)))
        setting = sent(engine, Command("csound.setControlChannel", ["after", 0.5], deadline=Seconds(15.0)))
        assert (await hanging).error is not None
        assert (await setting).error is None
        assert await do(engine, "csound.controlChannel", "after") == [0.5, 0]


async def test_a_call_that_waited_for_its_time_runs_in_the_next_engine(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TWO, True)
        await do(engine, "thread.play")
        setting = Command("csound.setControlChannel", ["late", 0.5], at=At("delay", 1.5), deadline=Seconds(15.0))
        waiting = sent(engine, setting)
        await do(engine, "engine.sync")
        await died(engine, killed)
        assert not waiting.done()
        assert (await waiting).error is None
        assert await do(engine, "csound.controlChannel", "late") == [0.5, 0]


async def test_who_waits_for_the_end_of_a_performance_is_answered(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TWO, True)
        await do(engine, "thread.play")
        joining = sent(engine, Command("thread.join", []))
        await do(engine, "engine.sync")
        await died(engine, killed)
        assert isinstance((await joining).error, EngineCrashed)


async def test_the_score_goes_on_where_it_was(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        csd = CSD.format(options="", orchestra=TWO, score=SCORE)
        assert await do(engine, "csound.compileCsdText", csd, True) == 0
        await do(engine, "thread.play")
        await do(engine, "csound.sleep", 1500)
        before = cast("float", await do(engine, "csound.scoreTime"))
        heard = await died(engine, killed)
        await do(engine, "csound.sleep", 100)
        after = cast("float", await do(engine, "csound.scoreTime"))
        assert before - 0.1 < after < before + TOLERANCE
        assert await do(engine, "csound.scoreOffsetSeconds") == 0.0
        assert [await active(engine, "1"), await active(engine, "2")] == [1.0, 0.0]
        await do(engine, "csound.rewindScore")
        await do(engine, "csound.sleep", 100)
        assert cast("float", await do(engine, "csound.scoreTime")) < TOLERANCE
        assert heard.of(StateChanged)[-1].restored is not None


async def test_a_score_that_was_not_pending_is_not_pending(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileCsdText", CSD.format(options="", orchestra=TWO, score=SCORE), True)
        await do(engine, "thread.play")
        await do(engine, "csound.setScorePending", False)
        await died(engine, killed)
        assert await do(engine, "csound.isScorePending") is False


@pytest.mark.parametrize("state", ["ended", "paused", "ready"])
async def test_the_thread_is_in_the_state_it_was_in(engine_in: EngineIn, tmp_path: Path, state: str) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TWO, True)
        for call in {"ended": ["play", "stop"], "paused": ["play", "pause"], "ready": []}[state]:
            await do(engine, f"thread.{call}")
        await died(engine, killed)
        assert engine.state == state


async def test_an_engine_that_is_stepped_goes_on_being_stepped(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "csound.compileOrc", TWO, True)
        await do(engine, "csound.performKsmps")
        await died(engine, killed)
        assert (engine.state, engine.info().drive) == ("playing", "step")
        before = engine.sample()
        await do(engine, "csound.performKsmps")
        assert engine.sample() == before + 64


async def test_a_table_that_was_freed_stays_so(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TWO + "giOne ftgen 1, 0, 16, 2, 1\ngiTwo ftgen 2, 0, 16, -2, 7\n", True)
        await do(engine, "thread.play")
        await do(engine, "csound.sleep", 300)
        await do(engine, "csound.compileOrc", "ftfree 1, 0\n", True)
        await do(engine, "csound.sleep", 300)
        await died(engine, killed)
        assert await do(engine, "csound.table", 1) is None
        assert await point(engine, 2, 0) == 7.0


async def test_what_does_not_compile_again_is_told(engine_in: EngineIn, tmp_path: Path) -> None:
    (tmp_path / "opcode.inc").write_text("iGain xin\n")
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TWO, True)
        await do(engine, "thread.play")
        code = 'opcode Gain, i, i\n  #include "opcode.inc"\n  xout iGain\nendop\ninstr Fine\nendin\n'
        assert await do(engine, "csound.compileOrc", code, True) == 0
        (tmp_path / "opcode.inc").unlink()
        heard = await died(engine, killed)
        restored = next(event.restored for event in heard.of(StateChanged) if event.event == "restored")
        assert restored is not None
        assert [text for text in cast("list[str]", restored["failed"]) if "opcode Gain" in text]
        assert cast("int", await do(engine, "csound.instrNumber", "Fine")) > 0


async def test_a_start_that_failed_loses_nothing_and_can_be_tried_again(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        heard = Heard(engine)
        orchestra = TWO + 'giSample ftgen 1, 0, 0, 1, "missing.wav", 0, 0, 0\n'
        await do(engine, "csound.compileOrc", orchestra, True)
        outcome = await sent(engine, Command("csound.start", [], deadline=Seconds(15.0)))
        if outcome.error is None and outcome.result == 0:
            pytest.skip("this Csound starts without the file")
        await heard.until(lambda: [event for event in heard.of(StateChanged) if event.event == "restored"])
        await do(engine, "csound.compileOrc", "giSample ftgen 1, 0, 16, 2, 7\n", True)
        await do(engine, "thread.play")
        assert engine.state == "playing"


@pytest.mark.parametrize(
    ("options", "table"),
    [("-F missing.mid", ""), ("", 'giText ftgen 1, 0, 4, -23, "missing.txt"\n'), ("-L missing.sco", "")],
    ids=["midi file", "table", "line events"],
)
async def test_a_piece_that_cannot_begin_is_no_crash_and_the_next_one_starts(
    engine_in: EngineIn, tmp_path: Path, options: str, table: str
) -> None:
    async with engine_in(tmp_path) as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", BEEP, True)
        bad = CSD.format(options=options, orchestra=TWO + table, score=SCORE)
        compiled = await do(engine, "csound.compileCsdText", bad, True)
        begun = await sent(engine, Command("csound.start", [], deadline=Seconds(15.0)))
        if compiled == 0 and begun.error is None and begun.result == 0:
            pytest.skip("this Csound starts without the file")
        good = CSD.format(options="", orchestra=TWO, score=SCORE)
        assert await do(engine, "csound.compileCsdText", good, True) == 0
        assert await do(engine, "csound.start") == 0
        assert await do(engine, "csound.instrNumber", "Beep") > 0  # type: ignore[operator]
        assert {event.reason for event in heard.of(StateChanged) if event.event == "died"} <= {"Csound did not start"}


async def test_a_reset_that_kills_the_engine_is_a_reset(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", BEEP + 'schedule("Beep", 0, -1)\n', True)
        await do(engine, "thread.play")
        os.kill(pid(engine), signal.SIGSTOP)
        resetting = sent(engine, Command("csound.reset", [], deadline=Seconds(15.0)))
        await asyncio.sleep(0)
        os.kill(pid(engine), signal.SIGKILL)
        assert (await resetting).error is None
        assert engine.state == "ready"
        assert await do(engine, "csound.compileOrc", TWO, True) == 0


async def test_options_that_no_engine_starts_with_leave_a_reset_a_way_out(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        csd = CSD.format(options="-L stdin", orchestra=TWO, score=SCORE)
        await sent(engine, Command("csound.compileCsdText", [csd, True], deadline=Seconds(15.0)))
        await sent(engine, Command("csound.start", [], deadline=Seconds(15.0)))
        assert (await sent(engine, Command("csound.reset", [], deadline=Seconds(15.0)))).error is None
        assert await do(engine, "csound.compileOrc", BEEP, True) == 0
        await do(engine, "thread.play")
        assert engine.state == "playing"


async def test_a_crash_that_comes_back_with_its_code_leaves_the_rest_playing(
    engine_in: EngineIn, tmp_path: Path
) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", BEEP + 'schedule("Beep", 0, -1)\n', True)
        await do(engine, "thread.play")
        await died(engine, crashed)
        await do(engine, "csound.sleep", 100)
        assert engine.state == "playing"
        assert await active(engine, '"Beep"') == 1.0


async def test_what_an_orchestra_sets_while_somebody_listens_is_kept(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        heard = Heard(engine)
        counting = 'instr 1\n  kCount init 0\n  kCount += 1\n  chnset kCount, "count"\nendin\n'
        await do(engine, "csound.compileOrc", HEADER + counting, True)
        engine.capture(True)
        await do(engine, "thread.play")
        await do(engine, "csound.eventString", "i 1 0.05 0.2")
        # From here on the host hears of nothing, and tells of each block.
        await heard.audio(5 * FRAMES)
        await died(engine, killed)
        value, _ = cast("tuple[float, int]", await do(engine, "csound.controlChannel", "count"))
        assert value == pytest.approx(0.2 * 48000 / 64, abs=1.0)


@pytest.mark.parametrize("options", [None, ["-d", "-o", "take.wav"]], ids=["compileCsd", "command line"])
async def test_what_is_beside_a_piece_is_found_again(
    engine_in: EngineIn, tmp_path: Path, options: list[object] | None
) -> None:
    beside = tmp_path / "my piece"
    beside.mkdir()
    (beside / "near.inc").write_text("instr 2\nendin\n")
    with WavWriter(beside / "near.wav") as near:
        near.begin(8000.0, 1)
        near.write(np.full((8, 1), 0.5), 8000.0)
    code = '#include "near.inc"\ngiNear ftgen 1, 0, 0, 1, "near.wav", 0, 0, 0\n' + TWO.replace("instr 2\nendin\n", "")
    (beside / "piece.csd").write_text(CSD.format(options="-n", orchestra=code, score="f 0 60"))
    async with engine_in(tmp_path, "step") as engine:
        if options is None:
            assert await do(engine, "csound.compileCsd", "my piece/piece.csd", True) == 0
            await do(engine, "csound.start")
        else:
            assert await do(engine, "csound.compileCommandLine", "csound", *options, "my piece/piece.csd") == 0
        await do(engine, "csound.performKsmps")
        await died(engine, killed)
        assert await do(engine, "csound.tableLength", 1) == 8
