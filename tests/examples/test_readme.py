"""The README's programs do what it says, against a daemon that plays the demo."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PROGRAMS = re.findall(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text(), flags=re.DOTALL)
FREE_PORTS = ("--port", "0", "--osc-port", "0", "--osc-tcp-port", "0", "--oscquery-port", "0")

pytestmark = [pytest.mark.native, pytest.mark.live]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where a daemon of ours serves, playing the demo."""
    demo = REPOSITORY / "examples" / "lantern.csd"
    command = [sys.executable, "-m", "csoundd", "serve", str(demo), *FREE_PORTS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stdout is not None
        ready = re.match(r"csoundd ready http=(\S+)", daemon.stdout.readline())
        try:
            assert ready is not None, "the daemon ended before it was ready"
            yield ready[1]
        finally:
            daemon.send_signal(signal.SIGTERM)
    assert daemon.returncode == 0


def run(program: str, address: str) -> str:
    """What a program of the README prints, with ``address`` in the place of the default one."""
    command = [sys.executable, "-c", program.replace("127.0.0.1:7700", address)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_there_is_one_without_anything_of_ours_and_one_with_the_client() -> None:
    raw, client = PROGRAMS
    assert "csoundd" not in raw
    assert "csoundd_client" in client


def test_the_raw_one_sees_the_meters_move(address: str) -> None:
    lines = run(PROGRAMS[0], address).splitlines()
    assert len(lines) == 21
    assert all("'peak'" in line and "'rms'" in line for line in lines[1:])


def test_the_client_hears_what_it_compiled(address: str) -> None:
    peaks = [float(line.split()[1]) for line in run(PROGRAMS[1], address).splitlines()]
    assert len(peaks) == 10
    assert max(peaks) > 0.1
