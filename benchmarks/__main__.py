"""All benchmarks of the daemon, one after another: ``python -m benchmarks``. Half a minute to a few minutes each."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

ALL: Final = ("round_trip", "load", "free_run", "rest", "dispatch", "echo", "osc_flood", "osc_scsynth")


def main() -> None:
    """Run each in a process of its own, so that none inherits what another left in memory."""
    failed = []
    for name in sys.argv[1:] or ALL:
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
