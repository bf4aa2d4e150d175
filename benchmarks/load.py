"""Many calls a second while audio is streamed: whether all are answered, how soon, and how late the blocks are.

Twenty connections read a control channel 10,000 times a second together, ten more receive ``spout``; the engine plays
eight voices through a filter each. Stretches of load take turns with stretches of rest, once with real-time scheduling
of the engine and once without. Calls are sent by the clock, whether or not the earlier ones have been answered, and
timed from when they were due.

The goals: the whole rate is sustained; with SCHED_FIFO under 1 in 1,000 blocks late; without it at most 1.5 times the
share that is late at rest. ``--tls`` adds the same over TLS, in stretches of its own, with real-time scheduling. Run as
``python -m benchmarks.load [--rate 10000] [--seconds 10] [--rounds 3] [--tls]``.
"""

from __future__ import annotations

import argparse
import select
import socket
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import mean, quantiles
from time import perf_counter
from typing import Final, cast

from benchmarks.daemon import Daemon, daemon
from benchmarks.pieces import PLAYED
from benchmarks.raw import RawClient, receive, request

CALLERS: Final = 20
LISTENERS: Final = 10
RATE: Final = 10_000
SECONDS: Final = 10.0
ROUNDS: Final = 3
WARMING: Final = 1.0
GRACE: Final = 1.0
"""How long after the last call its answer may come."""

ANSWER: Final = 24
"""So many bytes of an answer tell that it is one, whatever the value is that was read."""

