"""The places of errors as ``orc.compile`` and ``orc.check`` tell them: the file, the line and the column."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from csoundd.engine.client.engine import Engine
from csoundd.engine.client.trial import OrcChecker
from tests.backends.engines import EngineIn
from tests.engine.listening import do

GOOD = "instr {}\nendin\n"
WRONG = {
    "syntax": ("asig = = 3", "unexpected '='", 8),
    "an opcode that there is not": ("asig nosuchop 3", "nosuchop", 6),
    "a variable that there is not": ("asig oscil kfoo, 440", "kfoo", 12),
}
PLACES = ("", "one.orc", "folder/two.orc", "folder/three.orc")
"""The code itself, and files that are included by each other."""

MISCOUNTED = {
    "an include": '#include "good.orc"\n',
    "includes": '#include "good.orc"\n' * 3,
    "a continued line": "instr 3\ni1 = \\\n 3\nendin\n",
    "a comment over lines": "/*\n\n*/\n",
    "a text over lines": "instr 3\nS1 = {{\n\n}}\nendin\n",
    "a condition": "#ifdef NOTHING\n\n#else\n#end\n",
    "a macro over lines": "#define EMPTY(x) #\n$x\n#\n$EMPTY(;)\n",
    "a past": "",
}


async def errors_of(engine: Engine, code: str) -> list[tuple[str, int, int, str]]:
    """What is told of code, which does not compile."""
    report = cast("dict[str, Any]", await do(engine, "orc.compile", code))
    assert not report["ok"]
    return [(d["file"], d["line"], d["column"], d["message"]) for d in report["diagnostics"]]


def write_files(folder: Path, wrong: str, where: str) -> str:
    """Code whose instruments stand in files that include one another, with what is wrong in one; returns the first."""
    (folder / "folder").mkdir(exist_ok=True)
    texts = []
    for number, place in enumerate(PLACES, 1):
        included = PLACES[number].removeprefix("folder/" if number == 3 else "") if number < len(PLACES) else ""
        include = f'#include "{included}"\n' if included else ""
        body = f"{wrong}\n" if place == where else ""
        texts.append(f"; {place}\n{include}instr {number}\n{body}endin\n")
    for place, text in zip(PLACES[1:], texts[1:], strict=True):
        (folder / place).write_text(text)
    return texts[0]


@pytest.mark.parametrize("where", PLACES)
async def test_an_error_is_told_with_its_file(engine_in: EngineIn, tmp_path: Path, where: str) -> None:
    line = 4 if where != PLACES[-1] else 3
    async with engine_in(tmp_path, "step") as engine:
        for wrong, said, column in WRONG.values():
            for _again in range(2):  # Csound numbers the files that it has met
                found = await errors_of(engine, write_files(tmp_path, wrong, where))
                assert {place[:3] for place in found} == {(where, line, column)}
                assert any(said in message for *_, message in found)
                await do(engine, "orc.compile", write_files(tmp_path, "", ""))


async def test_a_check_tells_the_file_as_well(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "orc.compile", "instr 9\nendin\n")
        report = await OrcChecker(engine).check(write_files(tmp_path, "asig = = 3", "folder/three.orc"))
        assert [(d.file, d.line, d.column) for d in report.diagnostics] == [("folder/three.orc", 3, 8)]


async def test_an_error_while_code_runs_is_told_with_its_file(engine_in: EngineIn, tmp_path: Path) -> None:
    (tmp_path / "tables.orc").write_text(';\ngi1 ftgen 0, 0, 16, 1, "nofile.wav", 0, 0, 0\n')
    async with engine_in(tmp_path, "step") as engine:
        await do(engine, "csound.compileOrc", GOOD.format(1), True)
        await do(engine, "csound.start")
        report = cast("dict[str, Any]", await do(engine, "orc.compile", ';\n;\n#include "tables.orc"\n'))
        assert [(d["file"], d["line"]) for d in report["diagnostics"]] == [("tables.orc", 2)]


@pytest.mark.parametrize("before", MISCOUNTED.values(), ids=MISCOUNTED)
async def test_lines_are_those_of_the_text(engine_in: EngineIn, tmp_path: Path, before: str) -> None:
    (tmp_path / "good.orc").write_text("gi1 = 3\n;\n")
    async with engine_in(tmp_path, "step") as engine:
        for wrong, said, column in WRONG.values():
            found = await errors_of(engine, f"{before}instr 1\n{wrong}\nendin\n")
            assert {place[:3] for place in found} == {("", before.count("\n") + 2, column)}
            assert any(said in message for *_, message in found)


async def test_a_file_that_is_not_there_is_told_where_it_is_included(engine_in: EngineIn, tmp_path: Path) -> None:
    (tmp_path / "one.orc").write_text(';\n#include "nofile.orc"\n')
    async with engine_in(tmp_path, "step") as engine:
        for code, place in ((';\n#include "nofile.orc"\n', ("", 2, 11)), ('#include "one.orc"\n', ("one.orc", 2, 11))):
            found = await errors_of(engine, code)
            assert found[0][:3] == place
            assert "nofile.orc" in found[0][3]


FATAL = {
    "a comment that has no end": "instr 3\nendin\n/* on\n",
    "an #include in the last line": 'instr 3\nendin\n#include "good.orc"',
    "includes itself": '#include "fatal.orc"\n',
    "#ifdef without #end": "#ifdef NOTHING\n",
    "#end without #ifdef": "instr 3\nendin\n#end\n",
    "a macro that has no end": "#define X #3\n",
    "has more than 99 bytes": f'#include "{"x/" * 1500}"\n',
}
"""Files that an engine dies of when they are included, and what is said instead."""


async def test_a_file_that_would_kill_an_engine_is_refused(engine_in: EngineIn, tmp_path: Path) -> None:
    (tmp_path / "good.orc").write_text(GOOD.format(2))
    async with engine_in(tmp_path, "step") as engine:
        for said, text in FATAL.items():
            (tmp_path / "fatal.orc").write_text(text)
            found = await errors_of(engine, '#include "fatal.orc"\n')
            assert [(file, said in message) for file, *_, message in found] == [("fatal.orc", True)]
            csd = '<CsoundSynthesizer>\n<CsInstruments>\n#include "fatal.orc"\n</CsInstruments>\n</CsoundSynthesizer>\n'
            assert await do(engine, "csound.compileCsdText", csd, True) != 0
        assert engine.epoch == 1
        # A condition may leave it out, which only Csound knows.
        code = '#ifdef NOT\n#include "fatal.orc"\n#end\ninstr 1\nendin\n'
        report = cast("dict[str, Any]", await do(engine, "orc.compile", code))
        assert report["ok"]
