"""Engines die while clients change things: nobody loses a connection, an answer or a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.survival.engine_deaths import outlived


@pytest.mark.timeout(240)
def test_nobody_loses_anything_when_engines_are_killed_under_load(tmp_path: Path) -> None:
    kinds = ("SIGKILL", "abort", "trap")
    result = outlived(tmp_path, "native", deaths=len(kinds), clients=4, seed=14, kinds=kinds)
    assert result.acknowledged > 0
    assert result.looked_at > 0
    assert result.wrong == []
