"""``csoundd play``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import post
from tests.cli.running import FAILED, INTERRUPTED, OK, Cli, interrupted, program
from tests.live.daemon import Daemon, serving
from tests.live.pieces import HEADER, csd

PIECE = csd(HEADER + 'chnset 1, "generation"\ninstr 1\nendin\n', "i1 0 30\ne")


def test_a_file_of_ones_own_shell_plays(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "piece.csd").write_text(PIECE.replace("chnset 1", "chnset 7"))
    ended = cli("play", "piece.csd")
    assert (ended.status, ended.stdout, ended.stderr) == (OK, "", "csoundd: piece.csd plays\n")
    assert cli("get", "--json", "generation").value == {"generation": 7.0}


def test_a_file_with_a_fault_is_told_with_its_line(cli: Cli, tmp_path: Path) -> None:
    broken = PIECE.replace("instr 1", "instr 1\n asig nonsense 1")
    (tmp_path / "broken.csd").write_text(broken)
    ended = cli("play", "broken.csd")
    line = broken[: broken.index("nonsense")].count("\n") + 1
    assert (ended.status, ended.stdout) == (FAILED, "")
    assert f"broken.csd:{line}:" in ended.stderr


def test_a_path_is_that_of_ones_own_shell(
    cli: Cli, daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = daemon.folder / "below"
    below.mkdir()
    (below / "here.csd").write_text(PIECE)
    monkeypatch.chdir(below)
    assert cli("call", "--json", "csound.compileCsd", "here.csd").value == 0
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.csd").write_text(PIECE)
    cli("call", "csound.compileCsd", "there.csd").assert_refused(FAILED, "outside")


def test_a_file_that_is_not_there(cli: Cli) -> None:
    cli("play", "missing.csd").assert_refused(FAILED, "missing.csd")


@pytest.mark.parametrize("name", ["piece.csd", "parts/inner.inc", "sample.wav"])
def test_what_is_saved_plays_again(tmp_path: Path, name: str) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "part.inc").write_text('#include "parts/inner.inc"\n')
    (tmp_path / "parts" / "inner.inc").write_text('chnset 1, "generation"\nSsample = "sample.wav"\n')
    (tmp_path / "sample.wav").write_text("short")
    (tmp_path / "piece.csd").write_text(PIECE.replace('chnset 1, "generation"', '#include "part.inc"'))
    with (
        serving(tmp_path) as daemon,
        program("play", "piece.csd", "--watch", "--url", daemon.url, folder=tmp_path) as playing,
    ):
        assert playing.stderr is not None
        assert playing.stderr.readline() == "csoundd: piece.csd plays\n"
        assert playing.stderr.readline() == "csoundd: watching piece.csd\n"
        changed = tmp_path / name
        replaced = changed.read_text().replace("chnset 1,", "chnset 22,").replace("i1 0 30", "i1 0 300")
        (tmp_path / "new").write_text(replaced.replace("short", "longer"))
        (tmp_path / "new").rename(changed)
        assert playing.stderr.readline() == "csoundd: piece.csd plays\n"
        wanted = 22.0 if name == "parts/inner.inc" else 1.0
        assert post(daemon, "channel.get", ["generation"]) == {"generation": wanted}
        assert interrupted(playing)[0] == INTERRUPTED
