"""Options as settings, at every door that they come in by: what opens the network, and what is a mistake."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from csoundd.engine.client.engine import Engine
from csoundd.engine.csound.commandline import OptionPolicy, judged, prepared
from csoundd.errors import EngineError, Forbidden, InvalidParams
from csoundd.messages import MessagePrinted
from csoundd.wav import WavWriter
from tests.backends.engines import EngineIn
from tests.engine.listening import Heard, do

PIECE = """<CsoundSynthesizer>
<CsOptions>
{}
</CsOptions>
<CsInstruments>
ksmps = 10
nchnls = 1
0dbfs = 1
instr 1
endin
</CsInstruments>
<CsScore>
i1 0 0.01
</CsScore>
</CsoundSynthesizer>
"""

CSOUND_7 = 7000
MISTAKES = [
    ("--nosuchoption", "no option --nosuchoption", "unknown long option: '--nosuchoption'"),
    ("-n a b c", "too many arguments", ""),
    ("-o", "-o needs a value", "no outfilename"),
    ("-i", "-i needs a value", "no infilename"),
    ("-b", "-b needs a value", "no iobufsamps"),
    ("-bfoo", "-b needs a number", ""),
    ("-B", "-B needs a value", "no hardware bufsamps"),
    ("-q", "no option -q", "unknown flag -q"),
    ("-n -o", "-o needs a value", "no outfilename"),
    ("--format=xyz", "no output format 'xyz'", "unknown output format: 'xyz'"),
    ("--env:FOO", "--env: takes", "invalid format for --env"),
    ("-t-1", "a tempo is not negative", "illegal tempo"),
    ("-tx", "-t needs a number", ""),
    ("-m", "-m needs a value", "no message level"),
    ("-@nofile", "'nofile' cannot be read", ""),
    ("-j", "-j needs a value", "no number of threads"),
    ("--iobufsamps=", "--iobufsamps needs a value", "no iobufsamps"),
    ("-o stdin", "output cannot be stdin", "-o cannot be stdin"),
    ("-i stdout", "input cannot be stdout", ""),
    ("--omacro:", "--omacro: takes", ""),
    ("--smacro:", "--smacro: takes", ""),
    ("--output=", "--output needs a value", "no outfilename"),
    ("--midifile=", "--midifile needs a value", "no midifile name"),
    ("-F", "-F needs a value", ""),
    ("--", "no option --", "unknown long option: '--"),
    ("-x", "-x needs a value", "no xfilename"),
    ("--extract-score=", "--extract-score needs a value", "no xfilename"),
    ("--rtaudio=null", "no option --rtaudio", "unknown long option: '--rtaudio=null'"),
    ('-n "a', "a quotation mark has no end", ""),
    ("-n /* a", "a comment has no end", ""),
]
"""A line of options, what we say of it, and what Csound itself does."""

FATAL = [
    "--cscore",
    "-C",
    "--m-colors=1",
    "--use-system-sr",
    "--sample-rate=-1",
    "--control-rate=-1",
    "-j 1000",
    "--num-threads=99999999999999999999",
    "-L stdin",
    "-L/dev/stdin",
    "-L|date",
    "--score-in=nofile",
    "--iobufsamps=999999999999",
    "-b 2147483647",
    "--ksmps=-1",
    "--ksmps=999999999",
    "-r 1e300",
    "--strset999999999999=x",
    "--strset2147483647=x",
]
"""Options that ended an engine, by a crash or by never coming to an end, or kept it from starting."""

HARMLESS = [
    "",
    "-n",
    "stray",
    "-n stray",
    "-+nosuch=1",
    "--env:FOO=bar",
    '"-n"',
    "-",
    "-r abc",
    "-dm0",
    "; --port=1",
    "-n # -o",
]


def text(heard: Heard) -> str:
    return "".join(event.text for event in heard.of(MessagePrinted))


async def compiled(engine: Engine, options: str) -> int:
    code = await do(engine, "csound.compileCsdText", PIECE.format(options), True)
    assert isinstance(code, int)
    return code


async def test_a_mistake_in_a_csd_is_refused_with_its_reason(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        csound_says = engine.hello.backend.startswith("native")
        for line, ours, csounds in MISTAKES:
            heard = Heard(engine)
            code = await compiled(engine, line)
            only_warned = engine.hello.version >= CSOUND_7 and csound_says and csounds.startswith("unknown long")
            assert (code == 0) == only_warned, line
            if code != 0:
                assert csounds in text(heard) if csound_says and csounds else ours in text(heard), line
        assert await compiled(engine, "-n") == 0


async def test_what_csound_does_not_mind_we_do_not_mind(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        for line in HARMLESS:
            assert await compiled(engine, line) == 0, line
            await do(engine, "csound.reset")


@pytest.mark.parametrize("door", ["csound.setOption", "engine.restart", "csound.compileCommandLine"])
async def test_a_mistake_is_refused_at_the_other_doors(engine_in: EngineIn, tmp_path: Path, door: str) -> None:
    async with engine_in(tmp_path, "step") as engine:
        for option in ("--nosuchoption", "-o", "--rtaudio=null", "--env:FOO", "-q"):
            with pytest.raises(InvalidParams):
                await given(engine, door, option)
        assert await compiled(engine, "-n") == 0


async def given(engine: Engine, door: str, option: str) -> None:
    """Give ``engine`` an option by one of its doors."""
    if door == "engine.restart":
        await engine.restart([option], "")
    else:
        await do(engine, door, option)


async def test_no_option_ends_an_engine(engine_in: EngineIn, tmp_path: Path) -> None:
    (tmp_path / "piece.csd").write_text(PIECE.format("-n"))
    async with engine_in(tmp_path, "step") as engine:
        pid = engine.info().pid
        for option in FATAL:
            for door in ("csound.compileCsdText", "csound.setOption", "csound.compileCommandLine"):
                with suppress(InvalidParams):
                    if door == "csound.compileCsdText":
                        await compiled(engine, f"-n {option}")
                    elif door == "csound.setOption":
                        await do(engine, door, option)
                    else:
                        await do(engine, door, "csound", *option.split(), "piece.csd")
                assert await do(engine, "csound.start") == 0, (option, door)
                await do(engine, "csound.performKsmps")
                await do(engine, "csound.reset")
        assert engine.info().pid == pid


async def test_a_mistake_of_any_length_ends_no_engine(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        pid = engine.info().pid
        for words in (["--nosuch" + "x" * 20000], ["a", "b", "(" * 20000]):
            with pytest.raises(InvalidParams):
                await do(engine, "csound.compileCommandLine", "csound", *words)
        assert (await compiled(engine, "-n"), engine.info().pid) == (0, pid)


@pytest.mark.parametrize("header", ["sr = 0", "kr = 1e300"])
async def test_rates_that_make_no_sense_are_told_at_the_start(engine_in: EngineIn, tmp_path: Path, header: str) -> None:
    async with engine_in(tmp_path, "step") as engine:
        # A header that Csound refuses leaves it with these rates.
        assert await do(engine, "csound.compileOrc", f"{header}\ninstr 1\nendin\n", True) != 0
        with pytest.raises(EngineError, match="cannot perform with sr = "):
            await do(engine, "csound.start")
        assert await do(engine, "csound.performKsmps") is False


async def test_an_engine_in_real_time_mode_plays_and_begins_anew(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        for _again in range(2):
            assert await compiled(engine, "-n --realtime") == 0
            assert await do(engine, "csound.start") == 0
            assert await do(engine, "csound.performKsmps") is False
            await do(engine, "csound.reset")


@pytest.mark.parametrize("folder", ["piece", "with space", " before"])
async def test_a_piece_finds_what_is_beside_it(engine_in: EngineIn, tmp_path: Path, folder: str) -> None:
    workspace = tmp_path / "work space"
    beside = workspace / folder
    beside.mkdir(parents=True)
    (beside / "near.inc").write_text("gi1 = 1\n")
    with WavWriter(beside / "near.wav") as near:
        near.begin(8000.0, 1)
        near.write(np.full((8, 1), 0.5), 8000.0)
    code = '#include "near.inc"\ngiNear ftgen 1, 0, 0, 1, "near.wav", 0, 0, 0\ninstr 1'
    (beside / "piece.csd").write_text(PIECE.format("-n").replace("instr 1", code))
    calls: list[tuple[str, list[object]]] = [
        ("csound.compileCsd", [f"{folder}/piece.csd", True]),
        ("csound.compileCsd", [str(beside / "piece.csd"), True]),
        ("csound.compileCommandLine", ["csound", "-d", f"{folder}/piece.csd"]),
    ]
    async with engine_in(workspace, "step") as engine:
        for method, args in calls:
            assert await do(engine, method, *args) == 0
            assert await do(engine, "csound.start") == 0
            assert await do(engine, "csound.tableLength", 1) == 8
            await do(engine, "csound.reset")


PORTS = [
    "--port=10989",
    '"--port=10989"',
    '--port="10989"',
    "-n --port=10989",
    '-d "--port=10989" ',
    "-@ports.txt",
    "--udp-console=127.0.0.1:10989",
]


async def test_no_spelling_of_the_port_opens_it(engine_in: EngineIn, tmp_path: Path) -> None:
    (tmp_path / "ports.txt").write_text("-n\n-d --port=10989\n")
    for name in (".csound6rc", ".csound7rc", "rc"):
        (tmp_path / name).write_text("--port=10989\n")
    before = udp_ports()
    async with engine_in(tmp_path, "step") as engine:
        for option in PORTS:
            with pytest.raises(Forbidden, match="network port"):
                await do(engine, "csound.setOption", option)
            with pytest.raises(Forbidden, match="network port"):
                await do(engine, "csound.compileCommandLine", "csound", *option.replace('"', "").split())
            with pytest.raises(Forbidden, match="network port"):
                await engine.restart([option], "")
            assert await compiled(engine, f"-n {option}") == 0
        assert await do(engine, "csound.start") == 0
        assert udp_ports() <= before


def udp_ports() -> set[str]:
    """The local addresses of the UDP sockets of this machine, empty where that cannot be seen."""
    table = Path("/proc/net/udp")
    lines = table.read_text().splitlines()[1:] if table.exists() else []
    return {address for line in lines if (address := line.split()[1]).endswith(f":{10989:04X}")}


async def test_no_file_of_options_is_read_that_nobody_named(
    engine_in: EngineIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (".csound6rc", ".csound7rc"):
        (tmp_path / name).write_text("--ksmps=7\n--nosuchoption\n")
    for name in ("CSOUND6RC", "CSOUND7RC", "CSOUNDRC"):
        monkeypatch.setenv(name, str(tmp_path / ".csound6rc"))
    (tmp_path / "piece.csd").write_text(PIECE.format("-n"))
    async with engine_in(tmp_path, "step") as engine:
        heard = Heard(engine)
        for method, args in (
            ("csound.compileCommandLine", ["csound", "piece.csd"]),
            ("csound.compileCsd", ["piece.csd", True]),
            ("csound.compileOrc", ["ksmps = 10\ninstr 1\nendin\n", True]),
        ):
            assert await do(engine, method, *args) == 0
            assert await do(engine, "csound.start") == 0
            assert await do(engine, "csound.ksmps") == 10
            await do(engine, "csound.reset")
        read = {line for line in text(heard).splitlines() if "eading options from" in line}
        assert all(line.endswith(": /dev/null") for line in read)
        assert "nosuchoption" not in text(heard)
        assert (tmp_path / ".csound6rc").exists()


async def test_a_named_file_of_options_is_read(engine_in: EngineIn, tmp_path: Path) -> None:
    (tmp_path / "options.txt").write_text("; a comment\n--ksmps=7 -d\n")
    async with engine_in(tmp_path, "step") as engine:
        assert await compiled(engine, "-@options.txt") == 0
        assert await do(engine, "csound.start") == 0
        assert await do(engine, "csound.ksmps") == 7


@pytest.mark.parametrize("text", ["-d " * 5000, "-d\n" * 200, f"--omacro:A={'x' * 3000}\n" * 2, '-n "a'])
async def test_a_file_of_options_that_is_too_long_for_a_line_ends_no_engine(
    engine_in: EngineIn, tmp_path: Path, text: str
) -> None:
    (tmp_path / "options.txt").write_text(text)
    async with engine_in(tmp_path, "step") as engine:
        pid = engine.info().pid
        assert await compiled(engine, "-@options.txt") != 0
        for door in ("csound.setOption", "csound.compileCommandLine"):
            with suppress(InvalidParams):
                await given(engine, door, "-@options.txt")
        await do(engine, "csound.reset")
        assert (await compiled(engine, "-n"), engine.info().pid) == (0, pid)


async def test_more_threads_than_an_engine_has_are_no_error(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        heard = Heard(engine)
        assert await compiled(engine, "-j 4") == 0
        assert await do(engine, "csound.start") == 0
        assert ("-j4 is ignored" in text(heard)) == (engine.hello.backend == "wasm")


def test_only_the_lines_that_must_change_are_changed() -> None:
    csd = PIECE.format('-n ; as it is\n-d --port=1 -o "a b.wav" ; gone\n-K')
    changed = prepared(csd)
    assert changed.text == csd.replace('-d --port=1 -o "a b.wav" ; gone', '-d -o "a b.wav"')
    assert changed.warnings == ("--port is ignored: csoundd never opens Csound's own network port\n",)


def test_what_csound_cuts_into_a_line_of_its_own_is_read_as_one() -> None:
    # 2,046 times é and two bytes more are a comment of 4,095 bytes: what follows is a line of options.
    line = ";" + "é" * 2047 + "--port=9 -n"
    assert "--port=9" not in prepared(PIECE.format(line)).text
    assert prepared(PIECE.format(line)).text.count("\n") == PIECE.count("\n")


def test_csounds_own_words_are_part_of_the_refusal() -> None:
    with pytest.raises(InvalidParams, match="Csound says: -o what"):
        judged("-o", OptionPolicy(explained=lambda word: f"{word} what"))
