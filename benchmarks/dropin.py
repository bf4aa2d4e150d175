"""What the drop-in costs beside libcsound in the script's own process, on the same library in this run.

Cycles of 64 frames with a channel set and a spout read each, against the time that they last; events, against its own.

    python -m benchmarks.dropin [--engine native:7] [--cycles 10000]
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from types import ModuleType

from tests.dropin.local import prepare
from tests.live.daemon import ROOT, environment, serving

SR, KSMPS, EVENTS = 48_000, 64, 1000
ORCHESTRA = f"""
sr = {SR}
ksmps = {KSMPS}
nchnls = 2
0dbfs = 1
chn_k "detune", 1
instr 1
  asig oscili 0.1, 440 + k(chnget:k("detune"))
  out asig, asig
endin
schedule 1, 0, 10000
"""


def measured(module: ModuleType, cycles: int) -> dict[str, float]:
    """Seconds for the cycles, and for the events with one call after them that waits."""
    cs = module.Csound()
    for option in ("-n", "-d", "-m0"):
        cs.setOption(option)
    assert cs.compileOrc(ORCHESTRA) == 0
    cs.start()
    spout, heard = cs.spout(), 0.0
    begun = perf_counter()
    for cycle in range(cycles):
        cs.setControlChannel("detune", float(cycle % 100))
        assert not cs.performKsmps()
        heard += abs(float(spout[3]))
    stepped = perf_counter() - begun
    assert heard > 0
    begun = perf_counter()
    for _ in range(EVENTS):
        cs.scoreEvent("i", [1, 100_000, 1])
    cs.scoreTime()
    return {"cycles": stepped, "events": perf_counter() - begun}


def side(name: str, engine: str, cycles: int, **extra: str) -> dict[str, float]:
    """The same in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.dropin", "--engine", engine, "--cycles", str(cycles), "--side", name]
    said = subprocess.run(words, cwd=ROOT, env=environment(extra), stdout=subprocess.PIPE, check=True).stdout
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def main() -> None:
    """Measure both sides and print the ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", default="native:7")
    parser.add_argument("--cycles", type=int, default=10_000)
    parser.add_argument("--side", choices=["local", "remote"])
    given = parser.parse_args()
    if given.side is not None:
        if given.side == "local":
            prepare(given.engine)
        module = importlib.import_module("libcsound" if given.side == "local" else "csoundd_client")
        print(json.dumps(measured(module, given.cycles)))
        return
    local = side("local", given.engine, given.cycles)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), "--engine", given.engine) as daemon:
        remote = side("remote", given.engine, given.cycles, CSOUNDD_URL=daemon.url)
    lasts = given.cycles * KSMPS / SR
    print(f"{given.cycles} cycles with a channel and spout: {lasts / remote['cycles']:.2f} times real time (goal 3)")
    print(
        f"  {remote['cycles'] / given.cycles * 1e6:.0f} us each; libcsound {local['cycles'] / given.cycles * 1e6:.1f}"
    )
    print(f"{EVENTS} events: {remote['events'] / local['events']:.1f} times libcsound's time (goal 5)")


if __name__ == "__main__":
    main()
