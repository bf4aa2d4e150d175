"""What cannot be rendered: each piece with a clear error, nothing half-written under its name, and the others go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from csoundd.errors import EngineError
from tests.engine.listening import CRASHING
from tests.live.daemon import PATIENCE, command, environment
from tests.live.engines import needed
from tests.live.pieces import csd
from tests.render.commands import HEADER, LONG, SINE, Ended, render
from tests.render.pools import Renders

ODD = ("quo\"te'd", os.fsdecode(b"caf\xe9"), "ü" * 100)
"""Names of files: Csound 7 leaves quotation marks out, one is not UTF-8, and one has 200 bytes."""

GOOD = {f"good{number}": csd(SINE, f"i1 0 1 0.{number}") for number in (1, 2)}
HANGING = csd(HEADER + "instr 1\n  kn = 0\nagain:\n  if kn < 1 kgoto again\nendin\n", "i1 0 1")
BAD = {
    # A piece and what is said of it.
    "sample": (csd(HEADER + 'instr 1\n  out(diskin2("nosuch.wav"))\nendin\n', "i1 0 1"), "nosuch.wav"),
    "table": (csd(SINE, 'f1 0 0 1 "notable.wav" 0 0 0\ni1 0 1 0.1'), "notable.wav"),
    "include": (csd('#include "noinclude.inc"\n' + SINE, "i1 0 1 0.1"), "noinclude.inc"),
    "syntax": (csd(HEADER + "instr 1\n  out(nosuchopcode(1))\nendin\n", "i1 0 1"), "line 8"),
    "crash": (csd(SINE + CRASHING, "i1 0 60 0.1\ni2 30 1"), "crashed"),
    "forever": (csd("sr = 800\nksmps = 800\ninstr 1\n  out(a(0.1))\nendin\n", "i1 0 15000"), "not ended after 4 hours"),
    "memory": (csd(HEADER + "instr 1\n  ibig ftgen 0, 0, 67108864, 2, 0\nendin\n", "i1 0 1"), "memory"),
    "none": ("this is no piece", "is no CSD"),
    "cut": (csd(SINE, "i1 0 1 0.1").partition("</CsInstruments>")[0], "no </CsInstruments>"),
    "rate": (csd(SINE.replace("48000", "0"), "i1 0 1 0.1"), "invalid sample rate"),
    "empty": ("<CsoundSynthesizer>\n", "it has no <CsInstruments>"),
}
LINES = csd(
    "sr = 48000\nksmps = 1\n" + 'instr 1\n  printks "line %d\\n", 0, timeinstk()\n  out(poscil(0.1, 440))\nendin\n',
    "i1 0 4",
)
"""It prints 192,000 lines."""

pytestmark = pytest.mark.native


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bad")
    odd = dict.fromkeys(ODD, csd(SINE, "i1 0 0.1 0.1"))
    for name, text in (GOOD | odd | {name: text for name, (text, _) in BAD.items()} | {"lines": LINES}).items():
        (made / f"{name}.csd").write_text(text)
    (made / "hanging.csd").write_text(HANGING)
    (made / "endless.csd").write_text(csd(SINE, "i1 0 1 0.5\nf 0 z"))
    return made


@pytest.fixture(scope="module")
def batch(folder: Path) -> Ended:
    """All of them by one command."""
    names = ["good1", *BAD, "lines", *ODD, "good2"]
    pieces = [f"{name}.csd" for name in names]
    return render(
        *pieces, "nosuch.csd", "-o", "out", "--json", "--max-memory", "400", "-j", "3", "--engine", needed("native:7"),
        folder=folder,
    )  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_it_fails_with_words(batch: Ended, name: str) -> None:
    told = batch.last[f"{name}.csd"]
    assert told["event"] == "failed"
    assert BAD[name][1] in f"{told['message']}: {told['hint']}"


@pytest.mark.parametrize("name", [*GOOD, "lines", *ODD])
def test_the_others_go_on(batch: Ended, name: str) -> None:
    assert batch.last[f"{name}.csd"]["event"] == "done"


def test_a_piece_that_is_not_there_is_told(batch: Ended) -> None:
    assert "no such file" in batch.last["nosuch.csd"]["message"]


def test_nothing_else_is_left(batch: Ended, folder: Path) -> None:
    assert batch.status == 1
    assert {each.stem for each in (folder / "out").iterdir()} == {*GOOD, *ODD, "lines"}


def test_of_many_lines_the_first_and_the_last_are_kept(batch: Ended) -> None:
    log = batch.last["lines.csd"]["log"]
    assert len(log) <= 401
    assert any("more lines" in line for line in log)


def test_one_that_hangs_is_given_up(folder: Path) -> None:
    ended = render("hanging.csd", "-o", "h.wav", "--timeout", "2", "--json", folder=folder)
    assert ended.status == 1
    assert "after 2 s" in ended.last["hanging.csd"]["message"]
    assert not list(folder.glob(".h-*"))


def test_a_score_without_an_end_needs_a_duration(folder: Path) -> None:
    ended = render("endless.csd", "-o", "e.wav", folder=folder)
    assert ended.status == 2
    assert "--max-duration" in ended.stderr
    assert render("endless.csd", "-o", "e.wav", "--max-duration", "0.5", "--json", folder=folder).last["endless.csd"][
        "cut"
    ]


def test_a_full_disk_is_told(folder: Path) -> None:
    ended = render("good1.csd", "-o", "full.wav", "--json", folder=folder, limited="-f 64")
    assert (ended.status, ended.last["good1.csd"]["message"]) == (1, "the disk is full")
    assert not list(folder.glob("*full*"))


def test_a_folder_that_cannot_be_written_to_is_told(folder: Path) -> None:
    ended = render("good1.csd", "-o", "/proc/x.wav", "--json", folder=folder)
    assert ended.status == 1
    assert "/proc/x.wav cannot be written" in ended.last["good1.csd"]["message"]


def test_a_pipe_is_not_replaced_by_a_file(folder: Path) -> None:
    pipe = folder / "pipe.wav"
    os.mkfifo(pipe)
    ended = render("good1.csd", "-o", "pipe.wav", "--json", folder=folder)
    assert (ended.status, pipe.is_fifo()) == (1, True)
    assert "is no file" in ended.last["good1.csd"]["message"]


def test_an_engine_that_is_not_there_is_told(folder: Path) -> None:
    ended = render("good1.csd", "-o", "x.wav", "--engine", "/nosuch/libcsound64.so", folder=folder)
    assert ended.status == 1
    assert ended.stderr.startswith("csoundd: the library /nosuch/libcsound64.so does not exist")


def test_two_pieces_for_one_file_are_refused(folder: Path) -> None:
    (folder / "more").mkdir()
    (folder / "more/good1.csd").write_text(GOOD["good1"])
    ended = render("good1.csd", "more/good1.csd", "-o", "twice", folder=folder)
    assert (ended.status, "would both become" in ended.stderr) == (2, True)
    assert not (folder / "twice").exists()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGHUP])
def test_an_interrupt_leaves_nothing_half_written(folder: Path, sent: signal.Signals) -> None:
    (folder / "long").mkdir(exist_ok=True)
    line = command("render", "hanging.csd", "-o", "long/x.wav", "--json")
    with subprocess.Popen(
        line, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "started"
        process.send_signal(sent)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert not list((folder / "long").iterdir())


def test_warnings_are_a_status_of_their_own_where_that_is_asked_for(folder: Path) -> None:
    (folder / "warns.csd").write_text(csd(SINE, "i1 0 0.1 0.5\ni7 0 1"))
    ended = render("warns.csd", "-o", "warns.wav", "--strict", folder=folder)
    assert ended.status == 3
    assert (folder / "warns.wav").exists()


def test_what_a_piece_reads_is_not_replaced(folder: Path, renders7: Renders) -> None:
    (folder / "reads.csd").write_text(csd(HEADER + 'instr 1\n  out(diskin("read.wav"))\nendin\n', "i1 0 0.1"))
    sound = renders7.render(folder / "good1.csd", folder / "read.wav").output.read_bytes()
    with pytest.raises(EngineError, match=r"read\.wav would be replaced"):
        renders7.render(folder / "reads.csd", folder / "read.wav")
    assert (folder / "read.wav").read_bytes() == sound


def test_a_link_leads_to_the_file_that_is_written(folder: Path, renders7: Renders) -> None:
    (folder / "linked.wav").symlink_to("to.wav")
    renders7.render(folder / "good1.csd", folder / "linked.wav")
    assert (folder / "linked.wav").is_symlink()
    assert not (folder / "to.wav").is_symlink()


def test_standard_streams_may_be_closed(folder: Path) -> None:
    line = command("render", "good1.csd", "-o", "closed.wav")
    shell = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *line]
    assert subprocess.run(shell, cwd=folder, env=environment(), timeout=LONG, check=False).returncode == 0
    assert (folder / "closed.wav").exists()


def test_a_report_that_cannot_be_written_is_told_in_words(folder: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        line = command("render", "good1.csd", "-o", "told.wav")
        ended = subprocess.run(
            line, cwd=folder, env=environment(), stdout=full, stderr=subprocess.PIPE, timeout=LONG, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr.startswith(b"csoundd: ")
    assert b"Traceback" not in ended.stderr
