"""``python -m tests.dropin.recording local|remote ENGINE FILE.npz``: the same calls on either side, their results."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.dropin.local import prepare

SECONDS = 2.0
ORCHESTRA = """
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1

giSine ftgen 1, 0, 4096, 10, 1, 0.5, 0.25
giRandom ftgen 2, 0, 1024, 21, 1
giCurve ftgen 3, 0, 1025, 5, 1, 1024, 0.001
chn_k "cutoff", 3, 2, 800, 20, 20000
chn_S "title", 3

instr Voice
  kcutoff chnget "cutoff"
  anoise rand 0.5
  asig oscili p4, p5, 1
  afiltered butterlp anoise, kcutoff
  areverb reverb asig, 1.5
  outs asig + afiltered * 0.1, areverb * 0.2
  chnset k(asig), "sounding"
endin
"""

Results = dict[str, Any]


def recorded(libcsound: Any) -> Results:
    """The results of every call, by what they are."""
    cs = libcsound.Csound()
    for option in ("-n", "-d", "-m0"):
        cs.setOption(option)
    results: Results = {"compiled": cs.compileOrc(ORCHESTRA), "started": cs.start()}
    results |= tables(cs)
    results |= performed(cs)
    results |= channels(cs, libcsound.ControlChannelHints)
    results["written"] = written(cs)
    return results


def tables(cs: Any) -> Results:
    """Every table, what it was made from, and its length."""
    numbers = (1, 2, 3)
    results: Results = {f"table {number}": np.array(cs.table(number)) for number in numbers}
    results |= {f"arguments {number}": np.array(cs.tableArgs(number)) for number in numbers}
    return results | {"lengths": [cs.tableLength(number) for number in (*numbers, 4)]}


def performed(cs: Any) -> Results:
    """Two seconds of sound with the score time, the sample count and a channel of each cycle."""
    spout = cs.spout()
    cs.scoreEvent("i", [1, 0, 1.5, 0.3, 220])
    cs.inputMessage("i 1 0.25 1 0.2 330.5")
    sound, times, samples, values = [], [], [], []
    for cycle in range(int(SECONDS * cs.kr())):
        cs.setControlChannel("cutoff", 200.0 + cycle)
        cs.performKsmps()
        sound.append(spout.copy())
        times.append(cs.scoreTime())
        samples.append(cs.currentTimeSamples())
        values.append(cs.controlChannel("sounding")[0])
    return {"sound": np.array(sound), "score time": times, "samples": samples, "sounding": values}


def channels(cs: Any, hints_class: Any) -> Results:
    """Channels that are there and that are not, and hints that the orchestra and the script have set."""
    cs.setStringChannel("title", "Nocturne, opus 9")
    hints = hints_class(behav=3, dflt=440.0, min=0.1, max=1e9, x=1, y=2, width=3, height=4)
    code = cs.setControlChannelHints("sounding", hints)
    pointer, problem = cs.channelPtr("cutoff", "control", "rw")
    there = {
        "sizes": [cs.channelDatasize(name) for name in ("cutoff", "sounding")],
        "count": len(cs.allocatedChannels()),
        "pointer": np.array(pointer),
        "hints code": code,
        "hints": [listed(cs, name) for name in ("cutoff", "sounding")],
    }
    # In libcsound reading an unknown channel makes one, here it does not: whatever counts them comes before.
    return there | {
        "control": [*cs.controlChannel("cutoff"), *cs.controlChannel("nowhere")],
        "text": [cs.stringChannel("title"), cs.stringChannel("nobody"), problem],
    }


def listed(cs: Any, name: str) -> list[float]:
    """The numbers among a channel's hints, behind the code."""
    hints, code = cs.controlChannelHints(name)
    fields = ("behav", "dflt", "min", "max", "x", "y", "width", "height")
    return [code, *(getattr(hints, field) for field in fields)]


def written(cs: Any) -> Any:
    """A table after the script has written to it and a cycle has passed."""
    table = cs.table(3)
    table[100:200] = np.linspace(-1.0, 1.0, 100)
    cs.performKsmps()
    return np.array(cs.table(3))


def main() -> None:
    """Record one side."""
    side, engine, path = sys.argv[1:]
    if side == "local":
        prepare(engine)
    libcsound = importlib.import_module("libcsound" if side == "local" else "csoundd_client")
    with Path(path).open("wb") as file:
        np.savez(file, **recorded(libcsound))


if __name__ == "__main__":
    main()
