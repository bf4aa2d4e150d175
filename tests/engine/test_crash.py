from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import cast

import pytest

from csoundd.engine.client.engine import Engine
from csoundd.errors import EngineCrashed, EngineUnavailable, InvalidParams, Timeout
from csoundd.messages import Command, Seconds, StateChanged
from tests.backends.engines import ENGINES, NATIVE
from tests.engine.listening import CRASHING, PATIENCE, PLAYED, TONE, Heard, do, engine_in, spectral_peak

RESETS = 400
"""Without the pinned libraries the 340th crashes."""

SUSPECT_MS = 1100
"""After that what was compiled is not what a crash is put down to."""

ENDLESS = "i1 = 1\nwhile i1 == 1 do\n i1 = 1\nod\nreturn i1\n"


def pid(engine: Engine) -> int:
    return cast("int", engine.info().pid)


async def sounding(engine: Engine, notes: int) -> None:
    """Wait until so many notes of TONE sound: what begins them may be yet to act."""
    async with asyncio.timeout(PATIENCE):
        while await do(engine, "csound.evalCode", "icount active 1\nreturn icount\n") != notes:
            pass


async def played(engine: Engine, freq: float) -> None:
    assert await do(engine, "csound.compileOrc", TONE, True) == 0
    await do(engine, "csound.setControlChannel", "freq", freq)
    await do(engine, "thread.play")


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSEGV])
async def test_the_same_sound_comes_back_after_a_signal_from_outside(tmp_path: Path, sent: signal.Signals) -> None:
    async with engine_in(tmp_path) as engine:
        await played(engine, 600.0)
        heard = Heard(engine)
        await heard.audio(1024)
        os.kill(pid(engine), sent)
        await heard.until(lambda: "playing" in heard.states())
        assert spectral_peak(await heard.audio(16384)) == pytest.approx(600, abs=5)


@pytest.mark.parametrize(
    ("name", "sent"),
    [("native", [signal.SIGABRT]), ("wasm", [signal.SIGSEGV, signal.SIGABRT])],
    ids=["native", "wasm"],
)
async def test_what_was_acknowledged_just_before_signals_from_outside_is_kept(
    tmp_path: Path, name: str, sent: list[signal.Signals]
) -> None:
    # In drive free there is no moment in which no cycle is performed.
    async with engine_in(tmp_path, "free", engine=name) as engine:
        await played(engine, 600.0)
        for number, each in enumerate(sent):
            heard = Heard(engine)
            await do(engine, "csound.compileOrc", f"giLast init {number}\ninstr Last{number}\nendin\n", True)
            await do(engine, "csound.eventString", f"i 1.{number + 2} 0 -1", True)
            os.kill(pid(engine), each)
            await heard.until(lambda: [e for e in heard.of(StateChanged) if e.event == "restored"])  # noqa: B023
            (restored,) = (e.restored for e in heard.of(StateChanged) if e.event == "restored")
            assert restored is not None
            assert "failed" not in restored
            assert restored["code"] == 3 + number
            assert await do(engine, "csound.evalCode", "return giLast\n") == number
            await sounding(engine, 2 + number)


