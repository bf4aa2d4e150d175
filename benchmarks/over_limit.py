"""The price that others pay for one client that sends ten times what it may: their median latency, in turn with rest.

A process of its own sends ``session.ping`` at ten times the limit of requests, paced by the clock, and reads what is
answered. Meanwhile others, who wait for each answer, call ``csound.sr`` (which the engine answers) and ``session.ping``
(the front). Stretches with the flood take turns with stretches without it, in one run. The same with packets of OSC.

The goal: the median of the others is at most twice that without the flood. Run as
``python -m benchmarks.over_limit [--limit 1000] [--seconds 2] [--rounds 5]``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import socket
from collections.abc import Callable
from multiprocessing.synchronize import Event
from statistics import median, quantiles
from threading import Thread
from time import perf_counter, sleep
from typing import Final

from benchmarks.daemon import daemon
from benchmarks.raw import RawClient, request

TIMES: Final = 10
OTHERS: Final = 3
PAUSE: Final = 0.005
TICK: Final = 0.005
PING: Final = request("session.ping", 0.0)
SYNC: Final = b"/sync\0\0\0,i\0\0\0\0\0\1"


def flood_requests(port: int, rate: float, begin: Event, end: Event) -> None:
    """Send requests at ``rate`` a second from ``begin`` to ``end``, and read what is answered."""
    sock = RawClient(port).sock
    sock.settimeout(20)

    def read() -> None:
        while not end.is_set():
            try:
                if not sock.recv(1 << 18):
                    return
            except TimeoutError:
                continue

    Thread(target=read, daemon=True).start()
    _paced(lambda count: sock.sendall(PING * count), rate, begin, end)


def flood_packets(port: int, rate: float, begin: Event, end: Event) -> None:
    """Send packets of OSC at ``rate`` a second."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect(("127.0.0.1", port))

    def send(count: int) -> None:
        for _ in range(count):
            sock.send(SYNC)

    _paced(send, rate, begin, end)


def _paced(send: Callable[[int], None], rate: float, begin: Event, end: Event) -> None:
    begin.wait()
    begun, sent = perf_counter(), 0
    while not end.is_set():
        due = int((perf_counter() - begun) * rate) - sent
        if due:
            send(due)
            sent += due
        sleep(TICK)


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    limits = ("--limit", f"requests={options.limit}", "--limit", f"osc_packets={options.limit}")
    with daemon(*limits) as place:
        clients = [RawClient(place.port) for _ in range(OTHERS)]
        floods = {"requests": (flood_requests, place.port), "OSC packets": (flood_packets, place.osc_port)}
        for what, (flood, port) in floods.items():
            for method, params in (("session.ping", (0.0,)), ("csound.sr", ())):
                rest: list[float] = []
                flooded: list[float] = []
                for _ in range(options.rounds):
                    begin, end = context.Event(), context.Event()
                    process = context.Process(target=flood, args=(port, TIMES * options.limit, begin, end))
                    process.start()
                    rest += stretch(clients, method, params, options.seconds)
                    begin.set()
                    flooded += stretch(clients, method, params, options.seconds)
                    end.set()
                    process.join(5)
                    process.kill()
                ratio = median(flooded) / median(rest)
                tails = [quantiles(values, n=100)[98] * 1e3 for values in (rest, flooded)]
                print(
                    f"{TIMES} times {options.limit} {what:12} {method:13} median {median(rest) * 1e3:6.2f} and "
                    f"{median(flooded) * 1e3:6.2f} ms, p99 {tails[0]:6.2f} and {tails[1]:6.2f} ms: {ratio:.2f} times",
                    flush=True,
                )


if __name__ == "__main__":
    main()
