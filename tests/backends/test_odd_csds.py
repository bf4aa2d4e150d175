"""CSDs with odd but legal text: what an engine plays, or refuses, is what the command ``csound`` does.

Each piece writes what it plays to a file of raw samples, which has to be the same byte for byte.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from csoundd.errors import EngineCrashed
from tests.backends.engines import NATIVE_6, EngineIn
from tests.engine.listening import do

COMMAND = shutil.which("csound")
BODY = ' asig oscili p4, p5\n fout "out.raw", 0, asig\n'
ORCHESTRA = f"sr=8000\nksmps=8\nnchnls=1\n0dbfs=1\ninstr 1\n{BODY}endin\n"
SCORE = "i1 0 .01 .5 440\n"


def csd(
    orchestra: str = ORCHESTRA, score: str = SCORE, options: str = "-n", end: str = "</CsoundSynthesizer>\n"
) -> str:
    return (
        f"<CsoundSynthesizer>\n<CsOptions>\n{options}\n</CsOptions>\n<CsInstruments>\n{orchestra}</CsInstruments>\n"
        f"<CsScore>\n{score}</CsScore>\n{end}"
    )


def within(text: str) -> str:
    """The orchestra with ``text`` in its instrument."""
    return ORCHESTRA.replace(" asig oscili", f"{text}\n asig oscili")


PIECES = {
    "plain": csd(),
    "end in a comment": csd(within("; </CsInstruments> ends it")),
    "end in a block": csd(within("/*\n</CsInstruments>\n*/")),
    "end in a string": csd(within('S1 = "</CsInstruments>"')),
    "end in a raw string": csd(within("S1 = {{\n</CsInstruments>\n}}")),
    "score's end in a comment": csd(score="; </CsScore>\n" + SCORE + "/*\n</CsScore>\n*/\n"),
    "options' end in a comment": csd(options="-n ; </CsOptions>"),
    "no end": csd(end=""),
    "no final newline": csd(end="</CsoundSynthesizer>"),
    "text around": "before\n" + csd() + "after <CsInstruments>\n",
    "british": csd().replace("Synthesizer", "Synthesiser"),
    "indented tags": csd().replace("\n<", "\n \t<"),
    "text behind tags": csd().replace("Instruments>\n", "Instruments> more\n"),
    "unknown section": csd().replace("<CsInstruments>", "<Cabbage>\nform\n</Cabbage>\n<CsInstruments>"),
    "licence": csd().replace("<CsScore>", "<CsLicence>\n<CsScore>\n</CsLicence>\n<CsScore>"),
    "macro": csd(within("#define AMP #0.5#").replace("p4,", "$AMP,")),
    "macro with arguments": csd(within("#define ADD(a'b) #$a + $b#").replace("p4,", "$ADD(.2'.3),")),
    "condition": csd(within("#ifdef NOTHING\n asig = = 3\n#else\n i0 = 1\n#end")),
    "continued line": csd(ORCHESTRA.replace("p4,", "p4 \\ ; on\n ,")),
    "continued string": csd(within('prints "a \\\n b"')),
    "tabs": csd(ORCHESTRA.replace(" ", "\t")),
    "unicode": csd(within('prints "é ♪" ; ünïcode')),
    "a long line": csd(within(";" + "x" * 3000)),
    "several sections": csd(score="i1 0 .01 .5 440\ns\ni1 0 .01 .25 330\ns 1\ni1 0 .01 .1 220\ne\ni1 0 9 1 1\n"),
    "carried": csd(score="i1 0 .01 .5 440\ni . + . . 220\ni1 + . ^+.1 .\ni1 ^+.02 . . .\n"),
    "ramp": csd(score="i1 0 .01 .5 200\ni1 .01 . . <\ni1 .02 . . 400\n"),
    "tempo": csd(score="t 0 120 1 60\ni1 0 .02 .5 440\ni1 1 .02 .5 440\n"),
    "warped": csd(score="v 2\ni1 0 .01 .5 440\nb .02\ni1 0 .01 .5 330\n"),
    "advanced": csd(score="a 0 0 .01\ni1 0 .01 .5 440\ni1 .01 .01 .5 330\n"),
    "repeated": csd(score="r 3 N\ni1 0 .01 .5 [$N*100]\ns\ne\n"),
    "marked": csd(score="m here\ni1 0 .01 .5 440\ns\nn here\ne\n"),
    "looped": csd(score="{ 3 N\ni1 [$N*.01] .01 .5 [200 + $N*100]\n}\n"),
    "score macro": csd(score="#define F #330#\ni1 0 .01 .5 $F\n"),
    "skipped": csd(score="x\ni1 0 .01 .5 440\ns\ni1 0 .01 .5 330\n"),
    "dummy end": csd(score="i1 0 .01 .5 440\nf 0 .05\ne 1\n"),
    "options in quotes": csd(options='-n -o "a b.wav" ; x'),
    "options' comments": csd(options="; one\n# two\n// three\n-n // four"),
    "a command's name": csd(options="csound -n --ksmps=4"),
    "two opcodes of a name": csd(
        within("").replace("instr 1", "opcode Half, i, i\ni1 xin\nxout i1/2\nendop\ninstr 1, Two")
    ),
    "named": csd(ORCHESTRA.replace("instr 1", "instr 1, Sine"), 'i "Sine" 0 .01 .5 440\n'),
}
ODD = {
    f"{name}, {kind}": text.replace("\n", end)
    for name, text in PIECES.items()
    for kind, end in (("lf", "\n"), ("crlf", "\r\n"))
}


def played(folder: Path) -> bytes | None:
    out = folder / "out.raw"
    return out.read_bytes() if out.exists() else None


def rendered_by_the_command(folder: Path, text: str) -> bytes | None:
    """What the command plays of a piece, None where it refuses it."""
    (folder / "piece.csd").write_bytes(text.encode())
    assert COMMAND is not None
    subprocess.run([COMMAND, "piece.csd"], cwd=folder, capture_output=True, timeout=30, check=False)
    found = played(folder)
    (folder / "out.raw").unlink(missing_ok=True)
    return found


@pytest.mark.timeout(180)  # eighty pieces, each by a process of its own beside the engine
@pytest.mark.parametrize("engine_name", [NATIVE_6], indirect=True)  # the command is Csound 6.18
@pytest.mark.skipif(COMMAND is None, reason="the command csound is not here")
async def test_a_piece_plays_as_the_command_plays_it(engine_in: EngineIn, tmp_path: Path) -> None:
    command, ours = tmp_path / "command", tmp_path / "ours"
    command.mkdir()
    ours.mkdir()
    different: list[str] = []
    async with engine_in(ours, "free") as engine:
        for name, text in ODD.items():
            expected = rendered_by_the_command(command, text)
            try:
                if await do(engine, "csound.compileCsdText", text, True) == 0:
                    await do(engine, "csound.perform")
                await do(engine, "csound.reset")
            except EngineCrashed:
                different.append(f"{name}: crash")
                await engine.restart([], "")
            else:
                if (found := played(ours)) != expected:
                    different.append(f"{name}: {len(found or b'')} and {len(expected or b'')} bytes")
            (ours / "out.raw").unlink(missing_ok=True)
    assert different == []
