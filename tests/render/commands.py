"""``csoundd render`` as a program, and what it told in lines of JSON."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soundfile

from tests.live.daemon import command, environment

LONG: Final = 120.0
"""Seconds that a command may take on a busy machine."""

HEADER: Final = "sr = 48000\nksmps = 64\nnchnls = 2\n0dbfs = 1\n"

SINE: Final = HEADER + "instr 1\n  asound = poscil(p4, 440)\n  out(asound, asound)\nendin\n"
"""An instrument whose p4 is its level."""


@dataclass(frozen=True)
class Ended:
    """A command that has come to its end: its status, the last event of each piece, and what it wrote."""

    status: int
    last: dict[str, dict[str, Any]]
    stdout: bytes
    stderr: str


def render(
    *words: str | Path,
    folder: Path,
    given: bytes = b"",
    limited: str = "",
    extra: Mapping[str, str] | None = None,
) -> Ended:
    """Run ``csoundd render`` in ``folder`` with ``given`` on its standard input, ``limited`` by the shell's ulimit.

    ``extra`` are variables of its environment.
    """
    line = command("render", *words)
    if limited:
        line = ["sh", "-c", f'ulimit {limited}; exec "$@"', "sh", *line]
    done = subprocess.run(
        line, cwd=folder, env=environment(extra), input=given, capture_output=True, timeout=LONG, check=False
    )
    last = {}
    if "--json" in words:
        for each in map(json.loads, done.stdout.splitlines()):
            last[each.get("piece", "")] = each
    return Ended(done.returncode, last, done.stdout, done.stderr.decode())


def samples(path: Path) -> npt.NDArray[Any]:
    """The samples of a sound file as they are: whole numbers, or floats."""
    kind = "float32" if soundfile.info(path).subtype in {"FLOAT", "VORBIS", "OPUS"} else "int32"
    found: npt.NDArray[Any] = soundfile.read(path, dtype=kind, always_2d=True)[0]
    return found


def same(left: Path, right: Path) -> bool:
    """Whether two sound files have the same form, the same samples, and sound at all."""
    first, second = soundfile.info(left), soundfile.info(right)
    form = [(each.samplerate, each.channels, each.format, each.subtype) for each in (first, second)]
    return form[0] == form[1] and bool(samples(left).any()) and np.array_equal(samples(left), samples(right))
