"""Everything in the README does what it says, against a daemon that plays the demo."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live.daemon import FREE_PORTS, PATIENCE, environment
from tests.waves import samples_of

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text()
PROGRAMS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
LINES = [line for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL) for line in block.splitlines()]
(BELL,) = re.findall(r"```csound\n(.*?)```", README, flags=re.DOTALL)
READY = re.compile(r"csoundd ready http=(\S+) osc=udp:\S+:(\d+),")

pytestmark = [pytest.mark.native, pytest.mark.live]


@dataclass(frozen=True)
class Demo:
    """A daemon that plays the demo, and a folder with the files that the README names."""

    address: str
    osc_port: str
    folder: Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """What somebody has who has typed ``make run``."""
    piece, folder = REPOSITORY / "examples" / "lantern.csd", tmp_path_factory.mktemp("readme")
    (folder / "bell.orc").write_text(BELL)
    (folder / "piece.csd").write_text(piece.read_text())
    (folder / "canon.csd").write_text(piece.with_name("canon.csd").read_text())
    command = [sys.executable, "-m", "csoundd", "serve", str(piece), *FREE_PORTS]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
    ) as daemon:
        assert daemon.stdout is not None
        ready = READY.match(daemon.stdout.readline())
        try:
            assert ready is not None, "the daemon ended before it was ready"
            yield Demo(ready[1], ready[2], folder)
        finally:
            daemon.send_signal(signal.SIGTERM)
    assert daemon.returncode == 0


def run(program: str, demo: Demo) -> str:
    """What a program of the README prints, with the demo's address in the place of the default one."""
    command = [sys.executable, "-c", program.replace("127.0.0.1:7700", demo.address)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def typed(line: str, demo: Demo, *, patience: float = 3 * PATIENCE) -> str:
    """What a command of the README prints, typed in the folder where its files are."""
    program, *words = shlex.split(line)
    assert program == "csoundd"
    command = [sys.executable, "-m", "csoundd", *words]
    if words[0] == "osc":
        command += ["--port", demo.osc_port]
    ran = subprocess.run(
        command,
        cwd=demo.folder,
        env=environment({"CSOUNDD_URL": demo.address, "TERM": "dumb"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )
    assert ran.returncode == 0, f"{line}: {ran.stdout}{ran.stderr}"
    return ran.stdout


def test_there_is_one_without_anything_of_ours_and_one_with_the_client() -> None:
    raw, client = PROGRAMS
    assert "csoundd" not in raw
    assert "csoundd_client" in client


def test_the_raw_one_sees_the_meters_move(demo: Demo) -> None:
    lines = run(PROGRAMS[0], demo).splitlines()
    assert len(lines) == 21
    assert all("'peak'" in line and "'rms'" in line for line in lines[1:])


def test_the_client_hears_what_it_compiled(demo: Demo) -> None:
    peaks = [float(line.split()[1]) for line in run(PROGRAMS[1], demo).splitlines()]
    assert len(peaks) == 10
    assert max(peaks) > 0.1


@pytest.mark.timeout(400)
def test_every_command_does_what_it_says(demo: Demo) -> None:
    """In their order, as a reader types them: some need what those before them did."""
    # A phone is paired with a daemon that it reaches, which this one is not: tests/cli/test_pair.py does that.
    apart = ("csoundd serve", "csoundd pair")
    ending = [line for line in LINES if "--watch" not in line and not line.startswith(apart)]
    printed = {line: typed(line, demo) for line in ending}
    sr, frames = samples_of(demo.folder / "heard.wav")
    assert len(frames) == 2 * sr
    assert "cutoff" in printed["csoundd get"]
    assert "/chan/cutoff" in printed["csoundd osc send /chan/cutoff"]
    assert "4000" in printed["csoundd osc send /chan/cutoff"]
    assert printed["csoundd watch meters rate=10 --count 3"].count("peak") == 3
    for name in ("panel.tosc", "panel.json", "panel.html"):
        assert (demo.folder / name).stat().st_size > 0
    assert printed["csoundd compare canon.wav again.wav"].startswith("equal")
    assert {each.name for each in (demo.folder / "swept").iterdir()} == {
        f"piece-cutoff={cutoff}.wav" for cutoff in (500, 2000)
    }
    assert "playing" in printed["csoundd call engine.info"]


@pytest.mark.parametrize("line", dict.fromkeys(line for line in LINES if line.startswith("csoundd serve")))
def test_every_daemon_begins(demo: Demo, tmp_path: Path, line: str) -> None:
    words = shlex.split(line.replace("0.0.0.0", "127.0.0.1").replace("~", str(tmp_path)))[1:]
    command = [sys.executable, "-m", "csoundd", *words, *FREE_PORTS]
    with subprocess.Popen(command, cwd=demo.folder, stdout=subprocess.PIPE, text=True, env=environment()) as daemon:
        assert daemon.stdout is not None
        ready = READY.match(daemon.stdout.readline())
        daemon.send_signal(signal.SIGTERM)
    assert (ready is not None, daemon.returncode) == (True, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="no signals between processes")
def test_what_is_watched_plays_again(demo: Demo) -> None:
    (line,) = [line for line in LINES if "--watch" in line]
    command = [sys.executable, "-m", "csoundd", *shlex.split(line)[1:]]
    environ = environment({"CSOUNDD_URL": demo.address})
    with subprocess.Popen(command, cwd=demo.folder, env=environ, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stderr is not None
        assert "plays" in watching.stderr.readline()
        assert "watching" in watching.stderr.readline()
        os.utime(demo.folder / "piece.csd")
        assert "plays" in watching.stderr.readline()
        watching.send_signal(signal.SIGINT)


def test_every_flag_that_it_names_is_one() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "csoundd", "serve", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    ).stdout
    for words in re.findall(r"`csoundd\s+serve ([^`]+)`", README):
        for flag in re.findall(r"--[a-z-]+", words):
            assert flag in shown, flag
