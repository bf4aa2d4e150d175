"""The memory of a daemon that renders many jobs: what it has after many is what it had after some.

``python -m tests.render.growth [--rendered 1000] [--found 10000]``. So many jobs are rendered, every tenth with a stem,
and then so many more are found in the cache. At each mark the memory of the daemon is told, and that of it with every
process that it has begun.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.live.daemon import Daemon
from tests.live.pieces import csd
from tests.live.processes import descendants
from tests.render.commands import LONG, SINE
from tests.render.jobs import Jobs, jobs_of

FIRST = 100
"""Jobs after which a daemon has what it needs at once: code that is loaded, connections, pages of its store."""

MOST_GROWTH = 0.05
AT_A_TIME = 20


def resident_bytes(pid: int) -> int:
    """The memory that a process takes, 0 for one that is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS:")), 0)


def marks(most: int) -> Iterator[int]:
    """The numbers of jobs after which it is looked: 100, and each about twice that before."""
    mark = FIRST
    while mark < most:
        yield mark
        mark = min(2 * mark, most)
    yield most


def piece(number: int) -> str:
    """A short piece that is another one for each number."""
    return csd(SINE, f"i1 0 0.05 {0.1 + number * 1e-6:.6f}")


def submitted(client: Jobs, numbers: range) -> None:
    """Have jobs done, so many at a time. Raises AssertionError for one that is not."""
    for start in range(numbers.start, numbers.stop, AT_A_TIME):
        jobs = [
            client.submit(piece(number), f"p{number}.csd", stems=["1"] if number % 10 == 0 else [])["job"]
            for number in range(start, min(start + AT_A_TIME, numbers.stop))
        ]
        for job in jobs:
            ended = client.call("render.status", job=job, wait=LONG)
            assert ended["state"] == "done", ended["error"]


def grown(daemon: Daemon, rendered: int, found: int) -> list[tuple[str, int, int]]:
    """What there was at each mark: its name, the bytes of the daemon, and of all its processes."""
    told = []
    with jobs_of(daemon) as client:

        def tell(name: str) -> None:
            front = resident_bytes(daemon.pid)
            whole = front + sum(resident_bytes(each.pid) for each in descendants(daemon.pid))
            print(f"{name:>16}: {front / 1e6:7.2f} MB, with its processes {whole / 1e6:7.2f} MB", flush=True)
            told.append((name, front, whole))

        done = 0
        for mark in marks(rendered):
            submitted(client, range(done, mark))
            done = mark
            tell(f"{mark} rendered")
        again = 0
        while again < found:
            # What is asked for again is what was rendered last: no other has to be looked for.
            submitted(client, range(done - min(FIRST, done), done))
            again += min(FIRST, done)
            if again % max(FIRST, found // 5) < FIRST:
                tell(f"{again} found")
    return told


def main() -> int:
    """Run it, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rendered", type=int, default=1000)
    parser.add_argument("--found", type=int, default=10_000)
    parser.add_argument("--engine", default="native")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="csoundd-growth-") as made:
        folder = Path(made)
        (folder / "workspace").mkdir()
        where = ("--renders", folder / "renders", "--engine", asked.engine)
        daemon = Daemon(folder / "workspace", *where)
        try:
            daemon.wait_until_ready(LONG)
            told = grown(daemon, asked.rendered, asked.found)
            daemon.terminate()
        finally:
            daemon.close()
    (_, first, all_first), *later = told
    worst = max((front / first - 1 for _, front, _ in later), default=0.0)
    worst_of_all = max((whole / all_first - 1 for _, _, whole in later), default=0.0)
    print(f"at most {worst:+.1%} after {told[0][0]}, with its processes {worst_of_all:+.1%}; {MOST_GROWTH:.0%} may be")
    return worst > MOST_GROWTH


if __name__ == "__main__":
    sys.exit(main())
