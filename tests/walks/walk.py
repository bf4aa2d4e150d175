"""A walk: what one person does with csoundd, step by step, with the programs that such a person has."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from tests.live.daemon import ROOT, environment

PATIENCE: Final = 60.0
"""Seconds that a program may take to say something."""

BUILDING: Final = 900.0
"""Seconds that installing or building something may take."""

CSOUNDD: Final = Path(sys.executable).with_name("csoundd")


class Skipped(Exception):
    """A step that this machine has not the program for."""


class Walk:
    """One person's steps, in ``folder``. Each is printed with its time."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.skipped = 0

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Do one step; where a program is missing, say so and go on."""
        begun = monotonic()
        try:
            yield
        except Skipped as reason:
            self.skipped += 1
            print(f"  left out  {what}: {reason}", flush=True)
        else:
            print(f"  {monotonic() - begun:6.2f} s  {what}", flush=True)

    def run(self, *words: str | Path, status: int = 0, extra: Mapping[str, str] | None = None, text: str = "") -> str:
        """What a command prints, on either output; it has to end with ``status``."""
        ran = subprocess.run(
            list(map(str, words)),
            cwd=self.folder,
            env=environment(extra),
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=BUILDING,
            check=False,
        )
        assert ran.returncode == status, f"{' '.join(map(str, words))}: {ran.returncode}, not {status}\n{ran.stdout}"
        return ran.stdout

    def csoundd(self, *words: str | Path, url: str, status: int = 0) -> str:
        """What a csoundd command prints."""
        return self.run(CSOUNDD, *words, status=status, extra={"CSOUNDD_URL": url, "TERM": "dumb"})


class Started:
    """A program that goes on while the walk does; what it prints is kept in a file."""

    def __init__(self, walk: Walk, *words: str | Path, extra: Mapping[str, str] | None = None) -> None:
        self._file = walk.folder / f"{Path(words[0]).name}-{monotonic()}.txt"
        with self._file.open("wb") as out:
            self.process = subprocess.Popen(
                list(map(str, words)),
                cwd=walk.folder,
                env=environment(extra),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def printed(self) -> str:
        """All that it has printed so far."""
        return self._file.read_text(errors="replace")

    def until(self, pattern: str, patience: float = PATIENCE) -> re.Match[str]:
        """Wait until it has printed ``pattern``."""
        deadline = monotonic() + patience
        while (found := re.search(pattern, self.printed)) is None:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{self.printed}"
            assert monotonic() < deadline, f"no {pattern!r} in:\n{self.printed}"
            sleep(0.05)
        return found

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it and its children a signal; its exit status."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise


@contextmanager
def started(walk: Walk, *words: str | Path, extra: Mapping[str, str] | None = None) -> Iterator[Started]:
    """A program until the end of the block."""
    program = Started(walk, *words, extra=extra)
    try:
        yield program
    finally:
        program.end()


@contextmanager
def serving(walk: Walk, *words: str | Path) -> Iterator[tuple[Started, str, int, str]]:
    """A daemon on free ports: itself, its address, its port for OSC, and the address of its OSCQuery."""
    with started(walk, CSOUNDD, "serve", "--port", "0", "--no-mdns", "--no-state", *words) as daemon:
        ready = daemon.until(r"csoundd ready http=(\S+) osc=udp:[^:]+:(\d+),\S+ oscquery=(\S+)")
        yield daemon, ready[1], int(ready[2]), ready[3]


def needed(*programs: str, package: str) -> str:
    """The path of the first of ``programs`` that there is; without any the step is left out."""
    for program in programs:
        if (path := shutil.which(program)) is not None:
            return path
    raise Skipped(f"it needs {' or '.join(programs)} (on Debian: {package})")


def piece(value: float, score: str = "i1 0 3600") -> str:
    """A tone with a knob, which begins at ``value``."""
    return f"""<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
#ifdef M_MAX_VALUE
#define KNOB #chnk#
#else
#define KNOB #chn_k#
#end
$KNOB "pitch", 3, 3, {value}, 100, 4000
chnset {value}, "pitch"
instr 1
  kpitch chnget "pitch"
  asound = oscili(0.3, kpitch)
  outs asound, asound
endin
</CsInstruments>
<CsScore>
{score}
</CsScore>
</CsoundSynthesizer>
"""


__all__ = [
    "BUILDING",
    "CSOUNDD",
    "PATIENCE",
    "ROOT",
    "Skipped",
    "Started",
    "Walk",
    "needed",
    "piece",
    "serving",
    "started",
]
