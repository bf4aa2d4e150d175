"""csoundengine offline: its renderer, and its engine that performs as fast as it goes, each into a file."""

from __future__ import annotations

from csoundengine.offline import OfflineSession
from csoundengine.offlineengine import OfflineEngine


def session() -> None:
    renderer = OfflineSession(sr=48000, nchnls=2)
    renderer.defInstr("voice", "|kamp=0.1, kfreq=440|\n outch 1, vco2:a(kamp, kfreq)")
    event = renderer.sched("voice", 0, 1, kfreq=330)
    event.automate("kfreq", [0, 330, 1, 440])
    renderer.sched("voice", 0.5, 1, kfreq=220)
    renderer.render(outfile="session.wav", wait=True)


def engine() -> None:
    offline = OfflineEngine(outfile="engine.wav", sr=48000)
    offline.compile("instr tone\n kamp = p5\n outch 1, oscili:a(kamp, p4)\nendin\n")
    for number in range(100):
        offline.sched("tone", number * 0.01, 1, args=[440 + number, 0.001])
    event = offline.sched("tone", 0.2, 3, args=[330, 0.1])
    table = offline.makeTable([1, 2, 3, 4.5])
    print("table", list(offline.tableData(table)))
    offline.setChannel("shared", 0.5)
    print("channel", offline.channelValue("shared"))
    offline.setp(event, 5, 0.05, delay=0.1)
    offline.automatep(event, 5, [0, 0.1, 1, 0.5, 2, 0])
    offline.perform(extratime=1)
    print("elapsed", offline.elapsedTime())
    offline.stop()


session()
engine()
