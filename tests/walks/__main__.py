"""``make walks``: the walks of five people, with real programs; each step is printed with its time.

``python -m tests.walks [NAME…]`` takes some of them. The exit status is 1 where one did not come to its end.
"""

from __future__ import annotations

import signal
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from tests.walks.composer import composer
from tests.walks.musician import musician
from tests.walks.python_programmer import python_programmer
from tests.walks.service_operator import service_operator
from tests.walks.walk import Walk
from tests.walks.web_developer import web_developer

WALKS = {
    "composer": composer,
    "musician": musician,
    "web": web_developer,
    "python": python_programmer,
    "operator": service_operator,
}


def main(names: list[str]) -> int:
    """Walk, and say what came of it."""
    # What was started ends with this program, also where that is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    failed = []
    for name in names or list(WALKS):
        print(name, flush=True)
        begun = monotonic()
        with TemporaryDirectory(prefix=f"csoundd-{name}-", ignore_cleanup_errors=True) as folder:
            walk = Walk(name, Path(folder).resolve())
            try:
                WALKS[name](walk)
            except Exception:  # noqa: BLE001 - whatever it is, the next one walks
                traceback.print_exc()
                failed.append(name)
        left_out = f", {walk.skipped} steps left out" if walk.skipped else ""
        print(f"  {'failed' if name in failed else 'done'} after {monotonic() - begun:.0f} s{left_out}", flush=True)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
