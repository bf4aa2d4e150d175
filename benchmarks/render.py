"""How long ``csoundd render`` takes, against the ``csound`` command: ``python -m benchmarks.render [ROUNDS]``.

One long piece of eight voices, and 200 short pieces against a loop of the shell, two at a time. Both sides write WAV
files; ours measures them beside that. The sides take turns, and the medians count: of the time on the clock, and of the
CPU time of all that ran. The goals are 1.03 times the command for the long piece and 0.7 times the loop for the short.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final, NamedTuple

from benchmarks.pieces import scored

ROUNDS: Final = 3
LONG_SECONDS: Final = 240.0
PIECES: Final = 200
SHORT_SECONDS: Final = 0.6
LONG_GOAL: Final = 1.03
SHORT_GOAL: Final = 0.7
ENGINE: Final = "native:6"
"""The library of the command itself."""


class Spent(NamedTuple):
    """Seconds on the clock and of CPU."""

    wall: float
    cpu: float


def spent(command: list[str], folder: Path) -> Spent:
    """What a command takes, with all that it starts."""
    start, before = perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def ours(*words: str) -> list[str]:
    """A command of ours."""
    return [sys.executable, "-m", "csoundd", "render", "--no-cache", "--engine", ENGINE, *words]


def turns(rounds: int, theirs: Callable[[], Spent], mine: Callable[[], Spent]) -> tuple[Spent, Spent]:
    """The medians of both sides, which take turns."""
    pairs = [(theirs(), mine()) for _ in range(rounds)]
    return tuple(  # type: ignore[return-value]
        Spent(median(each[side].wall for each in pairs), median(each[side].cpu for each in pairs)) for side in (0, 1)
    )


def told(name: str, theirs: Spent, mine: Spent, goal: float) -> None:
    """Print a comparison."""
    print(
        f"{name}: command {theirs.wall:.2f} s ({theirs.cpu:.2f} s CPU), csoundd {mine.wall:.2f} s"
        f" ({mine.cpu:.2f} s CPU): {mine.wall / theirs.wall:.3f} wall, {mine.cpu / theirs.cpu:.3f} CPU (goal {goal})"
    )


def main() -> None:
    """Measure, and print the ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "long.csd").write_text(scored(LONG_SECONDS))
        names = [f"p{number:03}.csd" for number in range(PIECES)]
        for name in names:
            (folder / name).write_text(scored(SHORT_SECONDS))
        (folder / "loop").mkdir()
        load = os.getloadavg()[0]
        theirs, mine = turns(
            rounds,
            lambda: spent(["csound", "-d", "-m0", "-o", "theirs.wav", "long.csd"], folder),
            lambda: spent(ours("long.csd", "-o", "ours.wav"), folder),
        )
        told("a long piece", theirs, mine, LONG_GOAL)
        loop = 'for piece in p*.csd; do csound -d -m0 -o "loop/$piece.wav" "$piece" || exit 1; done'
        theirs, mine = turns(
            rounds,
            lambda: spent(["sh", "-c", loop], folder),
            lambda: spent(ours(*names, "-o", "pool", "-j", "2"), folder),
        )
        told(f"{PIECES} short pieces", theirs, mine, SHORT_GOAL)
        print(f"load of the machine: {load:.1f}")


if __name__ == "__main__":
    main()
