"""What was played live is rendered again, offline: the same samples."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from csoundd.daemon import INTERCEPTORS
from csoundd.engine.client.engine import Engine
from csoundd.engine.options import EngineName, HostOptions
from csoundd.messages import AudioBlock, Drive, StateChanged
from csoundd.render.jobs.bounces import PlayedSession
from csoundd.render.piece import Piece, Render, Settings
from csoundd.render.pool import Pool
from csoundd.render.work import Played, Result
from csoundd.render.workshop import Workshop
from tests.backends.engines import NATIVE_7
from tests.engine.listening import Heard, at_sample, do, outcome_of

of_one_engine = pytest.mark.parametrize("engine_name", [NATIVE_7], indirect=True)
"""For a test of what does not depend on the engine."""

KSMPS, LENGTH = 64, 24_000
HEADER = f"sr = 48000\nksmps = {KSMPS}\nnchnls = 2\nnchnls_i = 1\n0dbfs = 1\n"
TONE = """
instr 1
  kfreq chnget "freq"
  asig oscili p4, kfreq + p5, 1
  anoise rand 0.01
  out (asig + anoise) * linsegr(1, 0.05, 1, 0.05, 0), asig
endin
"""
ORCHESTRA = f"""{HEADER}
giwave ftgen 1, 0, 1024, 10, 1
massign 0, 3
{TONE}
instr 2
  asig inch 1
  kkey sensekey
  kfed invalue "fed"
  out asig, a(kfed + kkey * 0.001)
endin
instr 3
  icps cpsmidi
  out oscili(0.1, icps, 1) * linsegr(1, 0.1, 1, 0.05, 0), a(0)
