"""What survives: ``python -m tests.survival daemon`` kills daemons, ``engine`` kills engines, both under load.

Ends with status 1 where anything is gone that was acknowledged.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import tests.live.daemon
from tests.survival.daemon_deaths import survived
from tests.survival.engine_deaths import outlived


def main() -> None:
    """Do it, and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["daemon", "engine"])
    parser.add_argument("--engine", action="append")
    parser.add_argument("--times", type=int)
    parser.add_argument("--clients", type=int)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    # Other work may keep the machine busy, and nobody waits for this to be quick.
    tests.live.daemon.PATIENCE = 120.0
    worst = 0
    for engine in told.engine or ["native:7"]:
        with tempfile.TemporaryDirectory() as folder:
            if told.what == "daemon":
                survivors = survived(
                    Path(folder), engine, kills=told.times or 100, clients=told.clients or 6, seed=told.seed
                )
                result, wrong = str(survivors), survivors.missing
            else:
                outliving = outlived(
                    Path(folder), engine, deaths=told.times or 200, clients=told.clients or 20, seed=told.seed
                )
                result, wrong = str(outliving), outliving.wrong
        verdict = f"FAILED: {len(wrong)} wrong" if wrong else "passed: nothing is gone that was acknowledged"
        print(f"{engine}: {result}", *wrong, sep="\n  ", flush=True)
        print(f"{engine}: {verdict}", flush=True)
        worst = max(worst, len(wrong))
    sys.exit(worst > 0)


main()
