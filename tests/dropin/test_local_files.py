"""A piece of the script's machine plays with all that it reads, and nothing of it stays in the workspace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from csoundd_client import Csound
from csoundd_client.failures import CsounddError
from tests.live.daemon import PATIENCE, Daemon, environment, serving

pytestmark = [pytest.mark.live, pytest.mark.native]

PIECE = """<CsoundSynthesizer>
<CsOptions>
-d -m0 -n
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1
#include "lib/tone.inc"
giSample ftgen 1, 0, 0, -1, "../sounds/ramp.wav", 0, 0, 0
prints "not_a_file.txt"
</CsInstruments>
<CsScore>
#include "lib/events.sco"
</CsScore>
</CsoundSynthesizer>
"""
RAMP = np.linspace(-0.5, 0.5, 1024)


@pytest.fixture
def piece(tmp_path: Path) -> Path:
    """A piece with files that it includes, one of which includes another, and a sample in a folder beside its own."""
    songs, sounds = tmp_path / "songs", tmp_path / "sounds"
    (songs / "lib").mkdir(parents=True)
    sounds.mkdir()
    soundfile.write(sounds / "ramp.wav", RAMP, 48000, subtype="DOUBLE")
    (songs / "lib" / "tone.inc").write_text('#include "deep.inc"\n', "utf-8")
    (songs / "lib" / "deep.inc").write_text('instr Tone\n  out(diskin2:a("../sounds/ramp.wav", 1))\nendin\n', "utf-8")
    (songs / "lib" / "events.sco").write_text('i "Tone" 0 0.02\n', "utf-8")
    path = songs / "piece.csd"
    path.write_text(PIECE, "utf-8")
    return path


def heard(cs: Csound) -> list[float]:
    spout, sound = cs.spout(), list[float]()
    while not cs.performKsmps():
        sound += spout.tolist()
    return sound


def everything(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


@pytest.mark.parametrize("way", ["compileCsd", "compileCommandLine"])
def test_what_a_piece_includes_and_samples_comes_along(
    daemon: Daemon, folder: Path, piece: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.chdir(piece.parent)
    before = everything(folder)
    with Csound(url=daemon.url) as cs:
        words = ["csound", "piece.csd"] if way == "compileCommandLine" else ["piece.csd"]
        assert getattr(cs, way)(*words) == 0
        assert cs.start() == 0
        table = cs.table(1)
        assert table is not None
        assert np.array_equal(table[: len(RAMP)], RAMP)
        assert np.allclose(heard(cs)[:512], RAMP[:512])
    assert everything(folder) == before


def test_an_orchestra_and_a_score_come_from_here(daemon: Daemon, tmp_path: Path, folder: Path) -> None:
    before = everything(folder)
    orchestra, score = tmp_path / "a.orc", tmp_path / "a.sco"
    orchestra.write_text(
        "sr = 48000\nksmps = 64\nnchnls = 1\n0dbfs = 1\ninstr 1\n  asound init 0.25\n  out asound\nendin\n", "utf-8"
    )
    score.write_text("i 1 0 0.01\n", "utf-8")
    with Csound(url=daemon.url) as cs:
        assert cs.compileCommandLine("csound", "-n", "-d", str(orchestra), str(score)) == 0
        assert heard(cs)[:64] == [0.25] * 64
        cs.reset()
        assert everything(folder) == before


def test_a_file_that_an_option_reads_comes_along(daemon: Daemon, piece: Path, tmp_path: Path) -> None:
    through = tmp_path / "through.csd"
    through.write_text(
        "<CsoundSynthesizer>\n<CsInstruments>\nsr = 48000\nksmps = 64\nnchnls = 1\n0dbfs = 1\ninstr 1\n  out(in())\n"
        "endin\n</CsInstruments>\n<CsScore>\ni 1 0 0.01\n</CsScore>\n</CsoundSynthesizer>\n",
        "utf-8",
    )
    sample = piece.parent.parent / "sounds" / "ramp.wav"
    with Csound(url=daemon.url) as cs:
        assert cs._with_files(["-i", str(sample), f"-i{sample}", "--nosuch=x"])[3] == "--nosuch=x"
        assert cs.compileCommandLine("csound", "-n", "-d", f"-i{sample}", str(through)) == 0


def test_a_file_that_is_too_large_is_an_error(tmp_path: Path) -> None:
    served, path = tmp_path / "served", tmp_path / "large.csd"
    served.mkdir()
    path.write_text('<CsInstruments>\ngi ftgen 1, 0, 0, 1, "huge.wav", 0, 0, 0\n</CsInstruments>\n', "utf-8")
    (tmp_path / "huge.wav").write_bytes(bytes(100_000))
    with serving(served, "--max-file", "65536") as daemon, Csound(url=daemon.url) as cs:
        with pytest.raises(CsounddError, match=r"huge\.wav"):
            cs.compileCsd(str(path))
        assert cs.compileOrc("instr 1\nendin\n") == 0


def test_a_daemon_of_the_scripts_own_reads_them_where_they_are(engine: str, piece: Path) -> None:
    code = (
        "from csoundd_client import Csound\ncs = Csound()\nassert cs.compileCsd('songs/piece.csd') == 0\n"
        "assert cs.start() == 0\nprint(len(cs.table(1)))\nimport os\nprint(sorted(os.listdir()))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=piece.parent.parent,
        env=environment({"CSOUNDD_DAEMON": "spawn", "CSOUNDD_ENGINE": engine}),
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )
    assert ran.stdout.splitlines() == ["1024", "['songs', 'sounds']"], ran.stderr
