"""The price that others pay for one client that sends ten times what it may: their median latency, in turn with rest.

A process of its own sends whatever the flood is, paced by the clock where that has a rate and else as fast as it can.
Meanwhile others, who wait for each answer, call ``csound.sr`` (which the engine answers) and ``session.ping`` (the
front). Stretches with the flood take turns with stretches without it, in one run. The first second of a flood is left
out: in it goes what may come at once.

Told beside the latencies is the share of one processor that the front took. Where other programs keep every processor
busy, whoever takes more than its share of them waits for its turn, so there the latencies say little.

The goal: the median of the others is at most twice that without the flood. Run as
``python -m benchmarks.over_limit [--limit 1000] [--seconds 2] [--rounds 5] [FLOOD...]``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from statistics import median, quantiles
from threading import Thread
from time import perf_counter, sleep
from typing import Final

from benchmarks.daemon import Daemon, daemon
from benchmarks.raw import RawClient, request

TIMES: Final = 10
OTHERS: Final = 3
PAUSE: Final = 0.005
TICK: Final = 0.005
AT_ONCE: Final = 1.0
PING: Final = request("session.ping", 0.0)
SYNC: Final = b"/sync\0\0\0,i\0\0\0\0\0\1"
PACKET: Final = len(SYNC).to_bytes(4) + SYNC
PIECE: Final = "sr = 44100\nksmps = 64\nnchnls = 2\n0dbfs = 1\ninstr 1\nout oscili(0.1, 220), oscili(0.1, 330)\nendin\n"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a flood goes to, how many a second of what it sends, and from when to when."""

    http: int
    osc_udp: int
    osc_tcp: int
    rate: float
    begin: Event
    end: Event

    def connect(self, port: int) -> socket.socket:
        """A new connection to ``port``."""
        sock = socket.create_connection(("127.0.0.1", port))
        sock.settimeout(20)
        return sock

    def paced(self, send: Callable[[int], None]) -> None:
        """Have ``send`` send so many, again and again."""
        self.begin.wait()
        begun, sent = perf_counter(), 0
        while not self.end.is_set():
            due = int((perf_counter() - begun) * self.rate) - sent
            if due:
                send(due)
                sent += due
            sleep(TICK)

    def busily(self, count: int, once: Callable[[], None]) -> None:
        """Have so many threads do something as fast as they can."""

        def again() -> None:
            while not self.end.is_set():
                with suppress(OSError):
                    once()

        self.begin.wait()
        threads = [Thread(target=again, daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def read_all(self, sock: socket.socket) -> None:
        """Read whatever comes, in a thread."""

        def read() -> None:
            while not self.end.is_set():
                try:
                    if not sock.recv(1 << 18):
                        return
                except OSError:
                    continue

        Thread(target=read, daemon=True).start()


def requests(target: Target) -> None:
    """Requests over one WebSocket, whose answers are read."""
    sock = RawClient(target.http).sock
    sock.settimeout(20)
    target.read_all(sock)

    def send(count: int) -> None:
        with suppress(OSError):
            sock.sendall(PING * count)

    target.paced(send)


def osc_udp(target: Target) -> None:
    """Packets of OSC over UDP, whose answers nobody reads."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", target.osc_udp))

        def send(count: int) -> None:
            for _ in range(count):
                sock.send(SYNC)

        target.paced(send)


def osc_tcp(target: Target) -> None:
    """Packets of OSC over one connection, whose answers are read."""
    sock = target.connect(target.osc_tcp)
    target.read_all(sock)

    def send(count: int) -> None:
        with suppress(OSError):
            sock.sendall(PACKET * count)

    target.paced(send)


def _exchanges(target: Target, threads: int, head: str, body: bytes = b"") -> None:
    """Requests over HTTP, each thread's over a connection of its own."""
    begun = f"{head} HTTP/1.1\r\nHost: 127.0.0.1:{target.http}\r\nContent-Length: {len(body)}\r\n"
    ready = f"{begun}Content-Type: application/json\r\n\r\n".encode() + body

    def many() -> None:
        with target.connect(target.http) as sock:
            while not target.end.is_set():
                sock.sendall(ready)
                if not sock.recv(1 << 18):
                    return

    target.busily(threads, many)


def metrics(target: Target) -> None:
    """Whoever asks for ``/metrics`` without a pause."""
    _exchanges(target, 8, "GET /metrics")


def files(target: Target) -> None:
    """Whoever puts small files without a pause."""
    _exchanges(target, 8, "PUT /files/flood.bin", bytes(4096))


def large_file(target: Target) -> None:
    """Whoever puts one large file after the other."""
    head = f"PUT /files/large.bin HTTP/1.1\r\nHost: 127.0.0.1:{target.http}\r\nContent-Length: {64 << 20}\r\n\r\n"

    def once() -> None:
        with target.connect(target.http) as sock:
            sock.sendall(head.encode())
            for _ in range(64):
                if not target.end.is_set():
                    sock.sendall(bytes(1 << 20))

    target.busily(2, once)


def pairing(target: Target) -> None:
    """Whoever tries secrets of pairings, each over a new connection."""
    body = b'{"secret": "guessed"}'
    head = f"POST /pair HTTP/1.1\r\nHost: 127.0.0.1:{target.http}\r\nContent-Length: {len(body)}\r\n"
    ready = f"{head}Content-Type: application/json\r\n\r\n".encode() + body

    def once() -> None:
        # A wrong one is answered late: nobody who guesses waits for that.
        with target.connect(target.http) as sock:
            sock.sendall(ready)

    target.busily(4, once)


def handshakes(target: Target) -> None:
    """Whoever opens WebSockets and hangs up."""
    target.busily(4, lambda: RawClient(target.http).close())


def connections(target: Target) -> None:
    """Whoever connects and hangs up."""
    target.busily(4, lambda: target.connect(target.http).close())


def listeners(target: Target) -> None:
    """As many listeners as there may be, who take hardly anything."""
    target.begin.wait()
    head = f"GET /listen.wav HTTP/1.1\r\nHost: 127.0.0.1:{target.http}\r\n\r\n".encode()
    opened: list[socket.socket] = []
    for _ in range(100):
        sock = target.connect(target.http)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(head)
        opened.append(sock)
    while not target.end.is_set():
        for sock in opened:
            sock.recv(64)
        sleep(0.1)


FLOODS: Final[dict[str, Callable[[Target], None]]] = {
    each.__name__: each
    for each in (
        requests,
        osc_udp,
        osc_tcp,
        metrics,
        files,
        large_file,
        pairing,
        handshakes,
        connections,
        listeners,
    )
}


def stretch(clients: list[RawClient], method: str, params: tuple[object, ...], seconds: float) -> list[float]:
    """Seconds that each call of the others took."""
    took: list[float] = []
    ends = perf_counter() + seconds
    while perf_counter() < ends:
        for client in clients:
            begun = perf_counter()
            client.call(method, *params)
            took.append(perf_counter() - begun)
        sleep(PAUSE)
    return took


@dataclass(slots=True)
class Price:
    """Seconds that calls took at rest and in the flood, and the shares of a processor that the front took."""

    rest: list[float]
    flooded: list[float]
    shares: list[float]

    def __str__(self) -> str:
        rest, flooded = median(self.rest), median(self.flooded)
        tails = [quantiles(values, n=100)[98] * 1e3 for values in (self.rest, self.flooded)]
        return (
            f"median {rest * 1e3:6.2f} and {flooded * 1e3:6.2f} ms, p99 {tails[0]:6.2f} and {tails[1]:6.2f} ms: "
            f"{flooded / rest:.2f} times; the front took {median(self.shares):.0%}"
        )


def priced(place: Daemon, name: str, method: str, params: tuple[object, ...], options: argparse.Namespace) -> Price:
    """What the flood ``name`` costs the calls of others."""
    context = multiprocessing.get_context("spawn")
    clients = [RawClient(place.port) for _ in range(OTHERS)]
    price = Price([], [], [])
    for _ in range(options.rounds):
        target = Target(
            place.port,
            place.osc_port,
            place.osc_tcp_port,
            TIMES * options.limit,
            context.Event(),
            context.Event(),
        )
        process = context.Process(target=FLOODS[name], args=(target,))
        process.start()
        price.rest += stretch(clients, method, params, options.seconds)
        target.begin.set()
        sleep(AT_ONCE)
        used, begun = place.cpu_seconds()[0], perf_counter()
        price.flooded += stretch(clients, method, params, options.seconds)
        price.shares.append((place.cpu_seconds()[0] - used) / (perf_counter() - begun))
        target.end.set()
        process.join(5)
        process.kill()
    for client in clients:
        client.close()
    return price


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("floods", nargs="*", choices=[[], *FLOODS], default=[])
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    limits = ("--limit", f"requests={options.limit}", "--limit", f"osc_packets={options.limit}")
    with daemon(*limits) as place:
        player = RawClient(place.port)
        player.call("csound.compileOrc", PIECE)
        player.call("csound.eventString", "i 1 0 -1")
        player.call("thread.play")
        player.close()
        for name in options.floods or FLOODS:
            for method, params in (("session.ping", (0.0,)), ("csound.sr", ())):
                print(f"{name:12} {method:13} {priced(place, name, method, params, options)}", flush=True)


if __name__ == "__main__":
    main()
