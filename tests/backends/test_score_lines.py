"""Lines of a score as a score is read: carried, counted on, computed; before the start and after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from csoundd.errors import InvalidParams
from tests.backends.engines import EngineIn
from tests.backends.pushing import HEADER, Staged
from tests.engine.listening import do

COUNTING = """
gicount init 0
instr 1
  icount chnget "count"
  isum chnget "sum"
  chnset icount + 1, "count"
  chnset isum + p4, "sum"
  chnset pcount(), "fields"
endin
"""
METHODS = ["csound.eventString", "csound.inputMessage", "thread.inputMessage"]
LINES = [
    ("i 1 0 .001 3\ni . + . 5", 2, 8.0, 4),
    ("i 1 0 [1/1000] [1 + 2 * 3]", 1, 7.0, 4),
    ("i1 0 .001 1\ni1 .001 .001 <\ni1 .002 .001 3", 3, 6.0, 4),
    ("i1 0 .001 2 ; i1 0 1 50\n/* i1 0 1 60 */ // 70", 1, 2.0, 4),
    ("{ 3 N\ni1 0 .001 1\n}", 3, 3.0, 4),
    ('i1 0 .001 2 "a string"', 1, 2.0, 5),
    ("#define AMP #3#\ni1 0 .001 $AMP\ni1 + . [$AMP * 2]", 2, 9.0, 4),
    ("#define NOTE(start'amp) #i1 $start .001 [$amp + 1]#\n$NOTE(0'3)\n$NOTE(.01'(4))", 2, 9.0, 4),
    ("#ifdef NONE\ni1 0 .001 100\n#else\ni1 0 .001 1\n#end", 1, 1.0, 4),
    ("r 2 N\ni1 0 .001 $N\ns", 2, 1.0, 4),
]


@pytest.mark.parametrize("method", METHODS)
async def test_lines_after_the_start_are_read_as_a_score(staged: Staged, tmp_path: Path, method: str) -> None:
    async with staged(tmp_path) as stage:
        assert await do(stage.engine, "csound.compileOrc", HEADER + COUNTING, True) == 0
        assert await do(stage.engine, "csound.start") == 0
        count = total = 0.0
        for text, notes, added, fields in LINES:
            await do(stage.engine, method, text)
            await stage.step(40)
            count, total = count + notes, total + added
            assert await stage.channel("count") == count, text
            assert await stage.channel("sum") == pytest.approx(total), text
            assert await stage.channel("fields") == fields, text


async def test_lines_that_make_no_sense_are_refused_and_the_engine_lives(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        assert await do(stage.engine, "csound.compileOrc", HEADER + COUNTING, True) == 0
        for starts in (False, True):
            if starts:
                assert await do(stage.engine, "csound.start") == 0
            for text in (
                "i1 0 1 [440 @ 0]",
                "#define A #1",
                "#define A(x) #$x#\ni1 0 1 $A",
                "#undef A",
                "[" + "(" * 40,
            ):
                with pytest.raises(InvalidParams):
                    await do(stage.engine, "csound.eventString", text, True)
        await do(stage.engine, "csound.eventString", "i1 0 .001 1", True)
        await stage.step(10)
        assert await stage.channel("sum") == 1


async def test_lines_before_the_start_add_up_to_one_score(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        assert await do(stage.engine, "csound.compileOrc", HEADER + COUNTING, True) == 0
        await do(stage.engine, "csound.eventString", "i 1 0 .001 3\ni . + . 5\ne\n", True)
        await do(stage.engine, "csound.inputMessage", "#define AT #[1/100]#\ni 1 $AT .001 7")
        await do(stage.engine, "csound.eventString", "i 1 0.02 .001 9", True)
        assert await do(stage.engine, "csound.start") == 0
        await stage.step(40)
        assert await stage.channel("count") == 4
        assert await stage.channel("sum") == 24


async def test_lines_beside_the_score_of_a_csd_are_played_with_it(staged: Staged, tmp_path: Path) -> None:
    csd = (
        f"<CsoundSynthesizer>\n<CsInstruments>\n{HEADER}{COUNTING}</CsInstruments>\n<CsScore>\ni1 0 .1 1\n</CsScore>\n"
    )
    async with staged(tmp_path) as stage:
        assert await do(stage.engine, "csound.compileCsdText", csd, True) == 0
        await do(stage.engine, "csound.eventString", "i1 0 .001 10\ni1 + . .", True)
        await do(stage.engine, "csound.eventString", "i1 0 .001 100", True)
        assert await do(stage.engine, "csound.start") == 0
        await stage.step(40)
        assert await stage.channel("sum") == 121


async def test_a_score_given_before_the_start_ends_the_performance(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "free") as engine:
        assert await do(engine, "csound.compileOrc", HEADER + COUNTING, True) == 0
        await do(engine, "csound.eventString", "i1 0 .01 1\ne ; of this call", True)
        await do(engine, "csound.eventString", "i1 .02 .01 1", True)
        assert await do(engine, "csound.perform") == 1
        assert await do(engine, "csound.controlChannel", "count") == [2.0, 0]


NOBODY: list[tuple[Any, ...]] = [
    ("csound.event", "i", ["Nobody", 0.0, 0.01]),
    ("csound.event", "i", ["Nobody.5", 0.0, -1.0]),
    ("csound.event", "i", ["-Nobody", 0.0, 0.0]),
    ("csound.event", "i", [0.0, 0.0, 0.01]),
    ("csound.event", "i", [0.5, 0.0, 0.01]),
    ("csound.event", "d", ["Nobody", 0.0, 0.01]),
    ("csound.eventString", 'i "Nobody" 0 .01'),
    ("csound.eventString", 'i0 0 .01\ni "" 0 .01\ni1 0 .001 7\ni . + . 8'),
    ("thread.inputMessage", 'i "Nobody" 0 .01'),
    ("thread.scoreEvent", False, "i", ["Nobody", 0.0, 0.01]),
]


async def test_a_note_of_no_instrument_leaves_the_channels_alone(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        assert await do(stage.engine, "csound.compileOrc", HEADER + 'chnset 5, "knob"\n' + COUNTING, True) == 0
        assert await do(stage.engine, "csound.start") == 0
        await do(stage.engine, "csound.setControlChannel", "knob", 9.0)
        for call in NOBODY:
            await do(stage.engine, *call)
            await stage.step(40)
            assert await stage.channel("knob") == 9.0, call
        assert (await stage.channel("count"), await stage.channel("sum")) == (2.0, 15.0)


ADVANCES: list[tuple[str, tuple[object, ...]]] = [
    *(
        (method, ("a", pfields))
        for method in ("csound.event", "csound.scoreEvent", "csound.scoreEventAsync")
        for pfields in ([], [0], [0, 0], [0, 0, 0.001], [1, 0.001, 0.001, 4, 5], [0, 0, -1], [-1, -1, 0], ["a", 0, 1])
    ),
    *(("thread.scoreEvent", (absolute, "a", [0, 0, 0.001])) for absolute in (False, True)),
    *(
        ("csound.eventString", (line,))
        for line in ("a", "a 0", "a 0 0", "a 0 0 .001", "a . . .", 'a "a" 0 1', "a 0 0 [1")
    ),
]


@pytest.mark.parametrize("is_started", [False, True], ids=["before the start", "after it"])
async def test_an_event_that_advances_the_score_has_an_answer(staged: Staged, tmp_path: Path, is_started: bool) -> None:
    async with staged(tmp_path) as stage:
        pid = stage.engine.info().pid
        assert await do(stage.engine, "csound.compileOrc", HEADER + COUNTING, True) == 0
        if is_started:
            assert await do(stage.engine, "csound.start") == 0
        for method, args in ADVANCES:
            try:
                assert await do(stage.engine, method, *args) in {None, 0}, (method, args)
            except InvalidParams:
                assert args[-1] in ([], ["a", 0, 1]) or str(args[0]).startswith("a"), (method, args)
            if is_started:
                await stage.step(2)
        if is_started:
            await do(stage.engine, "csound.eventString", "i 1 0 .001 3")
            await stage.step(40)
            assert await stage.channel("sum") == 3.0
        else:
            # As a score of its own it is soon over.
            assert await do(stage.engine, "csound.start") == 0
            assert await do(stage.engine, "csound.performKsmps") in {False, True}
        assert stage.engine.info().pid == pid
