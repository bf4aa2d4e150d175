"""Code that would end a Csound, at every door that code comes in by: it is refused, and the engine lives."""

from __future__ import annotations

import math
from contextlib import suppress
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from csoundd.daemon.piece import PieceLoader
from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors.advice import CompileAdvice
from csoundd.errors import LimitExceeded
from tests.backends.engines import EngineIn
from tests.engine.listening import do

CSOUND_7 = 7000
PIECE = (
    "<CsoundSynthesizer>\n<CsOptions>\n-d\n</CsOptions>\n<CsInstruments>\nksmps = 64\n{}\n</CsInstruments>\n"
    "<CsScore>\n{}\n</CsScore>\n</CsoundSynthesizer>\n"
)
LINE = 7
"""The line of a piece in which its code begins."""

SUM = "1" + " + 1" * 12_000
CODE = {
    "a comment without an end": "gi_x = 1\n/*",
    "a condition without an end": "#ifdef A\ngi_x = 1\n",
    "operators": f"gi_x = {SUM}\n",
    "operators, the line broken": "gi_x = " + " + \\\n  ".join("1" * 12_000) + "\n",
    "operators, of macros": f"#define A #{'1 + ' * 4000}1#\n#define B #$A + $A#\ngi_x = $B + $B\n",
    "a word": "gi_" + "x" * 20_000 + " = 1\n",
    "a long name of a file": f'#include "{"n" * 7000}"\n',
    "operators of a file": '#include "sum.orc"\n',
    "a file that is not there": '#include "nothing.orc"\n',
    "a file that is not there, of a file": '#include "includes.orc"\n',
}
INFINITE = {
    "an infinite constant": "gi_x = 1/0\n",
    "an infinite constant of a macro": "#define A #1/0#\ngi_x = $A\n",
    "an infinite constant of a file": '#include "infinite.orc"\n',
}
"""6.18 dies of them; on the others they are infinite."""

FILES = {
    "sum.orc": f"gi_x = {SUM}\n",
    "includes.orc": '#include "nothing.orc"\n;\n',
    "infinite.orc": "gi_x = 1/0\n",
}
LONG = {"operators, the line broken", "operators, of macros", "operators of a file"}
QUICK = {"csound.compileOrc", "csound.compileCsd"}
LOADED = {"a comment without an end", "operators", "an infinite constant"}
BEFORE_START = (
    *("csound.compileOrc", "csound.compileOrcAsync", "thread.compileOrc", "orc.compile"),
    *("csound.compileCsdText", "csound.compileCsd", "engine.load", "a CSD of the command line", "the command line"),
)
AFTER_START = ("csound.compileOrc", "csound.compileOrcAsync", "csound.evalCode", "orc.compile", "csound.compileCsdText")


def is_old(engine: Engine) -> bool:
    """Whether it is Csound 6."""
    version = engine.info().version
    assert version is not None
    return version < CSOUND_7


def is_refusal(result: object) -> bool:
    """Whether code did not compile."""
    if isinstance(result, dict):
        return not result["ok"]
    return result is None or (isinstance(result, float) and math.isnan(result)) or result != 0


async def refused(engine: Engine, folder: Path, door: str, code: str) -> bool:
    """Whether ``code`` is refused that comes in by ``door``."""
    piece = PIECE.format(code, "i 1 0 1")
    (folder / "piece.csd").write_text(piece)
    (folder / "piece.orc").write_text(code)
    calls: dict[str, tuple[object, ...]] = {
        "csound.compileOrc": (door, code, True),
        "csound.compileCsdText": (door, piece, True),
        "csound.compileCsd": (door, "piece.csd", True),
        "a CSD of the command line": ("csound.compileCommandLine", "csound", "piece.csd"),
        "the command line": ("csound.compileCommandLine", "csound", "piece.orc"),
    }
    method, *args = calls.get(door, (door, code))
    try:
        if door == "engine.load":
            return not (await PieceLoader(engine, CompileAdvice()).load(None, "piece.csd")).ok
        return is_refusal(await do(engine, str(method), *args))
    except LimitExceeded:
        return True


