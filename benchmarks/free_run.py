"""How long a piece takes in drive ``free``, against the ``csound`` command over the same performance.

Eight voices through a filter each, ksmps 64. Starting and compiling are left out on both sides: each performs a long
and a short score and the difference counts, in wall time and in the CPU time of who performs. The sides take turns.
The goal is at most 1.05 times the command's time. Run as ``python -m benchmarks.free_run [ROUNDS [SECONDS]]``.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final, NamedTuple

from benchmarks.daemon import Daemon, daemon
from benchmarks.pieces import scored
from benchmarks.raw import RawClient

ROUNDS: Final = 7
SECONDS: Final = 60.0
SHORT: Final = 1.0
GOAL: Final = 1.05


class Spent(NamedTuple):
    """Seconds on the clock and of CPU."""

    wall: float
    cpu: float


class Command:
    """Performs with the ``csound`` command."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def perform(self, seconds: float) -> Spent:
        """One run of the command, from its start to its end."""
        piece = self._folder / "piece.csd"
        piece.write_text(scored(seconds))
        start, before = perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["csound", "-n", "-d", "-m0", str(piece)], check=True, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return Spent(perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


class Ours:
    """Performs with ``csound.perform`` over the wire."""

    def __init__(self, served: Daemon) -> None:
        self._served, self._client = served, RawClient(served.port)

    def perform(self, seconds: float) -> Spent:
        """One performance, from the call to its answer."""
        self._client.call("csound.reset")
        self._client.call("csound.compileCsdText", scored(seconds))
        self._client.call("csound.start")
        start, before = perf_counter(), sum(self._served.cpu_seconds())
        self._client.call("csound.perform")
        return Spent(perf_counter() - start, sum(self._served.cpu_seconds()) - before)


def difference(perform: Callable[[float], Spent], seconds: float) -> Spent:
    """What ``seconds`` of music cost without what surrounds them."""
    long, short = perform(seconds + SHORT), perform(SHORT)
    return Spent(long.wall - short.wall, long.cpu - short.cpu)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    if shutil.which("csound") is None:
        sys.exit("there is no csound command to compare with")
    with TemporaryDirectory() as folder, daemon("--drive", "free") as served:
        command, ours = Command(Path(folder)), Ours(served)
        pairs = [(difference(command.perform, seconds), difference(ours.perform, seconds)) for _ in range(rounds)]
    for name, part in (("wall", 0), ("CPU", 1)):
        ratios = [own[part] / theirs[part] for theirs, own in pairs]
        print(
            f"{name:5} csound {median(pair[0][part] for pair in pairs):6.3f} s, "
            f"csoundd {median(pair[1][part] for pair in pairs):6.3f} s, "
            f"ratio {median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f}), goal {GOAL:g}"
        )


if __name__ == "__main__":
    main()
