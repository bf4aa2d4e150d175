"""The files that the engine opens are told by their names in the workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backends.engines import native_only
from tests.backends.pushing import Staged
from tests.engine.listening import do

WRITING = """
instr 1
  asig oscili 0.5, 440
  fout "{}", 4, asig
endin
schedule(1, 0, -1)
"""


async def test_a_file_that_is_written_is_told(staged: Staged, tmp_path: Path) -> None:
    (tmp_path / "takes").mkdir()
    async with staged(tmp_path) as stage:
        files = await stage.hear("files")
        await stage.play(WRITING.format("takes/one.wav"))
        await stage.step(1)
        await files.until(lambda: files.frames)
        assert files.data == [{"path": "takes/one.wav", "type": "wave", "write": True, "temp": False, "outside": False}]


async def test_a_file_that_is_read_is_told(staged: Staged, tmp_path: Path) -> None:
    (tmp_path / "numbers.txt").write_text("1 2 3 4\n")
    async with staged(tmp_path) as stage:
        files = await stage.hear("files")
        await stage.play('gitab ftgen 1, 0, 4, -23, "numbers.txt"\n')
        await files.until(lambda: files.frames)
        assert files.data[0] == {
            "path": "numbers.txt",
            "type": "floats_text",
            "write": False,
            "temp": False,
            "outside": False,
        }


# The embedded engine sees no file outside: there is none to be told of.
@native_only
async def test_of_a_file_outside_only_the_name_is_told(
    staged: Staged, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret.txt"
    elsewhere.write_text("1 2 3 4\n")
    async with staged(tmp_path) as stage:
        files = await stage.hear("files")
        await stage.play(f'gitab ftgen 1, 0, 4, -23, "{elsewhere}"\n')
        await files.until(lambda: files.frames)
        assert (files.data[0]["path"], files.data[0]["outside"]) == ("secret.txt", True)


async def test_files_are_told_after_a_reset(staged: Staged, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        files = await stage.hear("files")
        await do(stage.engine, "csound.reset")
        await stage.play(WRITING.format("one.wav"))
        await stage.step(1)
        await files.until(lambda: files.frames)
