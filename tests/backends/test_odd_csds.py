"""CSDs with odd text: what an engine plays, or refuses, is what Csound's own command does with the same library.

Each piece writes what it plays to a file of raw samples, which has to be the same byte for byte. For Csound 6.18 the
command is there; what the command of Csound 7 does is done over its library by a program of its own, which shares no
code with csoundd. The embedded engine plays as Csound 7 does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from csoundd.errors import EngineCrashed
from tests.backends.engines import EngineIn
from tests.engine.listening import do
from tests.upstream.bare import carried_library

COMMAND = shutil.which("csound")
COMMAND_7 = """
import ctypes, os, signal, sys
V = ctypes.c_void_p
c = ctypes.CDLL(sys.argv[1])
for piece in sys.argv[2:]:
    if os.fork():
        os.wait()
        continue
    os.chdir(piece)
    signal.alarm(5)  # one of them never ends
    c.csoundInitialize(3)
    create, compile = c.csoundCreate, c.csoundCompile
    create.restype, create.argtypes, compile.argtypes = V, (V, V), (V, ctypes.c_int, V)
    csound = V(create(None, None))
    words = (ctypes.c_char_p * 3)(b"csound", b"piece.csd")
    if compile(csound, 2, words) == 0 and c.csoundStart(csound) == 0:
        while c.csoundPerformKsmps(csound) == 0:
            pass
    c.csoundDestroy(csound)
    os._exit(0)
"""
"""What the command of Csound 7 does in each folder given, in processes of their own."""

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
    "computed": csd(score="i1 0 [1/100] [.25 * 2] [(440 + [-4 * 2]) % 433 ^ 2]\n"),
    "computed wrongly": csd(score="i1 0 .01 .5 [440 @ 0]\n"),
    "score macro with arguments": csd(score="#define F(a'b) #[$a + $b]#\ni1 0 .01 .5 $F(400'40)\n"),
    "score's condition": csd(score="#define A #1#\n#ifdef A\ni1 0 .01 .5 440\n#else\ni1 0 .01 1 1\n#end\n"),
    "score's comment without an end": csd(score="i1 0 .01 .5 440\n/* on\n"),
    "empty score": csd(ORCHESTRA + 'schedule 1, 0, .01, .5, 440\nevent_i "e", .02\n', ""),
    "two sections": csd(score="i1 0 .01 .5 440\ns\ni1 0 .02 .5 220\n"),
    "sections and an event": csd(
        ORCHESTRA + "instr 2\nendin\nschedule 2, 0, .01\n", "i1 0 .01 .5 440\ns\ni1 0 .02 .5 220\n"
    ),
    "named": csd(ORCHESTRA.replace("instr 1", "instr 1, Sine"), 'i "Sine" 0 .01 .5 440\n'),
}
BETTER = {"score's end in a comment": "plain", "sections and an event": "two sections"}
"""What csoundd plays where the command of Csound 7.0.0 dies, or never ends, and what it is the same as.

They are docs/upstream-faults.md#csound7-csd-end and #csound7-sections.
"""

ODD = {
    f"{name}, {kind}": text.replace("\n", end)
    for name, text in PIECES.items()
    for kind, end in (("lf", "\n"), ("crlf", "\r\n"))
}


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder for each piece, with nothing else in it."""
    folders = {name: tmp_path_factory.mktemp("piece") for name in ODD}
    for name, folder in folders.items():
        (folder / "piece.csd").write_bytes(ODD[name].encode())
    return folders


@pytest.fixture
def expected(engine_name: str, pieces: dict[str, Path]) -> Iterator[dict[str, bytes | None]]:
    """What the command plays of each piece, None where it refuses it."""
    if engine_name == "native:6":
        if COMMAND is None:
            pytest.skip("the command csound is not here")
        for folder in pieces.values():
            subprocess.run([COMMAND, "piece.csd"], cwd=folder, capture_output=True, timeout=30, check=False)
    else:
        library = carried_library()
        if library is None:
            pytest.skip("no Csound 7 is here: pip install cycsound")
        program = [sys.executable, "-c", COMMAND_7, library.path, *map(str, pieces.values())]
        environment = os.environ | library.environment
        subprocess.run(program, env=environment, capture_output=True, timeout=120, check=False)
    yield {name: played(folder) for name, folder in pieces.items()}
    for folder in pieces.values():
        (folder / "out.raw").unlink(missing_ok=True)


def played(folder: Path) -> bytes | None:
    out = folder / "out.raw"
    return out.read_bytes() if out.exists() else None


@pytest.mark.timeout(240)  # a hundred pieces, each by a process of its own beside the engine
async def test_a_piece_plays_as_the_command_plays_it(
    engine_in: EngineIn, tmp_path: Path, engine_name: str, expected: dict[str, bytes | None]
) -> None:
    different: list[str] = []
    async with engine_in(tmp_path, "free") as engine:
        for name, text in ODD.items():
            try:
                if await do(engine, "csound.compileCsdText", text, True) == 0:
                    await do(engine, "csound.perform")
                await do(engine, "csound.reset")
            except EngineCrashed as crash:
                different.append(f"{name}: {crash}")
                await engine.restart([], "")
            else:
                piece, _, kind = name.partition(", ")
                same = f"{BETTER[piece]}, {kind}" if piece in BETTER and engine_name != "native:6" else name
                wanted, found = expected[same], played(tmp_path)
                if found != wanted:
                    different.append(f"{name}: {len(found or b'')} and {len(wanted or b'')} bytes")
            (tmp_path / "out.raw").unlink(missing_ok=True)
    assert different == []
