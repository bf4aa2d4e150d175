"""Tables and channels from both sides: what the script writes the orchestra hears, and the other way round."""

import numpy as np
from libcsound import CSOUND_CONTROL_CHANNEL_EXP, ControlChannelHints, Csound

ORCHESTRA = """
sr = 44100
ksmps = 32
nchnls = 1
0dbfs = 1

giSine ftgen 1, 0, 512, 10, 1
giData ftgen 2, 0, -8, -2, 1, 2, 3, 4, 5, 6, 7, 8
giEmpty ftgen 3, 0, 64, 2, 0
chn_k "cutoff", 3
chn_k "gain", 1, 2, 0.5, 0, 1
chn_a "bus", 2
chn_S "title", 3

instr 1
  kcutoff chnget "cutoff"
  chnset kcutoff * 2, "double"
  kindex init 0
  kvalue table kindex, 2
  chnset kvalue, "read"
  tablew kvalue * 10, kindex, 3
  kindex = (kindex + 1) % 8
  asig poscil 0.5, 441, 1
  chnset asig, "bus"
  out asig
endin

instr 2
  Stitle chnget "title"
  chnset strcat(Stitle, " in C"), "answer"
endin
schedule(1, 0, -1)
"""


def numbers(values: np.ndarray) -> str:
    return " ".join(repr(float(value)) for value in values)


cs = Csound()
for option in ("-n", "-d", "-m0"):
    cs.setOption(option)
print("compiled", cs.compileOrc(ORCHESTRA), "started", cs.start())

print("lengths", [cs.tableLength(number) for number in (1, 2, 3, 4)])
print("arguments", numbers(cs.tableArgs(1)), "|", numbers(cs.tableArgs(2)))
sine, data, filled = cs.table(1), cs.table(2), cs.table(3)
print("no table", cs.table(99), cs.tableArgs(99))
print("sine", sine.shape, numbers(sine[:4]), repr(float(sine.sum())))

for _ in range(8):
    cs.performKsmps()
    print("read", cs.controlChannel("read"), numbers(filled[:8]))

data[2:5] = [30.5, 40.25, 50.125]
sine *= 0.5
for _ in range(8):
    cs.performKsmps()
print("written", numbers(filled[:8]))
print("halved", numbers(cs.table(1)[:4]))
bus, problem = cs.channelPtr("bus", "audio", "r")
print("bus", bus.shape, repr(problem), numbers(bus[:4]), numbers(cs.spout()[:4]))

pointer, problem = cs.channelPtr("cutoff", "control", "rw")
print("pointer", pointer.shape, repr(problem))
pointer[0] = 1234.5
cs.performKsmps()
print("through it", cs.controlChannel("cutoff"), cs.controlChannel("double"))
cs.setControlChannel("cutoff", 77.0)
print("and back", numbers(pointer))
print("the wrong kind", cs.channelPtr("title", "control", "rw")[0])

hints = ControlChannelHints(behav=CSOUND_CONTROL_CHANNEL_EXP, dflt=440, min=20, max=20000, width=60, height=20)
print("hints", cs.setControlChannelHints("cutoff", hints))
for name in ("cutoff", "gain"):
    found, code = cs.controlChannelHints(name)
    print(name, code, found.behav, found.dflt, found.min, found.max, found.x, found.y, found.width, found.height)
print("no hints", cs.controlChannelHints("nowhere"))

cs.setStringChannel("title", "Étude")
cs.inputMessage("i 2 0 0.01")
cs.performKsmps()
print("strings", cs.stringChannel("title"), "|", cs.stringChannel("answer"), "|", cs.channelDatasize("cutoff"))

channels = {str(channel.name): channel for channel in cs.allocatedChannels()}
print("channels", len(channels), repr(cs.scoreTime()))
for channel in channels.values():
    print(channel.isinput(), channel.isoutput(), sorted(channel.hints))
