"""What an engine has acknowledged is on disk: a copy of that, made at any moment, is taken up by another engine."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from csoundd.engine.client.engine import Engine
from csoundd.engine.client.journal.rows import Rows
from csoundd.engine.client.journal.store import FILE, Store
from csoundd.engine.options import HostOptions
from csoundd.messages import Drive
from tests.backends.engines import ENGINES
from tests.engine.listening import CRASHING, PLAYED, TONE, Heard, do

ENDED = TONE.replace("schedule(1, 0, -1)", "")


@asynccontextmanager
async def keeping(
    folder: Path, state: Path, engine: str = "auto", options: tuple[str, ...] = (), drive: Drive = "clock"
) -> AsyncIterator[Engine]:
    """An engine that keeps its state in a folder, and takes up what is there."""
    store = Store(state)
    kept = store.open()
    given = HostOptions(engine=engine, workspace=str(folder), drive=drive, options=options)
    try:
        async with Engine(given, (), Rows(store), kept) as running:
            yield running
    finally:
        store.close()


def cut_off(state: Path) -> Path:
    """What another process finds if this one is killed now."""
    copy = state.with_name(f"{state.name} cut off")
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    shutil.copy(state / FILE, copy / FILE)
    return copy


@pytest.mark.parametrize("name", ENGINES)
async def test_everything_that_was_acknowledged_is_there_for_another_process(tmp_path: Path, name: str) -> None:
    state = tmp_path / "state"
    async with keeping(tmp_path, state, name) as engine:
        await do(engine, "csound.setOption", "-m0")
        assert await do(engine, "csound.compileOrc", f"{ENDED}\ngiTable ftgen 7, 0, 64, -2, 0\n", True) == 0
        await do(engine, "thread.play")
        await do(engine, "csound.compileOrc", "giLater = 17\n", True)
        await do(engine, "csound.compileOrc", "giLater = 18\n", True)
        await do(engine, "channel.set", {"freq": 440.0, "level": 0.25})
        await do(engine, "csound.setStringChannel", "title", "Étude")
        hints = {"behav": 2, "dflt": 1.0, "min": 0.0, "max": 9.0, "x": 0, "y": 0, "width": 0, "height": 0}
        await do(engine, "csound.setControlChannelHints", "level", hints | {"attributes": ""})
        await do(engine, "table.set", 7, np.array([1.0, 2.0]), 3)
        await do(engine, "table.set", 7, np.array([5.0]), 4)
        await do(engine, "csound.scoreEvent", "i", [1.5, 0, -1])
        await engine.push("invalue", [{"asked": 3.5}, 0.0, None])
        copy = cut_off(state)
    async with keeping(tmp_path, copy, name) as engine:
        assert engine.was_taken_up
        assert engine.state == "playing"
        assert await do(engine, "csound.evalCode", "return giLater\n") == 18.0
        assert await do(engine, "channel.get", ["level", "freq"]) == {"level": 0.25, "freq": 440.0}
        shown: Any = await do(engine, "csound.controlChannelHints", "level")
        assert shown[0]["max"] == 9.0
        text = await do(engine, "csound.stringChannel", "title")
        assert text == "Étude"
        points: Any = await do(engine, "table.get", 7, 2, 4)
        assert list(points) == [0.0, 1.0, 5.0, 0.0]
        heard = Heard(engine)
        assert np.abs(await heard.audio(4096)).max() > 0.1


async def test_where_the_score_stands_is_kept(tmp_path: Path) -> None:
    async with keeping(tmp_path, tmp_path / "state", drive="free") as engine:
        await do(engine, "csound.compileOrc", ENDED, True)
        await do(engine, "csound.eventString", "f 0 3600", False)
        await do(engine, "thread.play")
        while engine.journal.score_time < 20:
            await do(engine, "csound.scoreTime")
    async with keeping(tmp_path, tmp_path / "state", drive="step") as engine:
        time: Any = await do(engine, "csound.scoreTime")
        assert time >= 20


async def test_an_engine_that_is_closed_leaves_what_it_was(tmp_path: Path) -> None:
    for expected in ([0.0, 0], [440.0, 0]):
        async with keeping(tmp_path, tmp_path / "state") as engine:
            await do(engine, "csound.compileOrc", 'chn_k "freq", 3\n', True)
            assert await do(engine, "csound.controlChannel", "freq") == expected
            await do(engine, "csound.setControlChannel", "freq", 440.0)


async def test_a_reset_is_kept(tmp_path: Path) -> None:
    async with keeping(tmp_path, tmp_path / "state") as engine:
        await do(engine, "csound.compileOrc", ENDED, True)
        await do(engine, "csound.setControlChannel", "freq", 440.0)
        await do(engine, "csound.reset")
        copy = cut_off(tmp_path / "state")
    async with keeping(tmp_path, copy) as engine:
        assert await do(engine, "csound.controlChannel", "freq") == [0.0, 0]
        assert engine.journal.definitions.is_empty


async def test_a_restart_with_options_is_kept_until_the_daemon_is_given_others(tmp_path: Path) -> None:
    async with keeping(tmp_path, tmp_path / "state") as engine:
        await do(engine, "csound.setControlChannel", "freq", 440.0)
        await engine.restart(["--ksmps=32"], "")
        copy = cut_off(tmp_path / "state")
    async with keeping(tmp_path, copy) as engine:
        assert engine.options.options == ("--ksmps=32",)
        assert await do(engine, "csound.controlChannel", "freq") == [0.0, 0]


async def test_a_drive_of_a_session_is_not_kept(tmp_path: Path) -> None:
    async with keeping(tmp_path, tmp_path / "state") as engine:
        await engine.pace("step", by="somebody")
        copy = cut_off(tmp_path / "state")
    async with keeping(tmp_path, copy) as engine:
        assert engine.options.drive == "clock"


async def test_what_the_engine_dies_of_as_soon_as_it_is_taken_up_is_given_up(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with keeping(tmp_path, state, drive="step") as engine:
        await do(engine, "csound.compileOrc", ENDED + CRASHING, True)
        await do(engine, "csound.setControlChannel", "freq", 440.0)
        await do(engine, "csound.start")
        await do(engine, "csound.compileOrc", PLAYED, True)
        copy = cut_off(state)
    async with keeping(tmp_path, copy, drive="clock") as engine:
        assert await do(engine, "csound.controlChannel", "freq") == [440.0, 0]


async def test_rows_that_nobody_can_read_do_not_keep_a_daemon_from_starting(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    store.open()
    store.write([(("channel", "freq"), 5), (("nothing", "known"), [1])])
    store.close()
    async with keeping(tmp_path, tmp_path / "state") as engine:
        assert engine.state == "ready"


async def test_a_note_of_an_engine_that_is_paused_is_kept_over_two_deaths(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with keeping(tmp_path, state) as engine:
        await do(engine, "csound.compileOrc", ENDED, True)
        await do(engine, "thread.play")
        await do(engine, "csound.scoreEvent", "i", [1.5, 0, -1])
        await do(engine, "thread.pause")
    for _ in range(2):
        async with keeping(tmp_path, state) as engine:
            assert engine.state == "paused"
            for _ in range(4):
                # A snapshot follows each call, and none of the note: no cycle begins it.
                await do(engine, "csound.sleep", 50)
            state = cut_off(state)
    async with keeping(tmp_path, state) as engine:
        assert [note.instrument for note in engine.journal.notes.sounding(engine.journal.score_time)] == [1.5]
