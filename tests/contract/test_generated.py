"""The generated files are fresh, and the command that makes them notices when they are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from csoundd.contract.__main__ import main
from csoundd.contract.documents import errors
from csoundd.values import PROTOCOL

ROOT = Path(__file__).parents[2]


def test_the_committed_files_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", str(ROOT / "protocol")]) == 0, capsys.readouterr().err


def test_what_is_written_is_fresh(tmp_path: Path) -> None:
    protocol = tmp_path / "protocol"
    assert main([str(protocol)]) == 0
    assert main(["--check", str(protocol)]) == 0


def change(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda folder: change(folder / "openrpc.json"), "openrpc.json"),
        (lambda folder: (folder / "errors.json").unlink(), "errors.json"),
        (lambda folder: (folder / "vectors" / "old.json").write_text("{}"), "vectors/old.json"),
        (lambda folder: (folder / "reference" / "old.md").write_text(""), "reference/old.md"),
    ],
    ids=["changed", "missing", "left over", "left over page"],
)
def test_a_stale_file_is_named_and_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[Path], object], named: str
) -> None:
    main([str(tmp_path)])
    spoil(tmp_path)
    assert main(["--check", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"stale: {tmp_path / named}\n"
    main([str(tmp_path)])
    assert main(["--check", str(tmp_path)]) == 0


def test_the_version_of_the_protocol_is_the_one_the_pages_tell_of() -> None:
    assert errors()["protocol"] == PROTOCOL
    assert f"version {PROTOCOL}\n" in (ROOT / "protocol" / "README.md").read_text(encoding="utf-8")
    assert f"\n## {PROTOCOL}\n" in (ROOT / "protocol" / "CHANGELOG.md").read_text(encoding="utf-8")
