"""Output without bound is bounded at its source, and what is left out is counted."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from csoundd.engine.csound.limits import STATEMENTS
from csoundd.limits import LINES, PRINTED_LINE_CHARACTERS
from csoundd.messages import MessagePrinted
from tests.backends.engines import EngineIn
from tests.backends.test_deaths import active
from tests.engine.listening import PATIENCE, Heard, do

DROPPED = re.compile(r"WARNING: (\d+) (.+) came too fast and were dropped\n")
FLOOD = """
sr = 48000
ksmps = 10
nchnls = 1
0dbfs = 1
instr 1
  kcount init 0
  kcount += 1
  printks "flood %d\\n", 0, kcount
  printks "flood %d\\n", 0, kcount
  printks "flood %d\\n", 0, kcount
  printks "flood %d\\n", 0, kcount
  printks "flood %d\\n", 0, kcount
  printks "flood %d\\n", 0, kcount
  printks "flood %d\\n", 0, kcount
  printks "flood %d\\n", 0, kcount
endin
instr 2
  print 1234
endin
schedule(1, 0, -1)
"""


def flood_lines(heard: Heard) -> list[str]:
    return [event.text for event in heard.of(MessagePrinted) if event.text.startswith("flood")]


def dropped(heard: Heard, what: str) -> int:
    """The counts that were told, added up."""
    notices = (DROPPED.fullmatch(event.text) for event in heard.of(MessagePrinted))
    return sum(int(notice[1]) for notice in notices if notice is not None and notice[2] == what)


async def test_answers_come_while_a_flood_goes_on(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "free") as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", FLOOD)
        await do(engine, "thread.play")
        await heard.until(lambda: dropped(heard, "messages"))
        for _ in range(20):
            before = dropped(heard, "messages")
            assert await do(engine, "csound.sr") == 48000.0
            await heard.until(lambda before=before: dropped(heard, "messages") > before)  # type: ignore[misc]
        await do(engine, "thread.stop")
        assert heard.states()[-1] == "ended"


async def test_lines_are_bounded_and_the_rest_is_counted(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "free") as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", FLOOD)
        await do(engine, "thread.play")
        await heard.until(lambda: dropped(heard, "messages") > LINES)
        await do(engine, "thread.pause")
        samples = await do(engine, "csound.currentTimeSamples")
        assert isinstance(samples, int)
        printed = 8 * samples // 10
        await heard.until(lambda: len(flood_lines(heard)) + dropped(heard, "messages") >= printed)


async def test_a_call_hears_its_own_lines_in_a_flood(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "free") as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", FLOOD)
        await do(engine, "thread.play")
        await heard.until(lambda: dropped(heard, "messages"))
        report = await do(engine, "orc.compile", "instr 3\n  nonsense here\nendin\n")
        assert isinstance(report, dict)
        assert report["ok"] is False
        assert report["diagnostics"]


async def test_a_very_long_line_is_cut_and_says_so(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        heard = Heard(engine)
        await do(engine, "csound.start")
        longest = 'Sline = "0123456789"\nicount = 0\nwhile icount < 9 do\nSline strcat Sline, Sline\nicount += 1\nod\n'
        code = f'instr 1\n{longest}prints Sline\nprints "\\n"\nendin\nschedule(1, 0, 0)\n'
        await do(engine, "csound.compileOrc", code)
        await do(engine, "csound.performKsmps")
        await heard.until(lambda: any("more characters" in event.text for event in heard.of(MessagePrinted)))
        assert max(len(event.text) for event in heard.of(MessagePrinted)) < PRINTED_LINE_CHARACTERS + 40


async def test_thousands_of_notes_in_one_call_all_begin_and_others_are_answered(
    engine_in: EngineIn, tmp_path: Path
) -> None:
    async with engine_in(tmp_path, "free") as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", "sr = 48000\nksmps = 64\ninstr 1\nendin\n")
        await do(engine, "thread.play")
        for sent in range(1, 3):
            await do(engine, "csound.eventString", "\n".join(["i 1 0 1e9"] * STATEMENTS), True)
            assert await do(engine, "csound.sr") == 48000.0
            async with asyncio.timeout(PATIENCE):
                while await active(engine, "1") < sent * STATEMENTS:
                    pass
        assert await active(engine, "1") == 2 * STATEMENTS
        assert heard.states()[-1] == "playing"
