"""What survives: ``python -m tests.survival daemon`` kills daemons, ``engine`` kills engines, both under load.

Ends with status 1 where anything is gone that was acknowledged.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.survival.daemon_deaths import survived


def main() -> None:
    """Do it, and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["daemon"])
    parser.add_argument("--engine", action="append")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    failed = False
    for engine in told.engine or ["native:7"]:
        with tempfile.TemporaryDirectory() as folder:
            result = survived(Path(folder), engine, kills=told.times, clients=told.clients, seed=told.seed)
        print(f"{engine}: {result}", *result.missing, sep="\n  ", flush=True)
        failed |= bool(result.missing)
    sys.exit(failed)


main()
