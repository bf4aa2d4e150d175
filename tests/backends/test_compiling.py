"""Code into an engine: where it is wrong, what it may not ask for, and what came before it could be played."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from csoundd.api.values import Diagnostic
from csoundd.engine.client.engine import Engine
from csoundd.messages import Drive, MessagePrinted
from tests.backends.engines import EngineIn
from tests.backends.pushing import HEADER, Staged
from tests.engine.listening import Heard, do, outcome_of

PIECE = f"""
<CsoundSynthesizer>
<CsOptions>
{{}}
</CsOptions>
<CsInstruments>
{HEADER}
instr 1
endin
</CsInstruments>
<CsScore>
i 1 0 0.01
</CsScore>
</CsoundSynthesizer>
"""


async def first_diagnostic(engine: Engine, code: str) -> Diagnostic:
    report = cast("dict[str, list[dict[str, object]]]", await do(engine, "orc.compile", code))
    return Diagnostic(**report["diagnostics"][0])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "line", "column", "said"),
    [
        ("instr 2\n  asig nosuch 1\nendin\n", 2, 8, "nosuch"),
        ("instr 2\n a1 = = 3\nendin\n", 2, 7, "unexpected"),
        ('instr 2\n  asig oscili "x", 3, 4, 5, 6\nendin\n', 2, 8, "oscili"),
        ("instr 2\n outs anone, anone\nendin\n", 2, 7, "anone"),
    ],
    ids=["opcode", "syntax", "arguments", "variable"],
)
async def test_bad_code_is_told_where(
    engine_in: EngineIn, tmp_path: Path, code: str, line: int, column: int, said: str
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        found = await first_diagnostic(engine, code)
        assert (found.line, found.column) == (line, column)
        assert said in found.message


@pytest.mark.parametrize("drive", ["free", "clock"])
async def test_a_file_that_a_piece_asks_for_is_written_unless_it_plays_live(
    engine_in: EngineIn, tmp_path: Path, drive: Drive
) -> None:
    async with engine_in(tmp_path, drive) as engine:
        heard = Heard(engine)
        assert await do(engine, "csound.compileCsdText", PIECE.format("-o take.wav -W"), True) == 0
        assert await do(engine, "csound.perform") == 1
        is_written = drive == "free" and engine.hello.backend == "native"
        said = "".join(event.text for event in heard.of(MessagePrinted))
        assert ("output to 'take.wav' is ignored" in said) != is_written
        assert (tmp_path / "take.wav").exists() == is_written


async def test_events_before_the_start_are_played_after_it(staged: Staged, tmp_path: Path) -> None:
    code = 'instr 1\n chnset p4, "seen"\nendin\n'
    async with staged(tmp_path) as stage:
        assert await do(stage.engine, "csound.compileOrc", HEADER + code, True) == 0
        await do(stage.engine, "csound.scoreEvent", "i", [1, 0, 1, 0.5])
        assert await do(stage.engine, "csound.start") == 0
        await stage.step(2)
        assert await stage.channel("seen") == 0.5


async def test_a_missing_piece_is_a_failure_and_a_message(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        heard = Heard(engine)
        assert await do(engine, "csound.compileCsd", "none.csd", True) == -1
        assert "none.csd" in "".join(event.text for event in heard.of(MessagePrinted))


@pytest.mark.parametrize(
    ("method", "code", "said"),
    [
        ("csound.compileOrc", "instr 2\n  asig nosuch 1\nendin\n", "nosuch"),
        ("csound.compileCsdText", PIECE.replace("instr 1", "instr 1\n  asig nosuch 1"), "nosuch"),
        ("csound.compileCsd", "nowhere.csd", "nowhere.csd"),
    ],
)
async def test_a_code_comes_with_what_csound_said(
    engine_in: EngineIn, tmp_path: Path, method: str, code: str, said: str
) -> None:
    async with engine_in(tmp_path) as engine:
        failed = await outcome_of(engine, method, code)
        assert failed.result != 0
        assert said in "".join(failed.messages)
        fine = await outcome_of(engine, "csound.compileOrc", 'instr 2\n prints "hello"\nendin\n')
        assert (fine.result, list(fine.messages)) == (0, [])