async def test_a_death_is_told_with_its_cause_and_what_was_restored(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await played(engine, 600.0)
        heard = Heard(engine)
        await heard.audio(8192)
        os.kill(pid(engine), signal.SIGSEGV)
        await heard.until(lambda: [e for e in heard.of(StateChanged) if e.event == "restored"])
        died, restored = (next(e for e in heard.of(StateChanged) if e.event == name) for name in ("died", "restored"))
        assert died.reason == "it was ended by SIGSEGV"
        assert restored.restored == {"options": 0, "code": 1, "values": 1, "notes": 1}
        assert restored.epoch == 2


async def test_a_live_note_without_end_sounds_again(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE.replace("schedule(1, 0, -1)", ""), True)
        await do(engine, "csound.setControlChannel", "freq", 800.0)
        await do(engine, "thread.play")
        await do(engine, "csound.scoreEvent", "i", [1, 0, -1])
        heard = Heard(engine)
        os.kill(pid(engine), signal.SIGKILL)
        await heard.until(lambda: "playing" in heard.states())
        assert spectral_peak(await heard.audio(16384)) == pytest.approx(800, abs=5)


async def test_a_call_in_flight_answers_that_the_engine_crashed(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        joining = asyncio.ensure_future(do(engine, "thread.join"))
        await asyncio.sleep(0)
        await do(engine, "engine.sync")
        os.kill(pid(engine), signal.SIGKILL)
        with pytest.raises(EngineCrashed):
            await joining


async def test_an_endless_command_times_out_and_the_host_is_replaced(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await played(engine, 600.0)
        heard = Heard(engine)
        with pytest.raises(Timeout):
            await engine.request(Command("csound.evalCode", [ENDLESS], deadline=Seconds(0.5)))
        await heard.until(lambda: "playing" in heard.states())
        assert await do(engine, "csound.controlChannel", "freq") == [600.0, 0]


async def test_the_code_that_crashed_the_engine_is_not_tried_again(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await played(engine, 600.0)
        heard = Heard(engine)
        with pytest.raises(Timeout):
            await engine.request(Command("csound.compileOrc", [ENDLESS, True], deadline=Seconds(0.5)))
        await heard.until(lambda: [e for e in heard.of(StateChanged) if e.event == "restored"])
        restored = next(e.restored for e in heard.of(StateChanged) if e.event == "restored")
        assert restored is not None
        assert restored["code"] == 1


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("again", [["i 1.7 0 -1"], ["i -1.7 0 0", "i 1.7 0 -1"]], ids=["tied", "begun anew"])
async def test_a_held_note_that_is_asked_for_again_is_kept(tmp_path: Path, name: str, again: list[str]) -> None:
    async with engine_in(tmp_path, engine=name) as engine:
        await played(engine, 600.0)
        await do(engine, "csound.eventString", "i 1.7 0 -1", True)
        heard = Heard(engine)
        await heard.audio(8192)
        await do(engine, "csound.eventString", "\n".join(again), True)
        await heard.audio(8192)
        os.kill(pid(engine), signal.SIGKILL)
        await heard.until(lambda: [e for e in heard.of(StateChanged) if e.event == "restored"])
        (restored,) = (e.restored for e in heard.of(StateChanged) if e.event == "restored")
        assert restored is not None
        assert restored["notes"] == 2


@pytest.mark.parametrize("name", ENGINES)
async def test_what_crashed_the_engine_as_soon_as_it_played_is_not_begun_again(tmp_path: Path, name: str) -> None:
    async with engine_in(tmp_path, engine=name) as engine:
        await played(engine, 600.0)
        await do(engine, "csound.sleep", SUSPECT_MS)
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", CRASHING + PLAYED, True)
        await heard.until(lambda: "offline" in heard.states() and engine.state == "playing")
        assert spectral_peak(await heard.audio(16384)) == pytest.approx(600, abs=5)
        assert heard.states().count("offline") == 1


@pytest.mark.parametrize("name", ENGINES)
async def test_deaths_again_and_again_right_after_the_start_are_a_crash_loop(tmp_path: Path, name: str) -> None:
    async with engine_in(tmp_path, engine=name) as engine:
        await do(engine, "csound.compileOrc", CRASHING, True)
        await do(engine, "csound.eventString", "f 0 100\n" + "".join(f"i 2 {n / 10} 1\n" for n in range(1000)), True)
        await do(engine, "csound.sleep", SUSPECT_MS)
        heard = Heard(engine)
        await do(engine, "thread.play")
        await heard.until(lambda: "failed" in heard.states())
        with pytest.raises(EngineUnavailable):
            await do(engine, "csound.version")
        await engine.restart([], "")
        assert await do(engine, "csound.sizeOfMYFLT") == 8


async def test_a_restart_begins_clean(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await played(engine, 600.0)
        await engine.restart(["--ksmps=32"], "")
        assert engine.state == "ready"
        await do(engine, "csound.start")
        assert await do(engine, "csound.ksmps") == 32
        assert await do(engine, "csound.controlChannel", "freq") == [0.0, 0]


async def test_what_was_under_way_at_a_restart_is_not_in_the_clean_engine(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await played(engine, 600.0)
        under_way = [
            asyncio.ensure_future(do(engine, "csound.setControlChannel", f"late{n}", 1.0 + n)) for n in range(200)
        ]
        await asyncio.sleep(0)
        await engine.restart([], "")
        await asyncio.gather(*under_way, return_exceptions=True)
        assert await do(engine, "csound.compileOrc", TONE, True) == 0
        await do(engine, "csound.start")
        assert "late" not in str(await do(engine, "csound.allocatedChannels"))


async def test_options_that_no_engine_takes_are_refused_and_the_last_ones_hold(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        with pytest.raises(InvalidParams):
            await engine.restart(["--no-such-option"], "")
        assert await do(engine, "csound.sizeOfMYFLT") == 8


async def test_an_option_that_csound_refused_is_not_restored(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "csound.start")
        assert await do(engine, "csound.setOption", "--ksmps=10") != 0
        heard = Heard(engine)
        os.kill(pid(engine), signal.SIGKILL)
        await heard.until(lambda: [e for e in heard.of(StateChanged) if e.event == "restored"])
        assert await do(engine, "csound.ksmps") == 64


async def test_more_messages_than_anybody_reads_are_counted_not_kept(tmp_path: Path) -> None:
    async with engine_in(tmp_path, "free") as engine:
        heard = Heard(engine)
        chatter = 'instr 1\n  printks "%s\\n", 0, "' + "x" * 400 + '"\nendin\nschedule(1, 0, 60)\n'
        await do(engine, "csound.compileOrc", "ksmps = 1\n" + chatter, True)
        await do(engine, "thread.play")
        await heard.until(lambda: len(heard.events) > 2000)
        await do(engine, "thread.stop")
        assert await do(engine, "csound.sizeOfMYFLT") == 8


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", NATIVE)
async def test_many_resets_do_not_wear_the_engine_out(tmp_path: Path, name: str) -> None:
    async with engine_in(tmp_path, "step", engine=name) as engine:
        for _ in range(RESETS):
            assert await do(engine, "csound.compileOrc", "ksmps = 32", True) == 0
            await do(engine, "csound.reset")
        assert engine.epoch == 1 + RESETS
