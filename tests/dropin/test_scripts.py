"""Scripts written for libcsound print the same here and over a daemon, with nothing changed but the import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.dropin.local import THREADS
from tests.live.daemon import PATIENCE, ROOT, Daemon, environment

SCRIPTS = sorted(Path(__file__).parent.joinpath("scripts").glob("*.py"))
SHORTEST = 60

pytestmark = [pytest.mark.live, pytest.mark.native]


def printed(words: list[str], folder: Path, **extra: str) -> list[str]:
    """What a Python program prints."""
    result = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment(extra),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_prints_what_it_prints_locally(script: Path, engine: str, daemon: Daemon, tmp_path: Path) -> None:
    if engine == "native:6" and THREADS is None and "performanceThread" in script.read_text(encoding="utf-8"):
        pytest.skip("libcsound's performance thread is a library of its own, which is not there")
    remote = tmp_path / script.name
    remote.write_text(script.read_text(encoding="utf-8").replace("from libcsound ", "from csoundd_client "), "utf-8")

    locally = printed(["-m", "tests.dropin.local", engine, str(script)], ROOT)

    assert printed([str(remote)], tmp_path, CSOUNDD_URL=daemon.url) == locally


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_is_no_toy(script: Path) -> None:
    assert len(script.read_text(encoding="utf-8").splitlines()) >= SHORTEST
