"""Steps an engine cycle by cycle: a filtered tone whose controls move, measured as it goes."""

import hashlib

import numpy as np
from libcsound import CSOUND_SUCCESS, Csound

ORCHESTRA = """
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1

instr Tone
  kfreq chnget "freq"
  kamp chnget "amp"
  aleft vco2 kamp, kfreq
  aright oscili kamp, kfreq * 1.5
  aleft moogladder aleft, 2000, 0.3
  outs aleft, aright
  chnset rms(aleft), "level"
endin

instr Burst
  anoise rand p4
  aenv expon 1, p3, 0.001
  outs anoise * aenv, anoise * aenv
endin
"""

SCORE_LENGTH = 2.0


def measured(block: np.ndarray, nchnls: int) -> str:
    frames = block.reshape(-1, nchnls)
    peak = np.abs(frames).max(axis=0)
    power = np.sqrt((frames**2).mean(axis=0))
    return " ".join(f"{value!r}" for value in [*map(float, peak), *map(float, power)])


cs = Csound()
cs.setOption("-n")
cs.setOption("-d")
cs.setOption("-m0")
print("compiled", cs.compileOrc(ORCHESTRA) == CSOUND_SUCCESS)
cs.setControlChannel("freq", 110.0)
cs.setControlChannel("amp", 0.25)
print("started", cs.start())
print(cs.sr(), cs.kr(), cs.ksmps(), cs.nchnls(), cs.get0dBFS(), cs.A4())

cs.scoreEvent("i", [1, 0, SCORE_LENGTH])
cs.inputMessage("i 2 0.5 0.25 0.2")
spout = cs.spout()
print("spout", spout.shape, spout.dtype)

digest = hashlib.sha256()
cycles = int(SCORE_LENGTH * cs.kr())
for cycle in range(cycles):
    if cycle % 100 == 0:
        cs.setControlChannel("freq", 110.0 + cycle)
        cs.setControlChannel("amp", 0.25 + 0.0001 * cycle)
    over = cs.performKsmps()
    digest.update(spout.tobytes())
    if cycle % 250 == 249:
        level, code = cs.controlChannel("level")
        print(cycle, over, repr(cs.scoreTime()), cs.currentTimeSamples(), repr(level), code)
        print("     ", measured(spout, cs.nchnls()))

print("sound", digest.hexdigest())
print("an unknown channel", cs.controlChannel("nowhere"))
print("evaluated", cs.evalCode("return 6 * 7"))
print("instruments", cs.compileOrc("instr Broken\n  asig oscil\nendin\n"))
cs.setEndMarker(0.0)
steps = 0
while not cs.performKsmps() and steps < 100:
    steps += 1
print("the end came", steps < 100)

cs.reset()
print("reset", cs.compileOrc("ksmps = 32\nnchnls = 1\n0dbfs = 1\n"), cs.start(), cs.ksmps(), cs.nchnls())