endin
"""


@asynccontextmanager
async def playing(
    name: EngineName, workspace: Path, drive: Drive = "free", most: int = 1 << 24
) -> AsyncIterator[Engine]:
    """An engine that keeps what is played."""
    options = HostOptions(name, drive, str(workspace), options=("-M0", "-+rtmidi=null"), played_bytes=most)
    async with Engine(options, INTERCEPTORS) as engine:
        yield engine


def session(chosen: random.Random) -> list[tuple[int, str, list[object]]]:
    """Calls of all kinds, each with its sample."""
    calls: list[tuple[int, str, list[object]]] = [(0, "csound.event", ["i", [2.0, 0.0, -1.0]])]
    for _ in range(60):
        kind = chosen.randrange(9)
        freq, level = chosen.uniform(100, 900), chosen.uniform(0.01, 0.2)
        pushed: list[list[object]] = [
            ["midi", bytes([144, chosen.randrange(40, 80), 90])],
            ["spin", [[chosen.uniform(-0.5, 0.5)] for _ in range(chosen.randrange(1, 300))]],
            ["invalue", [{"fed": level}, None, None]],
            ["keyboard", [[chosen.randrange(33, 120), None]]],
        ]
        several: list[tuple[str, list[object]]] = [
            ("csound.setControlChannel", ["freq", freq]),
            ("csound.event", ["i", [1.0, 0.0, 0.1, level, freq]]),
            ("csound.inputMessage", [f"i 1 0 0.05 {level:.4f} {freq:.2f}"]),
            ("csound.compileOrc", [TONE.replace("0.01", f"{level / 10:.5f}"), True]),
            ("table.set", [1, [chosen.uniform(-1, 1) for _ in range(50)], chosen.randrange(900)]),
            ("channel.set", [{"freq": freq, "other": level}]),
            ("engine.batch", [[["csound.setControlChannel", ["freq", freq]], ["csound.controlChannel", ["freq"]]]]),
            ("csound.compileOrc", ["instr 1\n  this is no code\nendin\n", True]),
            ("host.push", pushed[chosen.randrange(len(pushed))]),
        ]
        method, args = several[kind]
        calls.append((chosen.randrange(LENGTH), method, args))
    return calls


async def heard_of(engine: Engine, calls: list[tuple[int, str, list[object]]]) -> npt.NDArray[np.float64]:
    """What the engine puts out over the calls, from the start to LENGTH."""
    heard = Heard(engine)
    engine.capture(True)
    await do(engine, "csound.start")
    waiting = [asyncio.ensure_future(outcome_of(engine, name, *args, at=at_sample(at))) for at, name, args in calls]
    waiting.append(asyncio.ensure_future(outcome_of(engine, "thread.pause", at=at_sample(LENGTH))))
    # All of them are sent before it.
    await asyncio.sleep(0)
    await do(engine, "thread.play")
    await asyncio.gather(*waiting)
    engine.deliver_audio()
    return np.concatenate([block.frames for block in heard.of(AudioBlock)])


def put_down(played: PlayedSession, folder: Path) -> Path:
    """The log in a file of a new folder."""
    folder.mkdir()
    log = folder / "log"
    log.write_bytes(played.log)
    return log


async def bounced(
    name: EngineName, played: PlayedSession, folder: Path, start: float = 0.0, until: float | None = None
) -> tuple[npt.NDArray[np.float32], Result]:
    """A session, played again."""
    log = put_down(played, folder)
    pool = await Pool.start(name, 1)
    try:
        render = Render(Piece("take", "", folder), folder / "take.wav", Settings(format="wav32f"))
        again = Played(str(log), played.options, played.cycle, start, until)
        result, _ = await Workshop(pool, folder).bounce(render, again, lambda _: None, 60.0)
    finally:
        await pool.close()
    return soundfile.read(folder / "take.wav", dtype="float32")[0], result


async def test_a_session_of_all_kinds_of_calls_is_the_same_to_the_bit(engine_name: EngineName, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    async with playing(engine_name, workspace) as engine:
        # Nothing of what was before a reset is in it.
        await do(engine, "csound.compileOrc", ORCHESTRA, True)
        await do(engine, "csound.event", "i", [1, 0, 1, 0.2, 300])
        await do(engine, "csound.reset")
        await do(engine, "csound.compileOrc", ORCHESTRA, True)
        live = await heard_of(engine, session(random.Random(7)))
        played = await PlayedSession.fetched(engine)
    assert np.abs(live).max() > 0.1
    assert not played.inexact
    offline, result = await bounced(engine_name, played, tmp_path / "again")

    assert result.frames == len(live)
    assert np.array_equal(offline, live.astype(np.float32))


@of_one_engine
async def test_after_a_crash_it_begins_where_the_next_engine_has_taken_over(
    engine_name: EngineName, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    async with playing(engine_name, workspace, "step") as engine:
        heard = Heard(engine)
        engine.capture(True)
        await do(engine, "csound.compileOrc", ORCHESTRA, True)
        await do(engine, "csound.setControlChannel", "freq", 345.0)
        await do(engine, "csound.event", "i", [1, 0, 60, 0.2, 100])
        for _ in range(5):
            await do(engine, "csound.performKsmps")
        pid = engine.info().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await heard.until(lambda: any(each.event == "restored" for each in heard.of(StateChanged)))
        before = len(heard.of(AudioBlock))
        await do(engine, "csound.event", "i", [1, 0, 1, 0.2, 100])
        for cycle in range(20):
            await do(engine, "csound.setControlChannel", "freq", 400.0 + cycle)
            await do(engine, "csound.performKsmps")
        engine.deliver_audio()
        live = np.concatenate([block.frames for block in heard.of(AudioBlock)[before:]])
        played = await PlayedSession.fetched(engine)
    assert np.abs(live).max() > 0.1
    offline, _ = await bounced(engine_name, played, tmp_path / "again")

    assert np.array_equal(offline, live.astype(np.float32))


async def test_what_was_pushed_before_a_reset_is_heard_after_it(engine_name: EngineName, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    async with playing(engine_name, workspace, "step") as engine:
        heard = Heard(engine)
        engine.capture(True)
        await do(engine, "host.push", "invalue", [{"fed": 0.25}, None, None])
        for key in "abc":
            await do(engine, "csound.keyPress", key)
        await do(engine, "csound.reset")
        before = len(heard.of(AudioBlock))
        await do(engine, "csound.compileOrc", ORCHESTRA + "schedule(2, 0, -1)\n", True)
        for _ in range(20):
            await do(engine, "csound.performKsmps")
        engine.deliver_audio()
        live = np.concatenate([block.frames for block in heard.of(AudioBlock)[before:]])
        played = await PlayedSession.fetched(engine)
    # The value and a key.
    assert live.max() > 0.34
    offline, _ = await bounced(engine_name, played, tmp_path / "again")

    assert np.array_equal(offline, live.astype(np.float32))


@of_one_engine
async def test_a_file_that_has_changed_since_it_was_read_is_told(engine_name: EngineName, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "level.orc").write_text("gilevel init 0.3\n")
    (workspace / "piece.csd").write_text(
        f'<CsoundSynthesizer>\n<CsInstruments>\n{HEADER}#include "level.orc"\ninstr 1\n  out a(gilevel), a(0)\nendin\n'
        "schedule(1, 0, -1)\n</CsInstruments>\n</CsoundSynthesizer>\n"
    )
    async with playing(engine_name, workspace, "step") as engine:
        assert await do(engine, "csound.compileCsd", "piece.csd") == 0
        for _ in range(3):
            await do(engine, "csound.performKsmps")
        played = await PlayedSession.fetched(engine)
    # Of a CSD the text is kept.
    (workspace / "piece.csd").write_text("")
    _, same = await bounced(engine_name, played, tmp_path / "same")
    (workspace / "level.orc").write_text("gilevel init 0.25\n")
    _, other = await bounced(engine_name, played, tmp_path / "other")

    assert not same.warnings
    assert [warning for warning in other.warnings if "level.orc is not the file any more" in warning]


@of_one_engine
async def test_an_option_by_which_it_may_be_another_thing_is_told(engine_name: EngineName, tmp_path: Path) -> None:
    async with playing(engine_name, tmp_path, "step") as engine:
        await do(engine, "csound.setOption", "-j2")
        await do(engine, "csound.compileOrc", f"{HEADER}instr 1\nendin\nschedule(1, 0, -1)\n", True)
        await do(engine, "csound.performKsmps")
        played = await PlayedSession.fetched(engine)
    _, result = await bounced(engine_name, played, tmp_path / "again")

    assert [warning for warning in result.warnings if "several threads" in warning]


@of_one_engine
async def test_what_comes_after_the_log_is_full_is_not_kept(engine_name: EngineName, tmp_path: Path) -> None:
    async with playing(engine_name, tmp_path, "step", most=2000) as engine:
        await do(engine, "csound.compileOrc", f"{HEADER}instr 1\nendin\nschedule(1, 0, -1)\n", True)
        for _ in range(3):
            await do(engine, "csound.performKsmps")
        kept = await PlayedSession.fetched(engine)
        assert (kept.whole, kept.cycle) == (3, 3)
        await do(engine, "csound.setStringChannel", "long", 2000 * "x")
        await do(engine, "csound.performKsmps")
        full = await PlayedSession.fetched(engine)
        assert (full.whole, full.cycle, full.log) == (3, 4, kept.log)
        await do(engine, "csound.reset")
        await do(engine, "csound.performKsmps")
        anew = await PlayedSession.fetched(engine)
        assert (anew.whole, anew.cycle) == (1, 1)
