"""What a daemon costs at rest: memory of front and host together, and CPU while silence plays and nobody listens.

Memory is the proportional set size; nothing else of ours runs meanwhile, so little is shared. CPU is that of drive
``clock`` at ksmps 64 with an orchestra without instruments. The goals are 120 MiB and 5 % of a core. Run as
``python -m benchmarks.rest [SECONDS]``.
"""

from __future__ import annotations

import sys
from time import perf_counter, sleep
from typing import Final

from benchmarks.daemon import Daemon, daemon
from benchmarks.pieces import SILENCE
from benchmarks.raw import RawClient

SECONDS: Final = 10.0
SETTLED: Final = 1.0
GOAL_MIB: Final = 120.0
GOAL_CPU: Final = 5.0


def busy(served: Daemon, seconds: float) -> list[float]:
    """The share of a core that each process uses, in percent."""
    before, start = served.cpu_seconds(), perf_counter()
    sleep(seconds)
    after, passed = served.cpu_seconds(), perf_counter() - start
    return [(end - begin) / passed * 100 for begin, end in zip(before, after, strict=True)]


def told(what: str, values: list[float], unit: str, goal: float) -> None:
    front, host = values
    print(f"{what:24} front {front:6.2f} {unit}, host {host:6.2f} {unit}, together {sum(values):6.2f}, goal {goal:g}")


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    for arguments in ([], ["--no-realtime"]):
        with daemon(*arguments) as served:
            print(f"scheduling {served.scheduling}")
            sleep(SETTLED)
            told("memory, just started", served.proportional_mib(), "MiB", GOAL_MIB)
            told("CPU, nothing played", busy(served, seconds / 2), "%", GOAL_CPU)
            client = RawClient(served.port)
            client.call("csound.compileOrc", SILENCE)
            client.call("thread.play")
            client.close()
            sleep(SETTLED)
            told("CPU, silence played", busy(served, seconds), "%", GOAL_CPU)
            told("memory, silence played", served.proportional_mib(), "MiB", GOAL_MIB)


if __name__ == "__main__":
    main()
