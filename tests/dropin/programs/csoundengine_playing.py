"""csoundengine's engine and session, playing in time: what they read back of what they have done."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from csoundengine import Engine, csoundlib

PATIENCE = 20.0

ORCHESTRA = """
instr tone
  kamp = p5
  outch 1, oscili:a(kamp * 0.01, p4)
endin
instr watch
  kx = p5
  chnset kx, "watched"
endin
instr answer
  sendsync(p4, 42)
  turnoff
endin
instr teller
  outvalue "told", k(3)
endin
"""


def devices(backend: Any, *_given: Any, **_named: Any) -> Any:
    """One input and one output, on machines without a sound card, too."""
    kinds = ("adc", "input"), ("dac", "output")
    make = csoundlib.AudioDevice
    return tuple(
        [make(id=f"{name}0", name=f"{name}0", backend=backend.name, kind=kind, index=0, numChannels=2)]
        for name, kind in kinds
    )


# Csound's own module that plays to nobody, in time.
NULL = csoundlib.AudioBackend("null", alwaysAvailable=True)
csoundlib._getAvailableAudioBackends()["null"] = NULL
csoundlib.AudioBackend.isAvailable = lambda _backend: True
csoundlib.AudioBackend.audioDevices = devices
csoundlib.AudioBackend.defaultAudioDevices = lambda backend: tuple(found[0] for found in devices(backend))
WHERE = {"sr": 48000, "outdev": "dac0", "indev": "adc0", "nchnls": 2, "nchnls_i": 2, "backend": "null"}


def until(value: Callable[[], Any], wanted: Any) -> Any:
    """Ask until it is what is wanted, or for long enough: what it is then."""
    deadline = time.monotonic() + PATIENCE
    while (found := value()) != wanted and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def engine_steps(engine: Any) -> None:
    engine.addBusSupport()
    engine.compile(ORCHESTRA)
    engine.sync()
    # It schedules by its own clock, which does not go yet.
    time.sleep(1)
    event = engine.sched("watch", 0, 600, args=[0, 0.25])
    print("sched", until(lambda: engine.channelValue("watched"), 0.25))
    engine.setp(event, 5, 0.75)
    print("setp", until(lambda: engine.channelValue("watched"), 0.75))
    engine.automatep(event, 5, [0, 0.1, 0.3, 0.5])
    print("automatep", until(lambda: engine.channelValue("watched"), 0.5))
    engine.unsched(event)
    print("schedSync", engine.schedSync("answer", 0, 1, timeout=PATIENCE))
    # makeTable with data ends with a NameError of its own in 2.23.
    made = int(engine.makeEmptyTable(64, block=True))
    until(lambda: engine.csound.table(made) is not None, True)
    engine.fillTable(made, [float(number) for number in range(64)])
    print("fillTable", until(lambda: float(engine.tableData(made)[63]), 63.0))
    engine.tableWrite(made, 1, 7.5)
    print("tableWrite", until(lambda: list(engine.tableData(made)[:3]), [0.0, 7.5, 2.0]))
    print("tableInfo", engine.tableInfo(made).size)
    engine.initChannel("shared", 0.25)
    print("initChannel", until(lambda: engine.channelValue("shared"), 0.25))
    engine.setChannel("shared", 0.5)
    print("setChannel", until(lambda: engine.channelValue("shared"), 0.5))
    print("channelPointer", float(engine.channelPointer("shared")[0]))
    print("evalCode", engine.evalCode("return 2 + 3"))
    print("strGet", engine.strGet(engine.strSet("hello")))
    bus = engine.assignBus("control", value=3.5)
    engine.sync()
    print("bus", until(lambda: engine.readBus(bus), 3.5))
    engine.writeBus(bus, 4.5)
    engine.sync()
    print("bus set", until(lambda: engine.readBus(bus), 4.5))
    told: list[Any] = []
    engine.registerOutvalueCallback("told", lambda name, value: told.append((name, value)))
    engine.sched("teller", 0, 0.2)
    print("outvalue", until(lambda: told[:1], [(b"told", 3.0)]))
    with engine.lockedClock():
        events = [engine.sched("tone", 0.1 * number, 0.1, args=[440, 0.1]) for number in range(3)]
    print("lockedClock", len(events))
    for number in range(200):
        engine.sched("tone", 0.5 + number * 0.001, 0.01, args=[440, 0.001])
    engine.sync()
    engine.unschedAll()
    print("elapsed", engine.elapsedTime() > 0)


def session_steps(engine: Any) -> None:
    session = engine.session()
    session.defInstr("voice", '|kamp=0.01, kfreq=440|\n chnset kfreq, "kf"\n outch 1, vco2:a(kamp, kfreq)')
    engine.sync()
    time.sleep(1)
    synth = session.sched("voice", 0, 600, kfreq=330)
    print("session.sched", until(lambda: engine.channelValue("kf"), 330))
    synth.set(kfreq=220)
    print("synth.set", until(lambda: engine.channelValue("kf"), 220))
    synth.automate("kfreq", [0, 220, 0.3, 440])
    print("synth.automate", until(lambda: engine.channelValue("kf"), 440))
    print("playing", synth.playing())
    synth.stop()
    print("stopped", until(synth.playing, False))
    table = session.makeTable(size=16, block=True)
    until(lambda: engine.csound.table(table.tabnum) is not None, True)
    print("session.makeTable", len(table.data()))
    with session.rendering("rendered.wav") as renderer:
        renderer.sched("voice", 0, 1, kfreq=330)


def main() -> None:
    engine = Engine(**WHERE)
    engine_steps(engine)
    session_steps(engine)
    second = Engine(name="second", **WHERE)
    second.compile('instr other\n chnset k(9), "c"\nendin')
    second.sync()
    time.sleep(1)
    second.sched("other", 0, 1)
    print("second engine", until(lambda: second.channelValue("c"), 9), engine.evalCode("return 4"))
    second.stop()
    engine.restart()
    print("restarted", engine.evalCode("return 5"))
    engine.stop()


main()
