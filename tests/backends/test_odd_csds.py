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
PIECES |= {
    "no options": csd().replace("<CsOptions>\n-n\n</CsOptions>\n", ""),
    "a tag behind text": csd().replace("<CsInstruments>", "text <CsInstruments>"),
    "a tag behind another": csd().replace("</CsOptions>\n<CsInstruments>", "</CsOptions><CsInstruments>"),
    "a tag in capitals": csd().replace("<CsInstruments>", "<CSINSTRUMENTS>"),
    "a byte order mark": "\ufeff" + csd(),
    "a latin comment": csd(within("; caf\udce9"), "; \udce9\n" + SCORE),
    "a latin text": csd(within('S1 strcpy "\udce9"\nifoo strlen S1').replace("p4,", "p4/ifoo,")),
    "tags in a raw string": csd(within("S1 = {{\n <CsScore>\n i1 0 1\n ; /* \n}}")),
    "nested comments": csd(within("/* /* // ; */\n; /* not\n// /* \n")),
    "a comment between": csd(ORCHESTRA.replace("p4, p5", "p4/**/,/* ; */p5 ; /*")),
    "macro in a macro": csd(within("#define A #0.25#\n#define B #($A+$A.)#").replace("p4,", "$B,")),
    "macro over lines": csd(within("#define A(x) #\n $x = 0.5\n#\n$A(iamp)").replace("p4,", "iamp,")),
    "macro without a body": csd(within("#define NOTHING ##\n$NOTHING")),
    "undefined again": csd(within("#define A #1#\n#undef A\n#ifdef A\n asig = = 1\n#end")),
    "includes": csd(within('#include "inc.inc"').replace("p4,", "iamp,")),
    "includes a text": csd(within('#includestr "inc.inc"').replace("p4,", "iamp,")),
    "includes in a score": csd(score='#include "inc.sco"\n'),
    "a made score": csd().replace("<CsScore>", '<CsScore bin="cp">'),
    "binary file": csd().replace("<CsScore>", '<CsFileB filename="b.bin">\nAAEC\n</CsFileB>\n<CsScore>'),
    "text file": csd(within('#include "own.inc"').replace("p4,", "iamp,")).replace(
        "<CsInstruments>", '<CsFile filename="own.inc">\niamp = .25\n</CsFile>\n<CsInstruments>'
    ),
    "binary file without an end": csd(end='<CsFileB filename="b.bin">\nAAEC\n</CsoundSynthesizer>\n'),
    "sample without an end": csd(end='<CsSampleB filename="b.wav">\nAAEC\n</CsoundSynthesizer>\n'),
    "midi without an end": csd(end="<CsMidifileB>\nAAEC\n</CsoundSynthesizer>\n"),
    "license": csd(end="<CsLicense>\nfree\n</CsLicense>\n</CsoundSynthesizer>\n"),
    "short licence": csd(end="<CsShortLicence>\nfree\n</CsShortLicence>\n</CsoundSynthesizer>\n"),
    "version": csd().replace("<CsOptions>", "<CsVersion>\nBefore 9.0\n</CsVersion>\n<CsOptions>"),
    "another version": csd().replace("<CsOptions>", "<CsVersion>\nAfter 9.0\n</CsVersion>\n<CsOptions>"),
    "a version later": csd().replace("<CsOptions>", "<CsVersion>\nLater 5.01\n</CsVersion>\n<CsOptions>"),
    "a version too late": csd().replace("<CsOptions>", "<CsVersion>\nBefore 6.0\n</CsVersion>\n<CsOptions>"),
    "bytes that are none": csd().replace("<CsScore>", '<CsFileB filename="b.bin">\n%%%\n</CsFileB>\n<CsScore>'),
    "a byte cut off": csd().replace("<CsScore>", '<CsFileB filename="b.bin">\nAAB\n</CsFileB>\n<CsScore>'),
    "bytes with an end": csd().replace("<CsScore>", '<CsFileB filename="b.bin">\nAA==%\n</CsFileB>\n<CsScore>'),
    "a file nowhere": csd().replace("<CsScore>", '<CsFileB filename="no/b.bin">\nAAEC\n</CsFileB>\n<CsScore>'),
    "a sample": csd().replace("<CsScore>", '<CsSampleB filename="5">\nAAEC\n</CsSampleB>\n<CsScore>'),
    "samples of one number": csd().replace(
        "<CsScore>",
        '<CsSampleB filename="5">\nAAEC\n</CsSampleB>\n<CsSampleB filename="05">\nAAEC\n</CsSampleB>\n<CsScore>',
    ),
    "files of one name": csd().replace("<CsScore>", '<CsFileB filename="b.bin">\nAAEC\n</CsFileB>\n' * 2 + "<CsScore>"),
    "empty orchestra": csd("", "f0 .05\n"),
    "empty lines": csd().replace("\n", "\n\n"),
    "two orchestras": csd().replace("<CsScore>", f"<CsInstruments>\n{ORCHESTRA}</CsInstruments>\n<CsScore>"),
    "two scores": csd().replace("</CsScore>\n", "</CsScore>\n<CsScore>\ni1 .02 .01 .25 220\n</CsScore>\n"),
    "two lines of options": csd(options="-n\n--ksmps=4"),
    "score before orchestra": (
        f"<CsoundSynthesizer>\n<CsOptions>\n-n\n</CsOptions>\n<CsScore>\n{SCORE}</CsScore>\n"
        f"<CsInstruments>\n{ORCHESTRA}</CsInstruments>\n</CsoundSynthesizer>\n"
    ),
    "two instruments on a line": csd(
        ORCHESTRA.replace("instr 1", "instr 1, 3, Five"), 'i3 0 .01 .5 440\ni"Five" 0 .01 .1 1\n'
    ),
    "power and carry": csd(score="i1 0 .01 .5 [@100]\ni1 .01 . . [@@100]\n"),
    "ramp up": csd(score="i1 0 .01 .1 200\ni1 .01 . < >\ni1 .02 . .5 400\n"),
    "exponential ramp": csd(score="i1 0 .01 .1 200\ni1 .01 . { {\ni1 .02 . .5 400\n"),
    "parenthesized ramp": csd(score="i1 0 .01 .1 200\ni1 .01 . (.2) (\ni1 .02 . .5 400\n"),
    "random": csd(score="i1 0 .01 .5 [~ * 0 + 300]\n"),
    "no carry": csd(score="i1 0 .01 .5 440\ni1 .01 .01 .25 !\n"),
    "next and previous": csd(score="i1 0 .01 .5 200\ni1 .01 . pp4 np5\ni1 .02 . .25 400\n"),
    "numbers that are none": csd(score="i1 0 .01 .5 [--440]\ni1 .01 .01 [.] [3e]\ni1 .02 .01 [-] 300\n"),
    "an expression without an end": csd(score="i1 0 .01 .5 [440\n"),
    "an expression in a text": csd(score='i1 0 .01 .5 440 "[x]" "; no"\n'),
    "division by nothing": csd(score="i1 0 .01 .5 [1/0]\n"),
    "loops in loops": csd(score="{ 2 A\n{ 2 B\ni1 [$A*.02+$B*.01] .01 .5 [200 + $B*100]\n}\n}\n"),
    "a loop without a counter": csd(score="{ 2\ni1 0 .01 .5 440\n}\n"),
    "a loop of a macro": csd(score="#define X #i1 [$N*.01] .01 .5 300#\n{ 3 N\n$X\n}\n"),
    "repeated plainly": csd(score="r 2\ni1 0 .01 .5 440\ns\ni1 0 .01 .25 330\ne\n"),
    "marked in between": csd(score="m a\ni1 0 .01 .5 440\ns\nm b\ni1 0 .01 .25 330\ns\nn a\nn b\ne\n"),
    "marked and missing": csd(score="i1 0 .01 .5 440\ns\nn nothing\ne\n"),
    "skipped section": csd(score="i1 0 .01 .5 440\ns\nx\ni1 0 .01 .1 1\ns\ni1 0 .01 .25 330\ne\n"),
    "local time": csd(score="v 3\ni1 0 .01 .5 440\ni1 .01 .01 .5 330\nv 1\ni1 .05 .01 .5 220\n"),
    "seed": csd(score="y 3\ni1 0 .01 .5 [~*100 + 200]\n"),
    "muted": csd(score="q 1 0 0\ni1 0 .01 .5 440\nq 1 .02 1\ni1 .03 .01 .25 330\n"),
    "ended by d": csd(ORCHESTRA, "i1 0 -1 .5 440\nd1 .02\nf0 .04\n"),
    "base": csd(score="b .01\ni1 0 .01 .5 440\nb 0\ni1 .03 .01 .25 330\n"),
    "tempo in the middle": csd(score="t 0 60 .02 120 .02 30\ni1 0 .01 .5 440\ni1 .02 .01 .5 330\ni1 .03 .01 .5 220\n"),
    "advanced past": csd(score="a 0 .01 .02\ni1 0 .01 .5 440\ni1 .04 .01 .5 330\n"),
    "held and ended": csd(score="i1 0 -1 .5 440\ni-1 .02 0\nf0 .04\n"),
    "fractions": csd(score="i1.1 0 .02 .2 440\ni1.25 0 .02 .2 330\n"),
    "a table": csd(
        within("aw table3 phasor(p5), 7, 1").replace("asig oscili p4, p5", "asig = aw*p4"), "f7 0 64 10 1\n" + SCORE
    ),
    "statement glued": csd(score="i1 0 .01 .5 440 i1 .01 .01 .5 330\n"),
    "p-fields over lines": csd(score="i1 0 .01\n .5 440\n"),
    "a backslash in a score": csd(score="i1 0 .01 \\\n .5 440\n"),
    "tabs in a score": csd(score="i\t1\t0\t.01\t.5\t440\n"),
    "a comment letter": csd(score="c nothing [ {\ni1 0 .01 .5 440\n"),
    "unknown statement": csd(score="z 1 2\ni1 0 .01 .5 440\n"),
    "end and on": csd(score="i1 0 .01 .5 440\ne\ni1 0 .01 1 1\n"),
    "a long line of score": csd(score=f"i1 0 .01 .5 440 {'1 ' * 1500}\n"),
    "a long line of code": csd(within(" i1 = " + " + ".join(["1"] * 900))),
    "a line longer than the reader's": csd(within("; " + "x" * 5000)),
    "a line of options too long": csd(options="-n ;" + "x" * 5000),
    "many spaces": csd(ORCHESTRA.replace(" ", " " * 300)),
    "no newline after the score": csd().replace("440\n</CsScore>", "440 </CsScore>"),
    "a number for a name": csd(score='i "1" 0 .01 .5 440\n'),
    "no such instrument": csd(score='i "Nobody" 0 .01 .5 440\n' + SCORE),
    "old operators": csd(within("ifoo = (p4 > .1 ? 2 : 1)\nif ifoo == 1 igoto on\non:")),
    "functions as opcodes": csd(ORCHESTRA.replace("asig oscili p4, p5", "asig = oscili:a(p4, p5)")),
    "chained assignments": csd(within("i1, i2 init 3, 4")),
    "rates": csd(ORCHESTRA.replace("ksmps=8", "kr=1000\nksmps=8")),
    "rates that disagree": csd(ORCHESTRA.replace("ksmps=8", "kr=999\nksmps=8")),
}
FILES = {"inc.inc": "iamp = .25\n", "inc.sco": "i1 0 .01 .5 440\ni1 .01 .01 .25 220\n"}
"""What the pieces include."""

