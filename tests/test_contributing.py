"""The table of folders in CONTRIBUTING.md is that of the tree."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Where things are")[1].split("\n## ")[0]
ENGINE_ROWS = "\n".join(line for line in TABLE.splitlines() if line.startswith("| ⤷"))


def packages(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/__init__.py")}


def test_every_package_is_in_the_table() -> None:
    named = set(re.findall(r"^\| `csoundd/(\w+)/`", TABLE, re.MULTILINE))
    assert packages(ROOT / "csoundd") - {"licences"} <= named


def test_every_room_of_the_engine_is_in_the_table() -> None:
    named = {name for row in ENGINE_ROWS.splitlines() for name in re.findall(r"`(\w+)/`", row.split("|")[1])}
    assert named == packages(ROOT / "csoundd" / "engine")


def test_what_the_table_names_exists() -> None:
    for name in re.findall(r"^\| `([\w/.]+)`", TABLE, re.MULTILINE):
        assert (ROOT / name).exists(), name
