"""What a piece reads is known before it is rendered, and what is missing of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from csoundd.errors import EngineError
from csoundd.render.dryrun import Input, Inputs
from csoundd.render.messages import missing_name
from csoundd.render.piece import Piece, Render, Settings
from csoundd.render.workshop import Confinement, Workshop
from tests.live.engines import needed
from tests.live.pieces import csd
from tests.render.commands import HEADER, render
from tests.render.pools import Renders

ORCHESTRA = (
    HEADER + '#include "lib/one.udo"\ninstr 1\n  Sname sprintf "%d.wav", p4\n  asound diskin Sname\n'
    "  out(asound, asound)\n  if p4 == 3 then\n    schedule(1, 100, 1, 4)\n  endif\nendin\n"
)
SCORE = 'i1 0 1 1\ni1 500 1 2\ni1 900 1 3\nf 1 1200 0 1 "table.wav" 0 0 0\nf 0 2000\n'
NAMES = ("1.wav", "2.wav", "3.wav", "4.wav", "table.wav")
pytestmark = pytest.mark.native


@pytest.fixture
def piece(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/one.udo").write_text('#include "two.udo"\n')
    (tmp_path / "lib/two.udo").write_text("giunused = 1\n")
    for number, name in enumerate(NAMES):
        soundfile.write(tmp_path / name, np.full(100, number / 10), 48000)
    (tmp_path / "piece.csd").write_text(csd(ORCHESTRA, SCORE))
    return tmp_path / "piece.csd"


def inputs(renders: Renders, piece: Path, **settings: Any) -> tuple[Inputs, list[Input]]:
    asked = Render(Piece.read(piece), piece.with_name("never.wav"), Settings(**settings))
    return renders.run(Workshop(renders.pool, piece.parent).inputs(asked))


@pytest.mark.parametrize("engine", ["renders7", "renders6"])
def test_everything_that_is_read_is_known_with_its_content(
    piece: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    known, found = inputs(request.getfixturevalue(engine), piece)
    wanted = [piece.parent / name for name in ("lib/one.udo", "lib/two.udo", *NAMES)]
    assert {each.path: each.sha256 for each in found} == {
        path: hashlib.sha256(path.read_bytes()).hexdigest() for path in wanted
    }
    assert (known.missing, known.later) == ((), "")
    assert not (piece.parent / "never.wav").exists()


@pytest.mark.parametrize("engine", ["renders7", "renders6"])
def test_all_that_is_missing_is_told_by_name(
    piece: Path, engine: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSDIR", str(piece.parent / "lib"))
    for name in ("2.wav", "4.wav", "table.wav"):
        (piece.parent / name).unlink()
    known, _ = inputs(request.getfixturevalue(engine), piece)
    assert {each.name for each in known.missing} == {"2.wav", "4.wav", "table.wav"}
    assert known.looked_in == (str(piece.parent), f"{piece.parent / 'lib'} (SSDIR)")


def test_the_folders_that_options_name_are_told_of(piece: Path, renders7: Renders) -> None:
    own = "<CsOptions>\n--env:SSDIR=sounds\n</CsOptions>\n<CsI"
    piece.write_text(piece.read_text().replace("<CsI", own, 1))
    known, _ = inputs(renders7, piece, options=("--env:SSDIR+=more",))
    assert {f"{piece.parent / name} (SSDIR)" for name in ("sounds", "more")} <= set(known.looked_in)


def test_an_include_that_is_missing_is_told_by_name(piece: Path, renders7: Renders) -> None:
    (piece.parent / "lib/two.udo").unlink()
    known, found = inputs(renders7, piece)
    assert [each.name for each in known.missing] == ["two.udo"]
    assert [each.path.name for each in found] == ["one.udo"]


def test_what_is_missing_fails_before_the_render_begins(piece: Path, renders7: Renders) -> None:
    (piece.parent / "2.wav").unlink()
    told: list[str] = []
    asked = Render(Piece.read(piece), piece.with_name("out.wav"), Settings())
    workshop = Workshop(renders7.pool, piece.parent)
    with pytest.raises(EngineError, match=r"^2\.wav is missing$") as failure:
        renders7.run(workshop.render(asked, lambda event: told.append(event["event"]), None))
    assert str(piece.parent) in str(failure.value.hint)
    assert told == []
    assert not (piece.parent / "out.wav").exists()


def test_a_client_of_a_daemon_is_told_no_path(piece: Path, renders7: Renders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSDIR", str(piece.parent / "lib"))
    (piece.parent / "2.wav").unlink()
    asked = Render(Piece.read(piece), piece.with_name("out.wav"), Settings())
    workshop = Workshop(renders7.pool, piece.parent, None, Confinement("off", str(piece.parent)))
    with pytest.raises(EngineError) as failure:
        renders7.run(workshop.render(asked, lambda _: None, None))
    assert failure.value.message == "2.wav is missing"
    assert "the folder of the piece" in str(failure.value.hint)
    assert "SSDIR" in str(failure.value.hint)
    assert str(piece.parent) not in str(failure.value.hint)


def test_what_comes_after_the_cut_is_not_missing(piece: Path, renders7: Renders) -> None:
    (piece.parent / "2.wav").unlink()
    assert renders7.render(piece, piece.with_name("out.wav"), max_seconds=1.0).result.cut


def test_what_is_read_by_a_name_of_the_performance_is_told_afterwards(piece: Path, renders7: Renders) -> None:
    late = HEADER + (
        'instr 1\n  asound diskin "1.wav"\n  schedkwhen(metro:k(1), 0, 1, 2, 0, 1)\n  out(asound, asound)\nendin\n'
        'instr 2\n  asound diskin "2.wav"\n  out(asound, asound)\nendin\n'
    )
    piece.write_text(csd(late, "i1 0 0.1"))
    known, found = inputs(renders7, piece)
    assert [each.path.name for each in found] == ["1.wav"]
    assert known.later == "schedkwhen begins more while it plays"
    assert renders7.render(piece, piece.with_name("out.wav")).result.late == ("2.wav",)


def test_a_piece_that_takes_long_to_look_through_is_not_measured(
    piece: Path, renders7: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csoundd.render.pool.RENDER_METERED_SECONDS", 0.0)
    known, _ = inputs(renders7, piece)
    assert known.missing == ()


@pytest.mark.parametrize("acts", ['fout "2.wav", 4, asound', "isys system_i 1, {{rm 2.wav}}"])
def test_a_piece_that_acts_does_not_do_so_before(piece: Path, renders7: Renders, acts: str) -> None:
    before = (piece.parent / "2.wav").read_bytes()
    piece.write_text(csd(ORCHESTRA.replace("  out(", f"  {acts}\n  out("), SCORE))
    known, found = inputs(renders7, piece)
    assert known.later.startswith("its notes are not begun before, as ")
    assert [each.path.name for each in found] == ["one.udo", "two.udo"]
    assert (piece.parent / "2.wav").read_bytes() == before


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("INIT ERROR in instr 1 (opcode diskin) line 9: diskin2: a b.wav: failed to open file (No Error.)", "a b.wav"),
        ("soundin cannot open nof.wav: No Error.ftable 2: Failed to open file nof.wav", "nof.wav"),
        ("Cannot open #include'd file lib/x.udo", "lib/x.udo"),
        ("INIT ERROR in instr 1: PVOC cannot load x.pvx", "x.pvx"),
        ('sfload: cannot open SoundFont file "bank.sf2" (error 2)', "bank.sf2"),
        ("FTERROR, ftable 1: GEN23: error opening ASCII file numbers.txt", "numbers.txt"),
        ("*** error opening MIDI file 'tune.mid': No such file", "tune.mid"),
        ("error: cannot open the included file 'v.udo', line 1 of lib/u.udo", "v.udo"),
        ("diskgrain: could not open file: g.wav", "g.wav"),
    ],
)
def test_each_way_to_say_that_a_file_is_missing_has_its_name(line: str, name: str) -> None:
    assert missing_name(line) == name


def test_the_command_lists_inputs_and_renders_nothing(piece: Path) -> None:
    (piece.parent / "2.wav").unlink()
    ended = render("piece.csd", "--dry-run", "--json", "--engine", needed("wasm"), folder=piece.parent)
    told = ended.last["piece.csd"]
    assert (ended.status, told["event"]) == (1, "inputs")
    assert {each["name"] for each in told["missing"]} == {"2.wav"}
    assert {Path(each["path"]).name for each in told["inputs"]} == {"one.udo", "two.udo", *NAMES} - {"2.wav"}
    assert not list(piece.parent.glob("piece*.wav"))