BETTER_THAN_7 = {"score's end in a comment": "plain", "sections and an event": "two sections"}
"""What csoundd plays where the command of Csound 7.0.0 dies, or never ends, and what it is the same as.

They are docs/upstream-faults.md#csound7-csd-end and #csound7-sections.
"""

BETTER = {"no end, cr": "no end, lf"}
"""What csoundd plays where no command comes to an end: docs/upstream-faults.md#csound-csd-files."""

NOT_EMBEDDED = {"a made score", "a long line of code"}
"""What the embedded engine lacks: other programs, and room for a statement of 900 operators."""

ENDLESS = {
    "no end, cr",
    "midi without an end, cr",
    "no newline after the score, cr",
    "score's comment without an end, cr",
    *(
        f"{name}, {kind}"
        for name in ("text file", "binary file without an end", "sample without an end")
        for kind in ("lf", "crlf", "cr")
    ),
}
"""Pieces that no command comes to the end of, some of which fill the disk: they are not given to any."""

ODD = {
    f"{name}, {kind}": text.replace("\n", end)
    for name, text in PIECES.items()
    for kind, end in (("lf", "\n"), ("crlf", "\r\n"), ("cr", "\r"))
    if kind != "cr" or "clude" not in text  # behind an #include Csound looks for a line feed only
}


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder for each piece, with nothing else in it."""
    folders = {name: tmp_path_factory.mktemp("piece") for name in ODD}
    for name, folder in folders.items():
        (folder / "piece.csd").write_bytes(ODD[name].encode(errors="surrogateescape"))
        for file, text in FILES.items():
            (folder / file).write_text(text)
    return folders


@pytest.fixture
def expected(engine_name: str, pieces: dict[str, Path]) -> Iterator[dict[str, bytes | None]]:
    """What the command plays of each piece, None where it refuses it."""
    if engine_name == "native:6":
        if COMMAND is None:
            pytest.skip("the command csound is not here")
        for name, folder in pieces.items():
            if name not in ENDLESS:
                subprocess.run([COMMAND, "piece.csd"], cwd=folder, capture_output=True, timeout=30, check=False)
    else:
        library = carried_library()
        if library is None:
            pytest.skip("no Csound 7 is here: pip install cycsound")
        given = [str(folder) for name, folder in pieces.items() if name not in ENDLESS]
        program = [sys.executable, "-c", COMMAND_7, library.path, *given]
        environment = os.environ | library.environment
        subprocess.run(program, env=environment, capture_output=True, timeout=120, check=False)
    yield {name: played(folder) for name, folder in pieces.items()}
    for folder in pieces.values():
        (folder / "out.raw").unlink(missing_ok=True)


def played(folder: Path) -> bytes | None:
    out = folder / "out.raw"
    return out.read_bytes() if out.exists() else None


@pytest.mark.timeout(600)  # four hundred pieces, each by a process of its own beside the engine
async def test_a_piece_plays_as_the_command_plays_it(
    engine_in: EngineIn, tmp_path: Path, engine_name: str, expected: dict[str, bytes | None]
) -> None:
    different: list[str] = []
    async with engine_in(tmp_path, "free") as engine:
        for file, text in FILES.items():
            (tmp_path / file).write_text(text)
        for name, text in ODD.items():
            if engine_name == "wasm" and name.partition(", ")[0] in NOT_EMBEDDED:
                continue
            (tmp_path / "piece.csd").write_bytes(text.encode(errors="surrogateescape"))
            try:
                if await do(engine, "csound.compileCsd", "piece.csd", True) == 0:
                    await do(engine, "csound.perform")
                await do(engine, "csound.reset")
            except EngineCrashed as crash:
                different.append(f"{name}: {crash}")
                await engine.restart([], "")
            else:
                piece, _, kind = name.partition(", ")
                same = BETTER.get(name, name)
                if piece in BETTER_THAN_7 and engine_name != "native:6":
                    same = f"{BETTER_THAN_7[piece]}, {kind}"
                wanted, found = expected[same], played(tmp_path)
                if found != wanted:
                    different.append(f"{name}: {len(found or b'')} and {len(wanted or b'')} bytes")
            (tmp_path / "out.raw").unlink(missing_ok=True)
    assert different == []


async def test_a_file_in_a_csd_that_is_there_already(engine_in: EngineIn, tmp_path: Path) -> None:
    piece = csd(end='<CsFileB filename="b.bin">\nAAEC\n</CsFileB>\n</CsoundSynthesizer>\n')
    async with engine_in(tmp_path, "free") as engine:
        (tmp_path / "b.bin").write_bytes(b"another")
        assert await do(engine, "csound.compileCsdText", piece, True) != 0
        (tmp_path / "b.bin").write_bytes(b"\0\1\2")  # as a host leaves it behind that died
        assert await do(engine, "csound.compileCsdText", piece, True) == 0
        await do(engine, "csound.perform")
        assert engine.epoch == 1
        assert played(tmp_path) is not None
        assert (tmp_path / "b.bin").read_bytes() == b"\0\1\2"
