"""Plays a piece on a performance thread, steers it, and waits for its end."""

from libcsound import Csound, PerformanceThread

PIECE = """
<CsoundSynthesizer>
<CsOptions>
-n -d -m0
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1

giCounted init 0
gkLast init 0

instr Count
  giCounted += 1
  chnset giCounted, "counted"
  chnset p4, sprintf("note.%d", giCounted)
  asig oscili 0.1, p4
  outs asig, asig
endin

instr Told
  Sname strget p4
  chnset Sname, "told"
endin
</CsInstruments>
<CsScore>
i "Count" 0.0 0.1 440
i "Count" 0.1 0.1 550
i "Count" 0.2 0.1 660
f 0 0.8
</CsScore>
</CsoundSynthesizer>
"""

cs = Csound()
print("compiled", cs.compileCsdText(PIECE))
cs.setControlChannel("counted", 0.0)
print("started", cs.start())
thread = cs.performanceThread()
print("a thread", isinstance(thread, PerformanceThread), thread is cs.performanceThread())
print("before", thread.status(), cs.scoreTime())
thread.setProcessQueue()
tasks = []
thread.processQueueTask(lambda csound: tasks.append(csound.ksmps()))
thread.scoreEvent(False, "i", [1, 0.3, 0.1, 770])
thread.inputMessage('i "Told" 0.3 0.1 "here I am"')
thread.play()
print("joined", thread.join() > 0)
print("over", thread.status() > 0, thread.isRunning())
print("tasks", tasks)

counted, code = cs.controlChannel("counted")
print("counted", counted, code)
for number in range(1, int(counted) + 1):
    print("note", number, cs.controlChannel(f"note.{number}"))
print("told", cs.stringChannel("told"))
print("it took", round(cs.scoreTime(), 2))
del thread
cs.stop()
print("stopped")
