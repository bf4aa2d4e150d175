"""SECURITY.md: what shows a promise is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_promise_names_a_test_that_there_is() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?!promise|---)(.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert len(rows) > 10
    for promise, shown in rows:
        files = re.findall(r"`(tests/[\w/]+\.py)`", shown)
        assert files, promise
        assert all((ROOT / file).is_file() for file in files), promise
