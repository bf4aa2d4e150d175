"""One daemon has one engine: who loses it hears of it, and who wants one of his own has a daemon of his own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from csoundd_client import Csound
from csoundd_client.errors import StaleHandle
from tests.live.daemon import Daemon, environment
from tests.live.processes import descendants

pytestmark = [pytest.mark.live, pytest.mark.native]

SPAWNING = """
import os
from csoundd_client import Csound

first, second = Csound(daemon="spawn"), Csound(daemon="spawn")
for number, csound in enumerate((first, second), 1):
    assert csound.compileOrc(f'instr 1\\n chnset k({number}), "x"\\nendin\\nschedule(1, 0, 10)') == 0
    csound.start()
for _ in range(3):
    assert not first.performKsmps() and not second.performKsmps()
print(first.controlChannel("x")[0], second.controlChannel("x")[0], flush=True)
input()
first.destroy()
assert not second.performKsmps()
print("over", flush=True)
"""


def test_the_first_object_hears_who_took_its_engine(daemon: Daemon) -> None:
    with Csound(url=daemon.url) as first:
        first.setHostData({"of": "the first"})
        with Csound(url=daemon.url) as second:
            with pytest.raises(StaleHandle, match=r"taken over by .*process \d+"):
                assert first.performKsmps()
            assert second.hostData() is None
            assert second.compileOrc("instr 1\nendin\n") == 0
            # Its end leaves the second's alone.
            first.destroy()
            second.start()
            assert second.performKsmps() is False


def test_attaching_takes_nothing_over(daemon: Daemon) -> None:
    with Csound(url=daemon.url) as first:
        first.setControlChannel("kept", 2.0)
        with Csound(url=daemon.url, attach=True) as second:
            assert second.controlChannel("kept")[0] == 2.0
        assert first.controlChannel("kept")[0] == 2.0


@pytest.mark.parametrize("wish", ["fork", ""])
def test_a_wish_that_is_none_is_refused(wish: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSOUNDD_DAEMON", "fork")
    with pytest.raises(ValueError, match="shared"):
        Csound(daemon=wish or None)  # type: ignore[arg-type]


@pytest.mark.parametrize("killed", [False, True], ids=["ended", "killed"])
def test_daemons_of_its_own_end_with_the_script(killed: bool, tmp_path: Path) -> None:
    script = subprocess.Popen(
        [sys.executable, "-c", SPAWNING],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert script.stdin is not None
    assert script.stdout is not None
    with script.stdin, script.stdout:
        assert script.stdout.readline() == "1.0 2.0\n"
        family = descendants(script.pid)
        assert len(family) >= 4, "two daemons, each with a host"
        if killed:
            os.kill(script.pid, signal.SIGKILL)
        else:
            script.stdin.write("\n")
            script.stdin.flush()
            assert script.stdout.readline() == "over\n"
        script.wait(60)
    deadline = monotonic() + 60
    while [child for child in family if child.lives]:
        assert monotonic() < deadline
    assert script.returncode == (-signal.SIGKILL if killed else 0)
    assert list(tmp_path.iterdir()) == []
