"""The comparison of calls in states finds what is equal, and holds differences against what is declared."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.dropin.differences import reason
from tests.live.daemon import PATIENCE, ROOT, environment

pytestmark = [pytest.mark.live, pytest.mark.native]


def test_a_call_is_made_on_both_sides() -> None:
    words = [sys.executable, "-m", "tests.dropin.states", "--all", "--only", "Csound.[nU][cD]* started"]
    ran = subprocess.run(
        words, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=3 * PATIENCE, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Csound.UDPServerStart started: libcsound 0; the drop-in NotImplementedError" in ran.stdout
    assert ran.stdout.splitlines()[-1] == "1 declared, 2 equal of 3"


def test_what_nobody_has_declared_has_no_reason() -> None:
    assert reason("Csound.sr started", "float", "0.0") is None
    assert reason("Csound.sleep fresh", "Exception", "RuntimeError") is None
    assert reason("Csound.sleep fresh", "Exception", "None") is not None
