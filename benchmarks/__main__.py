"""All benchmarks of the daemon, one after another: ``python -m benchmarks [--engine NAME]... [NAME...]``.

Half a minute to a few minutes each. With more than one engine each benchmark is run on one after another, so that they
stand beside each other in one run; without any, on the one that ``--engine auto`` takes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from typing import Final

ALL: Final = ("round_trip", "load", "free_run", "rest", "dispatch", "echo", "osc_flood", "osc_scsynth")


def main() -> None:
    """Run each in a process of its own, so that none inherits what another left in memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", action="append", default=[], help="native:7, native:6 or wasm; may be repeated")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which benchmarks (default: all)")
    told = parser.parse_args()
    failed = []
    for name in told.names or ALL:
        for engine in told.engine or [None]:
            print(f"\n== {name}{f' on {engine}' if engine else ''}", flush=True)
            # The daemon of a benchmark takes its settings from the environment, as any daemon does.
            environment = os.environ | ({"CSOUNDD_ENGINE": engine} if engine else {})
            command = [sys.executable, "-m", f"benchmarks.{name}"]
            if subprocess.run(command, env=environment, check=False).returncode:
                failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
