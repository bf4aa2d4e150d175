"""What ``csoundd render`` takes beside the ``csound`` command: ``python -m benchmarks.render [--rounds N] [ROW...]``.

Four rows, all by default: one ``long`` piece of 24 s of CPU; 200 ``short`` ones of 50 ms each for the command and 24
``longer`` ones of 0.75 s, two at a time, against a loop of the shell; and one that is ``cached``, over a socket to a
daemon, beside a ``session.ping`` on it. All sound alike: eight voices. Both sides write WAV files, and ours measures
them beside that. The sides take turns, and the medians count, of the time on the clock and of the CPU time of all that
ran: five minutes on a quiet machine. What Python compiles is kept, as where csoundd is installed.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final, NamedTuple, cast

from benchmarks.daemon import daemon
from benchmarks.pieces import scored
from benchmarks.raw import RawClient

ROUNDS: Final = 3
LONG_SECONDS: Final = 240.0
LONG_GOAL: Final = 1.03
CACHED_CALLS: Final = 100
CACHED_SECONDS: Final = 5.0
CACHED_GOAL_MS: Final = 20.0
ENGINE: Final = "native:6"
"""The library of the command itself."""

TOGETHER: Final = "2"
"""How many pieces of ours are rendered at a time."""


class Many(NamedTuple):
    """How many pieces there are, for how many seconds each sounds, and how long ours may take against the loop."""

    pieces: int
    seconds: float
    goal: float


MANY: Final = {"short": Many(200, 0.3, 0.7), "longer": Many(24, 7.0, 0.55)}
ROWS: Final = ("long", *MANY, "cached")


class Spent(NamedTuple):
    """Seconds on the clock and of CPU."""

    wall: float
    cpu: float


def spent(command: list[str], folder: Path) -> Spent:
    """What a command takes, with all that it starts."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start, before = perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, env=kept, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def ours(*words: str) -> list[str]:
    """A command of ours."""
    return [sys.executable, "-m", "csoundd", "render", "--no-cache", "--engine", ENGINE, *words]


def in_turns(name: str, goal: float, rounds: int, theirs: Callable[[], Spent], mine: Callable[[], Spent]) -> None:
    """Have both sides take turns, and print the medians and the ratios."""
    pairs = [(theirs(), mine()) for _ in range(rounds)]
    command, csoundd = (
        Spent(median(each[side].wall for each in pairs), median(each[side].cpu for each in pairs)) for side in (0, 1)
    )
    print(
        f"{name}: command {command.wall:.2f} s ({command.cpu:.2f} s CPU), csoundd {csoundd.wall:.2f} s"
        f" ({csoundd.cpu:.2f} s CPU): {csoundd.wall / command.wall:.3f} wall, {csoundd.cpu / command.cpu:.3f} CPU"
        f" (goal {goal})",
        flush=True,
    )


def long(folder: Path, rounds: int) -> None:
    """One long piece."""
    (folder / "long.csd").write_text(scored(LONG_SECONDS))
    in_turns(
        "a long piece",
        LONG_GOAL,
        rounds,
        lambda: spent(["csound", "-d", "-m0", "-o", "theirs.wav", "long.csd"], folder),
        lambda: spent(ours("long.csd", "-o", "ours.wav"), folder),
    )


def many(row: str, folder: Path, rounds: int) -> None:
    """Many pieces, two at a time, against one after the other."""
    pieces, seconds, goal = MANY[row]
    names = [f"{row}{number:03}.csd" for number in range(pieces)]
    for name in names:
        (folder / name).write_text(scored(seconds))
    loop = f'for piece in {row}*.csd; do csound -d -m0 -o "loop/$piece.wav" "$piece" || exit 1; done'
    (folder / "loop").mkdir(exist_ok=True)
    in_turns(
        f"{pieces} {row} pieces",
        goal,
        rounds,
        lambda: spent(["sh", "-c", loop], folder),
        lambda: spent(ours(*names, "-o", "pool", "-j", TOGETHER), folder),
    )


def cached(folder: Path) -> None:
    """A piece that was rendered before, by a daemon."""
    with daemon("--engine", ENGINE, "--renders", str(folder / "renders")) as served:
        client = RawClient(served.port)

        def timed(method: str, **params: object) -> tuple[float, dict[str, Any]]:
            start = perf_counter()
            answer = client.call(method, **params)
            return (perf_counter() - start) * 1000, cast("dict[str, Any]", answer)

        asked = {"csd": scored(CACHED_SECONDS), "wait": 30.0}
        first, _ = timed("render.submit", **asked)
        pings = sorted(timed("session.ping", t=0.0)[0] for _ in range(CACHED_CALLS))
        again = [timed("render.submit", **asked) for _ in range(CACHED_CALLS)]
        client.close()
    if not all(job["cached"] and job["state"] == "done" for _, job in again):
        raise RuntimeError("a render was not found in the cache")
    times = sorted(each for each, _ in again)
    print(
        f"a cached piece by a daemon: {median(times):.1f} ms, {times[CACHED_CALLS * 9 // 10]:.1f} for one in ten,"
        f" {times[-1]:.1f} at most (rendered {first:.0f} ms; a ping {median(pings):.1f}):"
        f" {median(times) / CACHED_GOAL_MS:.2f} of {CACHED_GOAL_MS:g} ms"
    )


def main() -> None:
    """Measure, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("rows", nargs="*", metavar="ROW", choices=[*ROWS, []], help=", ".join(ROWS))
    told = parser.parse_args()
    with TemporaryDirectory() as made:
        folder = Path(made)
        load = os.getloadavg()[0]
        (folder / "first.csd").write_text(scored(MANY["short"].seconds))
        # What is compiled, and found out about the libraries, once for each installation.
        spent(ours("first.csd", "-o", "first.wav"), folder)
        for row in told.rows or ROWS:
            if row == "long":
                long(folder, told.rounds)
            elif row == "cached":
                cached(folder)
            else:
                many(row, folder, told.rounds)
        print(f"load of the machine: {load:.1f}")


if __name__ == "__main__":
    main()
