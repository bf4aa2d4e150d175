"""The elements of the page: their own tests, in Node.js and in a real browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.browser import CHROMIUM
from tests.live.daemon import ROOT, environment

CONSOLE = ROOT / "clients" / "console"

pytestmark = [
    pytest.mark.skipif(
        not (CONSOLE / "node_modules").is_dir() or not shutil.which("npm"), reason="npm is not installed"
    ),
    pytest.mark.timeout(300),
]


def test_their_own_tests_pass(tmp_path: Path) -> None:
    command = tmp_path / "csoundd"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m csoundd "$@"\n')
    command.chmod(0o755)
    settings = environment({"CSOUNDD": os.fspath(command), "CHROMIUM": CHROMIUM, "npm_config_update_notifier": "false"})
    tests = subprocess.run(
        ["npm", "test"],
        cwd=CONSOLE,
        env=settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout + tests.stderr