@pytest.mark.parametrize("is_started", [False, True])
async def test_no_door_lets_code_through_that_another_refuses(
    engine_in: EngineIn, tmp_path: Path, *, is_started: bool
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    async with engine_in(tmp_path, "step") as engine:
        codes = CODE | (INFINITE if is_old(engine) else {})
        if is_started:
            assert await do(engine, "csound.start") == 0
        let_through = [
            (door, what)
            for door in (AFTER_START if is_started else BEFORE_START)
            for what, code in codes.items()
            # A load tries the code in an engine of its own, and much code is long to read: they take their time.
            if (door != "engine.load" or what in LOADED)
            and (door in QUICK or what not in LONG)
            and not await refused(engine, tmp_path, door, code)
        ]
        assert let_through == []
        assert engine.epoch == 1 if is_started else engine.state == "ready"


async def test_a_score_is_held_to_the_same_wherever_it_comes_from(engine_in: EngineIn, tmp_path: Path) -> None:
    (tmp_path / "piece.orc").write_text("instr 1\nendin\n")
    async with engine_in(tmp_path, "step") as engine:
        for score in (f"i 1 0 1{' 1' * 12_000}", '#include "nothing.sco"', "i 1 0 [1", "/*"):
            piece = PIECE.format("instr 1\nendin", score)
            (tmp_path / "piece.csd").write_text(piece)
            (tmp_path / "piece.sco").write_text(score + "\n")
            for method, *args in (
                ("csound.compileCsdText", piece, True),
                ("csound.compileCsd", "piece.csd", True),
                ("csound.compileCommandLine", "csound", "piece.csd"),
                ("csound.compileCommandLine", "csound", "piece.orc", "piece.sco"),
            ):
                with suppress(LimitExceeded):
                    assert is_refusal(await do(engine, str(method), *args)), (method, score[:20])
        assert engine.epoch == 1


async def test_a_file_with_a_nul_is_no_piece(engine_in: EngineIn, tmp_path: Path) -> None:
    (tmp_path / "piece.csd").write_text(PIECE.format("instr 1\nendin\0", "i 1 0 1"))
    (tmp_path / "piece.orc").write_text("instr 1\nendin\0\n")
    async with engine_in(tmp_path, "step") as engine:
        assert await do(engine, "csound.compileCsd", "piece.csd", True) == -1
        assert await do(engine, "csound.compileCommandLine", "csound", "piece.orc") == -1


BESIDE = (
    ('#include "nothing.orc"\n', "i 1 0 1", LINE),
    ("instr 1\nendin", '#include "nothing.sco"', LINE + 4),
    ('gi_x ftgen 1, 0, 0, 1, "nothing.wav", 0, 0, 0\n', "i 1 0 1", LINE),
)


@pytest.mark.parametrize(("code", "score", "line"), BESIDE)
async def test_a_file_that_a_piece_lacks_is_told_with_its_line(
    engine_in: EngineIn, tmp_path: Path, code: str, score: str, line: int
) -> None:
    async with engine_in(tmp_path, "free") as engine:
        report = await PieceLoader(engine, CompileAdvice()).load(PIECE.format(code, score), None)
        assert not report.ok
        assert (line, "error", "") in [(each.line, each.severity, each.file) for each in report.diagnostics]
        assert engine.state != "playing"


async def test_a_file_that_a_condition_includes_may_be_missing_too(engine_in: EngineIn, tmp_path: Path) -> None:
    code = '#define A #1#\n#ifdef A\n#include "nothing.orc"\n#end\n'
    async with engine_in(tmp_path, "step") as engine:
        assert await do(engine, "csound.compileOrc", code, True) != 0
        assert await do(engine, "csound.compileCsdText", PIECE.format(code, ""), True) != 0


async def test_an_infinite_constant_is_infinite_where_that_is_no_death(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        if is_old(engine):
            assert await do(engine, "csound.compileCsdText", PIECE.format(INFINITE["an infinite constant"], ""), True)
            return
        assert await do(engine, "csound.compileCsdText", PIECE.format("gi_x = 1/0", ""), True) == 0
        await do(engine, "csound.start")
        assert np.isinf(cast("float", await do(engine, "csound.evalCode", "return gi_x")))
