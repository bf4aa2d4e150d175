"""Code tried out in a throw-away engine, while the live one plays on."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from csoundd.engine.client.trial import OrcChecker
from csoundd.messages import StateChanged
from tests.engine.listening import TONE, Heard, do, engine_in

USES_WHAT_IS_LIVE = """
instr 2
  asig half poscil(giamp, 440)
  outs asig, asig
endin
"""

LIVE = """
giamp init 0.5
opcode half, a, a
  asig xin
  xout asig * 0.5
endop
"""

NOISY = """
chnset 0.75, "checked"
instr noisy
  prints "new"
endin
schedule("noisy", 0, 1)
"""

CRASHING = 'Skill sprintf "kill -SEGV %cPPID", 36\nidone system_i 1, Skill\n'
"""Ends the process that Csound is in as a crash does, whichever engine it is. (In a string a `$` begins a macro.)"""

ENDLESS = "ix = 0\nwhile ix < 1 do\n  ix = 0\nod\n"


async def test_good_code_is_good(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        report = await OrcChecker(engine).check("instr 2\n  asig oscili 0.1, 440\n  outs asig, asig\nendin\n")
    assert (report.ok, report.diagnostics) == (True, [])


async def test_bad_code_is_told_where(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        report = await OrcChecker(engine).check("instr 2\n  asig oscilli 0.1, 440\n  outs asig, asig\nendin\n")
    assert not report.ok
    assert (report.diagnostics[0].line, report.diagnostics[0].column) == (2, 8)
    assert any("oscilli" in message for message in report.messages)


async def test_code_may_refer_to_what_is_live(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        checker = OrcChecker(engine)
        assert not (await checker.check(USES_WHAT_IS_LIVE)).ok
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "thread.play")
        await do(engine, "csound.compileOrc", LIVE, True)
        assert (await checker.check(USES_WHAT_IS_LIVE)).ok


async def test_nothing_live_is_touched(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "thread.play")
        before = len(heard.of(StateChanged))
        report = await OrcChecker(engine).check(NOISY)
        assert report.ok
        assert await do(engine, "csound.controlChannel", "checked") == [0.0, 0]
        assert await do(engine, "csound.evalCode", 'return nstrnum("noisy")\n') == -1.0
        assert heard.of(StateChanged)[before:] == []


async def test_files_that_the_code_writes_are_not_the_workspaces(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("kept")
    code = 'gihandle fiopen "notes.txt", 0\n'
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "csound.start")
        assert (await OrcChecker(engine).check(code)).ok
    assert (tmp_path / "notes.txt").read_text() == "kept"


async def test_files_that_the_code_reads_are_found(tmp_path: Path) -> None:
    (tmp_path / "more.inc").write_text("giincluded init 3\n")
    async with engine_in(tmp_path) as engine:
        report = await OrcChecker(engine).check('#include "more.inc"\ninstr 2\n  print giincluded\nendin\n')
    assert report.ok, report


async def test_code_that_crashes_csound_is_told_so(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "thread.play")
        report = await OrcChecker(engine).check(CRASHING)
        assert not report.ok
        assert "crashes" in report.diagnostics[0].message
        await do(engine, "engine.sync")
        assert heard.states()[-1] == "playing"


async def test_code_without_end_is_given_up_with_its_engine(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        await do(engine, "csound.compileOrc", TONE, True)
        await do(engine, "thread.play")
        before = set(children())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.0):
                await OrcChecker(engine).check(ENDLESS)
        assert set(children()) == before
        assert engine.state == "playing"


def children() -> list[int]:
    """The processes that this one has started, where the system tells."""
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in listing.read_text().split()] if listing.exists() else []
