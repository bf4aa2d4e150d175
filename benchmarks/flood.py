"""How soon the daemon answers while an orchestra puts out more than anybody can read, against the same run at rest.

Each flood is an instrument that is turned on and, after a stretch, stopped together with everything else. A
connection subscribes to the topic that the flood goes to and reads all it is sent. A second one times
``session.ping`` (which the front answers) and ``csound.sr`` (which the engine answers), and at the end
``thread.stop``. The rest is the same engine and drive with an instrument that puts out nothing. The last flood has no
subscriber, and the daemon's stderr is a pipe that nobody reads.

The goal: under every flood half of the calls take at most ten times as long as at rest or 5 ms, and ``thread.stop`` is
answered within 0.25 s. Run as ``python -m benchmarks.flood [--engine native] [--seconds 3] [FLOOD...]``.
"""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep
from typing import Final

from benchmarks.daemon import Daemon, daemon
from benchmarks.raw import RawClient

SECONDS: Final = 3.0
PAUSE: Final = 0.01
STOPS: Final = 5

HEAD: Final = "sr = 44100\nksmps = 10\nnchnls = 1\n0dbfs = 1\n"


@dataclass(frozen=True, slots=True)
class Flood:
    """What instrument 1 does, the topic that its output goes to and how that is subscribed to."""

    body: str
    topic: str | None = "messages"
    options: dict[str, object] = field(default_factory=dict)
    drive: str = "clock"
    score: str = "i 1 0 600 1"
    silent_reader: bool = False


LINES: Final = '\nprintks "a line of a flood, as an orchestra prints it: %f\\n", 0, ktime\n'
COUNTING: Final = "ktime timek\n"
FLOODS: Final = {
    "rest": Flood(""),
    "rest-free": Flood("", drive="free"),
    "printks-8": Flood(COUNTING + LINES * 8),
    "printks-1-free": Flood(COUNTING + LINES, drive="free"),
    "print-1000-notes": Flood(
        "if p4 == 0 then\ninote = 0\nwhile inote < 1000 do\nschedule 1, 0, 0.01, inote + 1\ninote += 1\nod\n"
        "schedule 1, 0.2, 0.01, 0\nelse\nprint p4\nendif",
        score="i 1 0 0.01 0",
    ),
    "long-lines": Flood(COUNTING + 'Sline sprintfk "%s %f\\n", "' + "x" * 4000 + '", ktime\nputs Sline, ktime\n'),
    "outvalue": Flood(COUNTING + "".join(f'outvalue "v{n}", ktime + {n}\n' for n in range(8)), topic="outvalue"),
    "midiout": Flood(COUNTING + "midiout 176, 1, 7, ktime % 128\n" * 8, topic="midi"),
    "graphs": Flood(COUNTING + "kx oscili 1, 100\ndisplay kx, 0.01\n" * 1, topic="graphs"),
    "channels": Flood(
        COUNTING
        + 'kn init 0\nkn = 0\nwhile kn < 3000 do\nSname sprintfk "c%d", kn\nchnset ktime + kn, Sname\nkn += 1\nod\n',
        topic="channels",
        options={"rate": 1000},
    ),
    "unread-stderr": Flood(COUNTING + LINES * 8, topic=None, silent_reader=True),
}


class Reader(threading.Thread):
    """Receives whatever the daemon sends, and counts the bytes."""

    def __init__(self, client: RawClient) -> None:
        super().__init__(daemon=True)
        self._client, self.received = client, 0
        self._client.sock.settimeout(0.1)
        self.ending = False

    def run(self) -> None:
        """Read until told to end."""
        while not self.ending:
            try:
                received = self._client.sock.recv(1 << 18)
            except TimeoutError:
                continue
            if not received:
                return
            self.received += len(received)


@contextmanager
def served(flood: Flood, engine: str) -> Iterator[Daemon]:
    """A daemon in the flood's drive; its stderr goes nowhere, or to a pipe that nobody reads."""
    with ExitStack() as stack:
        log = Path(os.devnull)
        if flood.silent_reader:
            reading, writing = os.pipe()
            stack.callback(os.close, reading)
            stack.callback(os.close, writing)
            log = Path(f"/proc/self/fd/{writing}")
        yield stack.enter_context(daemon("--engine", engine, "--drive", flood.drive, log=log))


def timed(client: RawClient, method: str, *params: object) -> float:
    """Seconds that one call takes."""
    begun = perf_counter()
    client.call(method, *params)
    return perf_counter() - begun


@dataclass(slots=True)
class Times:
    """Seconds that calls took, by what was called."""

    ping: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    stop: list[float] = field(default_factory=list)
    megabytes: float = 0.0


def measured(flood: Flood, engine: str, seconds: float, stops: int) -> Times:
    """What the calls take while ``flood`` is on."""
    times = Times()
    with served(flood, engine) as place:
        caller = RawClient(place.port)
        caller.sock.settimeout(60)
        reader = RawClient(place.port)
        if flood.topic is not None:
            reader.call("stream.subscribe", topic=flood.topic, **flood.options)
        reading = Reader(reader)
        reading.start()
        for _ in range(stops):
            code = caller.call("csound.compileOrc", f"{HEAD}instr 1\n{flood.body}\nendin\n")
            if code != 0:
                raise RuntimeError(f"the flood does not compile: {flood.body}")
            caller.call("thread.play")
            caller.call("csound.eventString", flood.score)
            end = perf_counter() + seconds / stops
            while perf_counter() < end:
                times.ping.append(timed(caller, "session.ping", 0.0))
                times.rate.append(timed(caller, "csound.sr"))
                sleep(PAUSE)
            times.stop.append(timed(caller, "thread.stop"))
            caller.call("csound.reset")
        reading.ending = True
        reading.join()
        times.megabytes = reading.received / 1e6
    return times


def _shown(label: str, values: list[float], rest: list[float]) -> str:
    cuts, own = quantiles(values, n=100), median(values)
    ratio = own / median(rest)
    return f"  {label:12} p50 {own * 1e3:8.2f} ms  p99 {cuts[98] * 1e3:8.2f} ms  {ratio:7.1f} times the rest"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("floods", nargs="*", metavar="FLOOD", help=", ".join(FLOODS))
    parser.add_argument("--engine", default="native")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--stops", type=int, default=STOPS)
    options = parser.parse_args()
    rests: dict[str, Times] = {}
    for name in options.floods or [name for name in FLOODS if not name.startswith("rest")]:
        flood = FLOODS[name]
        if flood.drive not in rests:
            quiet = FLOODS["rest-free" if flood.drive == "free" else "rest"]
            rests[flood.drive] = measured(quiet, options.engine, options.seconds, options.stops)
        rest = rests[flood.drive]
        times = measured(flood, options.engine, options.seconds, options.stops)
        print(f"{name} ({options.engine}, {flood.drive}), {times.megabytes:.1f} MB received")
        for label, values, quiet_values in (
            ("session.ping", times.ping, rest.ping),
            ("csound.sr", times.rate, rest.rate),
            ("thread.stop", times.stop, rest.stop),
        ):
            print(_shown(label, values, quiet_values), flush=True)


if __name__ == "__main__":
    main()
