"""What is to be rendered, looked at before it is: texts that are no pieces, files that a render must not replace."""

from __future__ import annotations

from pathlib import Path

import pytest

from csoundd.errors import EngineError, InvalidParams
from csoundd.render.messages import is_warning, why_unmade
from csoundd.render.piece import Piece, Settings, renders
from tests.live.pieces import csd
from tests.render.commands import SINE

TEXT = csd(SINE, "i1 0 1 0.1")


def outputs(path: Path, output: str) -> list[Path]:
    return [each.output for each in renders([Piece.read(path)], output, Settings(), {}, path.parent)]


@pytest.fixture
def piece(tmp_path: Path) -> Path:
    path = tmp_path / "piece.csd"
    path.write_text(TEXT)
    return path


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_piece_in_another_encoding_is_told(encoding: str) -> None:
    with pytest.raises(EngineError, match="UTF-16"):
        Piece.of("piece.csd", TEXT.encode(encoding), Path())


@pytest.mark.parametrize("kept", ["</CsScore>", "</CsInstruments>"])
def test_a_piece_that_is_cut_off_is_told(kept: str) -> None:
    with pytest.raises(EngineError, match=f"there is no {kept}"):
        Piece.of("piece.csd", TEXT.partition(kept)[0].encode(), Path())


def test_a_piece_is_not_replaced_by_its_own_render(piece: Path, tmp_path: Path) -> None:
    (tmp_path / "link.wav").symlink_to(piece)
    for output in (piece, tmp_path / "link.wav"):
        with pytest.raises(InvalidParams, match="is a piece"):
            outputs(piece, str(output))


def test_a_folder_that_is_not_there_yet_is_one_where_it_is_said_so(piece: Path, tmp_path: Path) -> None:
    assert outputs(piece, f"{tmp_path}/new/") == [tmp_path / "new/piece.wav"]
    (tmp_path / "file").touch()
    with pytest.raises(InvalidParams, match="is no folder"):
        outputs(piece, f"{tmp_path}/file/")


def test_a_format_that_cannot_hold_a_piece_is_told_with_the_reason() -> None:
    assert why_unmade("sfinit: cannot open /x/.a-b.part.flac Error : flac does not support this sample rate.") == (
        "flac does not support this sample rate"
    )


def test_an_empty_line_is_no_warning() -> None:
    assert not is_warning("", 0x4000)
