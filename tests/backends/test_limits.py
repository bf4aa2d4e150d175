"""Arguments that would write beyond a buffer of the library, or end it, are refused; those that fit are played."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pytest

from csoundd.daemon import INTERCEPTORS
from csoundd.engine.client.engine import Engine
from csoundd.engine.csound.limits import STATEMENTS
from csoundd.engine.options import EngineName, HostOptions
from csoundd.errors import CsounddError, EngineCrashed, InvalidParams, LimitExceeded, WrongState
from csoundd.messages import MessagePrinted
from tests.backends.engines import EngineIn
from tests.backends.test_deaths import died, killed
from tests.engine.listening import Heard, do

COUNTING = """
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1
instr 1
  icount pcount
  chnset icount, "fields"
endin
instr Buzz
  aout oscili p4, 440
  out aout
endin
"""
NOTED = """
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1
instr 1, Named
  isum chnget "sum"
  chnset isum + p4, "sum"
endin
"""
MOST_FIELDS = 1980
LONG_SCORE = "<CsoundSynthesizer>\n<CsScore>\ni 1 0 1" + " 1" * 12_000 + "\n</CsScore>\n</CsoundSynthesizer>\n"
LIMITED = [
    ("csound.compileOrc", "x" * 20_000, True),
    ("csound.compileOrcAsync", " " * 20_000),
    ("csound.evalCode", "return " + "1" * 20_000),
    ("thread.compileOrc", "gi_x = $" + "M" * 20_000),
    ("orc.compile", "gi_x = 1" + " + 1" * 30_000),
    ("csound.compileOrc", '#include "' + "n" * 7_000 + '"\n', True),
    (
        "csound.compileCsdText",
        f"<CsoundSynthesizer>\n<CsScore>\ni 1 0 1{' 1' * 12_000}\n</CsScore>\n</CsoundSynthesizer>\n",
    ),
    ("csound.evalCode", "i 1 0 1\n" * 300_000),
    ("csound.instrNumber", "n" * 20_000),
    ("csound.eventString", "\n" * 300_000, True),
    ("csound.eventString", "i 1 0 1\n" * (STATEMENTS + 1), True),
    ("csound.inputMessage", "{ 70 A\n{ 70 B\ni 1 0 1\n}\n}\n"),
    ("csound.eventString", "i 1 0 1\n" * 300_000, True),
    ("csound.event", "f", [1e12, 0.0, 16.0, 10.0, 1.0], True),
    ("csound.event", "f", [9.0, 0.0, 1e15, 10.0, 1.0], True),
    ("csound.event", "a", [0.0, 0.0, 1e9], True),
    ("csound.eventString", "a 0 0 1e9", True),
    ("csound.setScoreOffsetSeconds", 1e6),
    ("thread.setScoreOffsetSeconds", 1e6),
    ("csound.event", "i", [1.0, 0.0, 0.01] + [0.5] * MOST_FIELDS, True),
    ("csound.scoreEvent", "i", np.ones(MOST_FIELDS + 1)),
    ("csound.scoreEventAsync", "i", ["Buzz", 0.0, 0.01] + [0.5] * MOST_FIELDS),
    ("thread.scoreEvent", False, "i", [1.0, 0.0, 0.01] + [0.5] * MOST_FIELDS),
    ("csound.event", "i", ["B" * 256, 0.0, 0.01], True),
    ("csound.eventString", "i 1 0 0.01" + " 1" * MOST_FIELDS, True),
    ("csound.inputMessage", "i 1 0 0.01 " + "1" * 20_001),
    ("thread.inputMessage", "i 1 0 0.01" + " 1" * MOST_FIELDS),
    ("csound.inputMessageAsync", "i 1 0 0.001\n" * 10_001),
    ("csound.setGlobalEnv", "SFOUTYP", "x" * 20_000),
    ("csound.setGlobalEnv", "SSDIR", "x;" * 20_000),
    ("csound.compileCsd", "n" * 256, True),
    ("csound.compileCsd", "n/" * 501, True),
]
ENDLESS = [
    *("/*", 'i "Buzz', "i 1 0 [1", "{{", "}", "{ 2 N", "${", "#ifdef A", 'i 1 0 0.01 "\\"'),
    *(
        "{ 0 N\n}",
        '{ chnset 1, "fields" }',
        "{\ninstr 9\nendin\n}",
        "i 1 0 [1 +]",
        "i 1 0 [-$N]",
        "m a\nn a\n",
        "r 0\n",
    ),
]


async def started(engine: Engine) -> None:
    assert await do(engine, "csound.compileOrc", COUNTING, True) == 0
    assert await do(engine, "csound.start") == 0


async def cycles(engine: Engine, count: int = 8) -> None:
    for _ in range(count):
        await do(engine, "csound.performKsmps")


async def peak(engine: Engine) -> float:
    await cycles(engine)
    return float(np.abs(np.asarray(await do(engine, "csound.spout"))).max())


async def test_more_than_a_buffer_holds(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await started(engine)
        for method, *args in LIMITED:
            with pytest.raises(LimitExceeded):
                await do(engine, str(method), *args)
        await cycles(engine)
        assert engine.epoch == 1


async def test_as_much_as_a_buffer_holds(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await started(engine)
        await do(engine, "csound.scoreEvent", "i", [1.0, 0.0, 0.01] + [0.5] * (MOST_FIELDS - 3))
        await cycles(engine)
        assert await do(engine, "csound.controlChannel", "fields") == [float(MOST_FIELDS), 0]


async def test_lines_and_code_without_an_end(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        for reach in (None, started):
            if reach is not None:
                await reach(engine)
            for lines in ENDLESS:
                with pytest.raises(InvalidParams):
                    await do(engine, "csound.eventString", lines, True)
            for code in ("/*", "#ifdef A", "#end", "#define A #"):
                assert await do(engine, "csound.compileOrc", code, True) == -1
                assert await do(engine, "csound.compileOrcAsync", code) == -1
        assert np.isnan(await do(engine, "csound.evalCode", "/*"))  # type: ignore[call-overload]
        report = await do(engine, "orc.compile", "gi_x = 1\n/*")
        assert isinstance(report, dict)
        assert not report["ok"]
        assert engine.epoch == 1


async def test_a_note_before_the_start_is_in_the_score(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        assert await do(engine, "csound.compileOrc", COUNTING, True) == 0
        await do(engine, "csound.scoreEvent", "i", ["Buzz", 0.0, 1.0, 0.5])
        assert await do(engine, "csound.start") == 0
        assert await peak(engine) > 0.4


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("csound.event", ["i", [1.0, 0.0, 1.0], True]),
        ("csound.scoreEvent", ["i", [1.0, 0.0, 1.0]]),
        ("csound.scoreEventAsync", ["e", [0.0, 1.0]]),
        *(("csound.event", [kind, [], True]) for kind in "ifqdbxae"),
        ("csound.event", ["d", [1.0, 0.0, 1.0, math.nan], True]),
        ("csound.event", ["i", ["Buzz", 0.0, math.inf], True]),
        ("csound.event", ["i", ["No such", 0.0, 1.0], True]),
        ("csound.event", ["i", ["Buzz", 0.0, 1.0, "a}b"], True]),
        ("csound.event", ["f", [9.0, 0.0, 4.0, math.nan, 1.0], True]),
        ("csound.event", ["a", ["x", 0.0, 1.0], True]),
        ("csound.setEndMarker", [1.0]),
        ("thread.setEndMarker", [1.0, True]),
        ("thread.scoreEvent", [True, "i", [1.0, 0.0, 1.0]]),
        ("csound.killInstance", ["Buzz.31", 4, True]),
    ],
    ids=str,
)
async def test_a_fresh_engine_survives_events(
    engine_in: EngineIn, tmp_path: Path, method: str, args: list[object]
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        for _ in range(2):
            try:
                await do(engine, method, *args)
            except CsounddError as answer:
                assert answer.code in {-32003, -32602}, answer  # noqa: PT017 - either an answer or one of these
            await do(engine, "csound.start")
            await cycles(engine, 2)
            try:
                await do(engine, method, *args)
            except CsounddError as answer:
                assert answer.code in {-32003, -32602}, answer  # noqa: PT017 - either an answer or one of these
            await cycles(engine, 2)
            await do(engine, "csound.reset")
        assert engine.epoch == 3


async def test_a_note_is_ended_by_its_name_and_fraction(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await started(engine)
        number = await do(engine, "csound.instrNumber", "Buzz")
        assert isinstance(number, int)
        await do(engine, "csound.scoreEvent", "i", [number + 0.31, 0.0, -1.0, 0.5])
        await do(engine, "csound.scoreEvent", "i", [number + 0.32, 0.0, -1.0, 0.25])
        assert await peak(engine) == pytest.approx(0.75, abs=0.01)
        await do(engine, "csound.killInstance", "Buzz.31", 4, False)
        assert await peak(engine) == pytest.approx(0.25, abs=0.01)


async def test_reading_a_channel_leaves_its_mode(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await started(engine)
        await do(engine, "csound.setStringChannel", "title", "Nocturne")
        before = await do(engine, "csound.allocatedChannels")
        await do(engine, "channel.list", "*")
        assert await do(engine, "csound.stringChannel", "title") == "Nocturne"
        assert await do(engine, "csound.allocatedChannels") == before


async def test_a_control_channel_of_another_kind_has_a_code(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await started(engine)
        await do(engine, "csound.setStringChannel", "title", "Nocturne")
        value = await do(engine, "csound.controlChannel", "title")
        assert isinstance(value, list)
        assert value[0] == 0.0
        assert value[1] != 0
        assert await do(engine, "csound.controlChannel", "never made") == [0.0, 0]


async def test_a_message_longer_than_the_library_has_room_for(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, drive="step") as engine:
        heard = Heard(engine)
        await do(engine, "csound.message", "é" * 50_000 + "!")
        await heard.until(lambda: any("é" in event.text for event in heard.of(MessagePrinted)))
        assert await do(engine, "csound.compileOrc", COUNTING, True) == 0


async def test_the_ways_to_play_before_the_start_add_up(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, drive="step") as engine:
        assert await do(engine, "csound.compileOrc", NOTED, True) == 0
        await do(engine, "csound.event", "i", [1.0, 0.0, 0.001, 1.0], True)
        await do(engine, "csound.scoreEvent", "i", [1.0, 0.0, 0.001, 10.0])
        await do(engine, "csound.eventString", "i 1 0 0.001 100", True)
        await do(engine, "csound.inputMessage", "i 1 0 0.001 1000")
        await do(engine, "csound.inputMessageAsync", "r 2\ni 1 0 0.001 10000\ns")
        await do(engine, "thread.scoreEvent", False, "i", [1.0, 0.0, 0.001, 100000.0])
        await do(engine, "csound.event", "i", ["Named", 0.0, 0.001, 1000000.0], True)
        assert await do(engine, "csound.start") == 0
        await cycles(engine)
        assert await do(engine, "csound.controlChannel", "sum") == [1121111.0, 0]


@pytest.mark.parametrize("method", ["csound.setMidiModule", "csound.setRTAudioModule"])
async def test_a_module_is_chosen_before_the_start(engine_in: EngineIn, tmp_path: Path, method: str) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, method, "null")
        await started(engine)
        for module in ("jack", "null"):
            with pytest.raises(WrongState):
                await do(engine, method, module)
        await cycles(engine)
        assert engine.epoch == 1


CHANNELS = "sr = 48000\nksmps = 64\nnchnls = {}\n0dbfs = 1\ninstr 1\nendin\n"


async def test_more_channels_than_there_is_room_for(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        for number in ("257", "99999", "2 ^ 10"):
            assert await do(engine, "csound.compileOrc", CHANNELS.format(number), True) == -1
        piece = f"<CsoundSynthesizer>\n<CsInstruments>\n{CHANNELS.format(300)}</CsInstruments>\n</CsoundSynthesizer>\n"
        assert await do(engine, "csound.compileCsdText", piece, True) == -1
        with pytest.raises(LimitExceeded):
            await do(engine, "csound.compileOrcHeader", None, 300, None, 1.0, 64, None)
        for option in ("--nchnls=257", "--nchnls_i=300"):
            with pytest.raises(InvalidParams):
                await do(engine, "csound.setOption", option)
        assert await do(engine, "csound.compileOrc", CHANNELS.format(256), True) == 0
        await do(engine, "csound.start")
        await cycles(engine)
        assert np.asarray(await do(engine, "csound.spout")).size == 256 * 64
        await do(engine, "csound.reset")
        assert engine.epoch == 2


async def test_an_engine_with_too_many_channels_is_replaced_before_it_writes_beyond_its_memory(
    engine_in: EngineIn, tmp_path: Path
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        with pytest.raises(EngineCrashed, match="300 channels"):
            await do(engine, "csound.compileOrc", "#define MANY #300#\n" + CHANNELS.format("$MANY"), True)
        assert await do(engine, "csound.compileOrc", CHANNELS.format(2), True) == 0
        await do(engine, "csound.start")
        await cycles(engine)
        assert np.asarray(await do(engine, "csound.spout")).size == 2 * 64


async def test_a_cycle_too_large_to_be_counted_is_no_start(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        header = (200_000_000, 256, None, 1.0, 1 << 24, None)
        await do(engine, "csound.compileOrcHeader", *header)
        for method in ("csound.start", "csound.performKsmps"):
            with pytest.raises(LimitExceeded):
                await do(engine, method)
        await do(engine, "csound.reset")
        await started(engine)
        await cycles(engine)
        assert engine.epoch == 2


async def test_a_midi_file_that_was_never_opened_is_not_rewound(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "csound.setOption", "-Fnothing.mid")
        await do(engine, "csound.rewindScore")
        assert engine.epoch == 1


async def test_options_that_no_command_line_holds_leave_the_engine(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await started(engine)
        for options in (['"' * 300_000], ["é" * 20_000], ["-d"] * 100_000):
            with pytest.raises(LimitExceeded):
                await engine.restart(options, "")
        await cycles(engine)
        assert engine.epoch == 1


IDLE = "sr = 48000\nksmps = 64\nnchnls = 1\n0dbfs = 1\ninstr 1\nendin\n"
TOO_MUCH_AT_ONCE = {
    "notes": [("csound.eventString", ["i 1 0 9\n" * 2_500, True])] * 3,
    "lines": [("csound.inputMessage", ["; nothing\n" * 2_500])] * 20,
    "notes one by one": [("csound.scoreEvent", ["i", [1.0, 0.0, 9.0]])] * 6_000,
    "tables of many partials": [("csound.event", ["f", [9.0, 0.0, 2.0**18, 10.0, *[1.0] * 30], True])] * 3,
    "large tables": [("csound.eventString", [f"f {n} 0 {1 << 24} -2 0", True]) for n in range(9, 14)],
    "time passed over": [("csound.event", ["a", [0.0, 0.0, 9_000.0], True])] * 4,
}


@pytest.mark.parametrize("calls", TOO_MUCH_AT_ONCE.values(), ids=TOO_MUCH_AT_ONCE)
async def test_what_is_too_much_for_one_cycle_is_refused_and_the_rest_is_played(
    engine_in: EngineIn, tmp_path: Path, calls: list[tuple[str, list[object]]]
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        assert await do(engine, "csound.compileOrc", IDLE, True) == 0
        await do(engine, "csound.start")
        await cycles(engine, 1)
        refused = [
            answer["error"]["code"]
            for answer in cast("list[dict[str, Any]]", await do(engine, "engine.batch", calls))
            if "error" in answer
        ]
        assert 0 < len(refused) < len(calls)
        assert set(refused) == {LimitExceeded.code}
        await cycles(engine, 1)
        await do(engine, "csound.event", "i", [1.0, 0.0, 9.0], True)
        await cycles(engine, 1)
        assert engine.epoch == 1


async def test_notes_that_wait_for_their_time_are_so_many(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        assert await do(engine, "csound.compileOrc", IDLE, True) == 0
        await do(engine, "csound.start")
        for _ in range(4):
            await do(engine, "csound.eventString", "i 1 60 9\n" * 2_400, True)
            await cycles(engine, 1)
        with pytest.raises(LimitExceeded):
            await do(engine, "csound.eventString", "i 1 60 9\n" * 2_400, True)
        await do(engine, "csound.eventString", "i 1 0 9", True)
        await cycles(engine, 1)
        assert engine.epoch == 1


TABLES: Final = 4
ONE_TOO_MANY: Final[list[tuple[str, list[object]]]] = [
    ("csound.event", ["f", [5.0, 0.0, 8.0, -2.0, 1.0], True]),
    ("csound.scoreEvent", ["f", [5.0, 3.0, 8.0, -2.0, 1.0]]),
    ("csound.scoreEventAsync", ["f", [5.0, 0.0, 0.0, 1.0, "none.wav", 0.0, 0.0, 0.0]]),
    ("csound.eventString", ["f 4 0 8 -2 1\nf5 0 8 -2 1", True]),
    ("csound.inputMessage", ["f [2 + 3] 0 8 -2 1"]),
    ("csound.inputMessageAsync", ["{ 2 N\nf [$N + 4] 0 8 -2 1\n}"]),
    ("csound.eventString", ["f -1 9 0 0\nf 5 0 8 -2 1", True]),
    ("csound.eventString", ["s\nf -1 0\ns\nf 5 0 8 -2 1", True]),
]


async def test_events_make_so_many_tables_whatever_way_they_come(engine_name: EngineName, tmp_path: Path) -> None:
    options = HostOptions(engine_name, "step", str(tmp_path), max_tables=TABLES)
    async with Engine(options, INTERCEPTORS) as engine:
        await do(engine, "csound.eventString", "f 1 0 8 -2 1\nf 0 60", True)
        await started(engine)
        await cycles(engine, 1)
        await do(engine, "csound.eventString", "{ 2 N\nf [$N + 2] 0 8 -2 1\n}", True)
        await do(engine, "csound.event", "f", [4.0, 0.0, 8.0, -2.0, 1.0], True)
        await cycles(engine, 2)
        for method, args in ONE_TOO_MANY:
            with pytest.raises(LimitExceeded) as refused:
                await do(engine, method, *args)
            assert (refused.value.details["name"], refused.value.details["limit"]) == ("tables", TABLES), method
        await do(engine, "csound.event", "f", [1.0, 0.0, 16.0, -2.0, 1.0], True)
        await do(engine, "csound.compileOrc", "gi9 ftgen 9, 0, 8, -2, 1\n", True)
        await cycles(engine, 2)
        assert [await do(engine, "csound.tableLength", number) for number in (1, 2, 3, 4, 5, 9)] == [16, 8, 8, 8, -1, 8]
        await do(engine, "csound.event", "f", [-4.0, 0.0], True)
        await do(engine, "csound.event", "f", [5.0, 0.0, 8.0, -2.0, 1.0], True)
        await cycles(engine, 2)
        assert [await do(engine, "csound.tableLength", number) for number in (4, 5)] == [-1, 8]
        with pytest.raises(LimitExceeded):
            await do(engine, "csound.event", "f", [4.0, 0.0, 8.0, -2.0, 1.0], True)


async def test_tables_of_events_are_counted_after_a_death(engine_name: EngineName, tmp_path: Path) -> None:
    options = HostOptions(engine_name, "clock", str(tmp_path), max_tables=TABLES)
    async with Engine(options, INTERCEPTORS) as engine:
        await started(engine)
        await do(engine, "thread.play")
        for number in range(1, TABLES + 1):
            await do(engine, "csound.event", "f", [float(number), 0.0, 8.0, -2.0, 1.0], True)
        await died(engine, killed)
        with pytest.raises(LimitExceeded):
            await do(engine, "csound.event", "f", [5.0, 0.0, 8.0, -2.0, 1.0], True)
        await do(engine, "csound.event", "f", [-1.0, 0.0], True)
        await do(engine, "csound.event", "f", [5.0, 0.0, 8.0, -2.0, 1.0], True)


@pytest.mark.parametrize(
    "line",
    [
        "f 9 0 [2^30] 10 1",
        "f [10 ^ 8] 0 16 10 1",
        "f9 [0 + 0] 1e15 10 1",
        "{ 2 N\nf [$N*1e9] 0 16 10 1\n}",
        "f 9 0 [~*9] 10 1",
    ],
)
async def test_the_size_of_a_table_is_worked_out_before_it_is_made(
    engine_in: EngineIn, tmp_path: Path, line: str
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await started(engine)
        with pytest.raises(InvalidParams):
            await do(engine, "csound.eventString", line, True)
        await do(engine, "csound.eventString", "f 9 0 [2^10*1 - (2^4)] -2 0", True)
        await do(engine, "csound.eventString", "f 10 0 [2^4] 10 1", True)
        await cycles(engine)
        assert await do(engine, "csound.tableLength", 10) == 16