KSMPS: Final = 64
CALLS: Final = {
    "csound.controlChannel": request("csound.controlChannel", "cutoff"),
    "csound.setControlChannel": request("csound.setControlChannel", "cutoff", 0.25),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """How far the performance was, and how much of it had been late."""

    sample: int
    late_cycles: int

    def share_since(self, earlier: Moment) -> float:
        """The share of cycles that were late in between."""
        return (self.late_cycles - earlier.late_cycles) / ((self.sample - earlier.sample) / KSMPS)


@dataclass(slots=True)
class Tally:
    """What came of a stretch of load."""

    sent: int = 0
    answered: int = 0
    seconds: float = 0.0
    delays: list[float] = field(default_factory=list)
    audio_bytes: int = 0
    cpu: list[float] = field(default_factory=lambda: [0.0, 0.0])
    """Seconds that the front and the host used."""

    def add(self, other: Tally) -> None:
        """Count ``other`` as well."""
        self.sent += other.sent
        self.answered += other.answered
        self.seconds += other.seconds
        self.delays += other.delays
        self.audio_bytes += other.audio_bytes


class Caller:
    """A connection that sends one ready frame again and again; every answer has the same length."""

    def __init__(self, client: RawClient, frame: bytes) -> None:
        self.frame, self._answer = frame, client.exchange(frame)
        self.size = len(self._answer)
        self.sock = client.sock
        self.sock.settimeout(0)
        self._read = bytearray()
        self._due: deque[float] = deque()

    def send(self, due: float) -> None:
        """Send the call that was due at ``due``."""
        self._due.append(due)
        try:
            sent = self.sock.send(self.frame)
        except ssl.SSLWantWriteError:
            sent = 0
        if sent != len(self.frame):
            raise RuntimeError("the daemon takes nothing any more")

    def receive(self, now: float, tally: Tally) -> None:
        """Take the answers that are there."""
        self._read += receive(self.sock)
        while len(self._read) >= self.size:
            if self._read[:ANSWER] != self._answer[:ANSWER]:
                raise RuntimeError(f"another answer than expected: {bytes(self._read[:200])!r}")
            del self._read[: self.size]
            tally.answered += 1
            tally.delays.append(now - self._due.popleft())


class Listener:
    """A connection that receives ``spout`` and counts its bytes."""

    def __init__(self, client: RawClient) -> None:
        client.call("stream.subscribe", "spout")
        self.sock = client.sock
        self.sock.settimeout(0)

    def receive(self, _now: float, tally: Tally) -> None:
        """Take the audio that is there."""
        tally.audio_bytes += len(receive(self.sock))


def drive(callers: list[Caller], listeners: list[Listener], rate: float, seconds: float) -> Tally:
    """Send ``rate`` calls a second by the clock, and take what comes."""
    tally, start = Tally(), perf_counter()
    receivers: dict[socket.socket, Callable[[float, Tally], None]] = {c.sock: c.receive for c in callers}
    receivers |= {listener.sock: listener.receive for listener in listeners}
    sockets, total = list(receivers), int(rate * seconds)
    while tally.answered < total and perf_counter() - start < seconds + GRACE:
        now = perf_counter()
        due = min(total, int((now - start) * rate) + 1)
        while tally.sent < due:
            callers[tally.sent % len(callers)].send(start + tally.sent / rate)
            tally.sent += 1
        wait = GRACE if due == total else max(0.0, start + due / rate - perf_counter())
        ready, _, _ = select.select(sockets, [], [], wait)
        now = perf_counter()
        for sock in ready:
            receivers[sock](now, tally)
    tally.seconds = perf_counter() - start
    return tally


def moment(client: RawClient) -> Moment:
    """Ask the stream ``transport`` for one frame."""
    stream = cast("dict[str, object]", client.call("stream.subscribe", "transport"))["stream"]
    while True:
        message = client.message()
        if message.get("method") == "stream.data":
            data = cast("dict[str, dict[str, int]]", message["params"])["data"]
            client.call("stream.unsubscribe", stream)
            return Moment(data["sample"], data["lateCycles"])


def measured(client: RawClient, stretch: Callable[[], None]) -> float:
    """The share of cycles that are late during ``stretch``."""
    before = moment(client)
    stretch()
    return moment(client).share_since(before)


def listen(listeners: list[Listener], seconds: float) -> None:
    """A stretch of rest: audio comes, and nobody calls."""
    end, unused = perf_counter() + seconds, Tally()
    by_socket = {listener.sock: listener for listener in listeners}
    while (left := end - perf_counter()) > 0:
        for sock in select.select(list(by_socket), [], [], left)[0]:
            by_socket[sock].receive(0.0, unused)


def run(served: Daemon, options: argparse.Namespace) -> None:
    def connected() -> RawClient:
        return RawClient(served.port, tls=served.tls)

    boss = connected()
    boss.call("csound.compileOrc", PLAYED)
    boss.call("thread.play")
    callers = [Caller(connected(), CALLS[options.method]) for _ in range(CALLERS)]
    listeners = [Listener(connected()) for _ in range(LISTENERS)]
    drive(callers, listeners, options.rate, WARMING)
    whole, rest, loaded = Tally(), [], []

    def load() -> None:
        before = served.cpu_seconds()
        whole.add(drive(callers, listeners, options.rate, options.seconds))
        for process, (begin, end) in enumerate(zip(before, served.cpu_seconds(), strict=True)):
            whole.cpu[process] += end - begin

    for _ in range(options.rounds):
        rest.append(measured(boss, lambda: listen(listeners, options.seconds)))
        loaded.append(measured(boss, load))
    report(served, whole, mean(rest), mean(loaded))


def report(served: Daemon, whole: Tally, rest: float, loaded: float) -> None:
    delays = sorted(whole.delays)
    cuts = quantiles(delays, n=1000)
    print(f"scheduling {served.scheduling}{', over TLS' if served.tls else ''}")
    print(f"  calls: {whole.answered} of {whole.sent} answered, {whole.answered / whole.seconds:.0f} a second")
    print(f"  delay: median {cuts[499] * 1e6:.0f} us, p99 {cuts[989] * 1e3:.1f} ms, worst {delays[-1] * 1e3:.1f} ms")
    ratio = f"{loaded / rest:.2f} times as many" if rest else "none at rest"
    print(f"  late blocks: {loaded * 1000:.2f} in 1,000 under load, {rest * 1000:.2f} at rest, {ratio}")
    front, host = (spent / whole.seconds * 100 for spent in whole.cpu)
    print(f"  CPU under load: front {front:.0f} %, host {host:.0f} % of a core")
    print(f"  audio: {whole.audio_bytes / whole.seconds / LISTENERS / 1e3:.0f} kB/s for each subscriber")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--method", choices=list(CALLS), default="csound.controlChannel")
    parser.add_argument("--tls", action="store_true", help="measure it over TLS as well")
    options = parser.parse_args()
    for arguments, tls in (([], False), (["--no-realtime"], False), *([([], True)] if options.tls else [])):
        with daemon(*arguments, tls=tls) as served:
            run(served, options)


if __name__ == "__main__":
    main()
