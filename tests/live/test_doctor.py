"""``csoundd doctor``: this machine, and the daemon on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.live.daemon import finished, serving


def findings(*words: str | Path, folder: Path) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """The exit status, and what was found by what was looked at."""
    ended = finished("doctor", "--json", *words, folder=folder)
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in json.loads(ended.stdout):
        found.setdefault(finding["what"], []).append(finding)
    return ended.returncode, found


def test_a_machine_with_a_daemon_is_well(tmp_path: Path) -> None:
    state = tmp_path / "state"
    folder = tmp_path / "workspace"
    folder.mkdir()
    with serving(folder, "--state", state) as daemon:
        status, found = findings("--state", state, folder=folder)
        assert status == 0, found
        assert daemon.process.poll() is None
    assert found["engines"][0]["verdict"] == found["workspace"][0]["verdict"] == found["daemon"][0]["verdict"] == "good"
    assert "csoundd" in found["daemon"][0]["told"]


def test_what_would_not_work_is_told(tmp_path: Path) -> None:
    status, found = findings("--url", "ws://127.0.0.1:1/ws", "--state", tmp_path, folder=tmp_path)
    assert status == 1
    assert found["state"][0]["verdict"] == "bad"
    assert "workspace" in found["state"][0]["told"]
    assert found["daemon"][0]["verdict"] == "bad"
