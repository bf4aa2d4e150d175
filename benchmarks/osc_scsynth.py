"""OSC beside SuperCollider's scsynth, both in one run: channel sets a second over UDP, and what a get costs.

Sets: a process of its own sends numbers for 100 channels, or control buses, at a steady rate. Lost is what the system
dropped at the server's socket, and channels are wrong that do not hold their last number in the end. Gets: one after
another, at moments that have nothing to do with the blocks of either; scsynth's ``/c_get`` waits for its block of 64
frames. Rounds take turns, and medians are compared. Run as ``python -m benchmarks.osc_scsynth [SECONDS] [ROUNDS]``; for
the sets of csoundd alone at rising rates see ``osc_flood``.
"""

from __future__ import annotations

import random
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep
from typing import Final

from benchmarks.daemon import daemon
from benchmarks.pieces import SILENCE
from benchmarks.raw import RawClient
from benchmarks.scsynth import Absent, get_bus, scsynth, set_bus
from csoundd.codec.osc import float32, message

CHANNELS: Final = 100
GOAL_RATE: Final = 80_000
GOAL_LOST: Final = 0.001
GOAL_GET: Final = 0.3
RATES: Final = (80_000, 100_000, 120_000)
GETS: Final = 1000
DRAINED: Final = 0.5

Head = Callable[[int], bytes]


def set_channel(number: int) -> bytes:
    """What sets a channel, but for the four bytes of the number at its end."""
    return message(f"/chan/flood.{number}", float32(0.0))[:-4]


def get_channel(number: int) -> bytes:
    return message(f"/chan/flood.{number}")


@dataclass
class Server:
    """One of the two, and what was measured of it."""

    name: str
    port: int
    setting: Head
    getting: Head
    gets: list[float] = field(default_factory=list)

    def flooded(self, rate: float, seconds: float) -> tuple[float, float, int]:
        """The rate that was sent, the share that was lost, and how many channels are wrong."""
        before = dropped(self.port)
        kind = "--buses" if self.setting is set_bus else "--channels"
        command = [sys.executable, "-m", "benchmarks.osc_scsynth", kind, *map(str, (self.port, rate, seconds))]
        sender = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
        sleep(DRAINED)
        sent, took = int(sender.stdout.split()[0]), float(sender.stdout.split()[1])
        lost = dropped(self.port) - before
        return sent / took, lost / sent, self._wrong(sent)

    def _wrong(self, sent: int) -> int:
        with connected(self.port) as asking:
            return sum(_ask(asking, self.getting(n)) != (sent - 1 - n) // CHANNELS for n in range(CHANNELS))

    def ask(self, chance: random.Random) -> None:
        """Measure some gets, in microseconds."""
        request = self.getting(0)
        with connected(self.port) as asking:
            for _ in range(GETS):
                sleep(chance.uniform(0.0002, 0.003))
                begun = perf_counter()
                _ask(asking, request)
                self.gets.append((perf_counter() - begun) * 1e6)


def connected(port: int) -> socket.socket:
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asking.connect(("127.0.0.1", port))
    asking.settimeout(5.0)
    return asking


def _ask(asking: socket.socket, request: bytes) -> float:
    """The number at the end of the answer."""
    asking.send(request)
    (value,) = struct.unpack(">f", asking.recv(1024)[-4:])
    return float(value)


def dropped(port: int) -> int:
    """How many datagrams the system could not give to the socket on ``port``, as Linux counts them."""
    for line in Path("/proc/net/udp").read_text().splitlines()[1:]:
        words = line.split()
        if int(words[1].rpartition(":")[2], 16) == port:
            return int(words[-1])
    raise RuntimeError(f"nobody listens on {port}")


def flood(head: Head, port: int, rate: float, seconds: float) -> None:
    """Send, and print how many were sent and how long that took."""
    heads, number_of = [head(number) for number in range(CHANNELS)], struct.Struct(">f").pack
    total, sent = int(rate * seconds), 0
    with connected(port) as sender:
        send, begun = sender.send, perf_counter()
        while sent < total:
            due = min(total, int((perf_counter() - begun) * rate) + 1)
            while sent < due:
                send(heads[sent % CHANNELS] + number_of(sent // CHANNELS))
                sent += 1
        print(sent, perf_counter() - begun)


def told_sets(servers: list[Server], seconds: float, rounds: int) -> None:
    for rate in RATES:
        for server in servers:
            measured = [server.flooded(rate, seconds) for _ in range(rounds)]
            reached, lost, wrong = (median(column) for column in zip(*measured, strict=True))
            worst = max(share for _, share, _ in measured)
            print(
                f"{server.name:8} {reached:8.0f} sets/s, lost {lost:.4%} (worst {worst:.4%}), "
                f"channels wrong {wrong:g}, goal {GOAL_RATE} under {GOAL_LOST:.1%}"
            )


def told_gets(servers: list[Server], rounds: int) -> None:
    chance = random.Random(5)
    for _ in range(rounds):
        for server in servers:
            server.ask(chance)
    for server in servers:
        print(
            f"{server.name:8} get: median {median(server.gets):.0f} us, p99 {quantiles(server.gets, n=100)[98]:.0f} us"
        )
    if len(servers) > 1:
        ratio = median(servers[0].gets) / median(servers[1].gets)
        print(f"a get of csoundd takes {ratio:.2f} times as long as one of scsynth, goal {GOAL_GET}")


def main(arguments: list[str]) -> None:
    if arguments[:1] in (["--channels"], ["--buses"]):
        head = set_bus if arguments[0] == "--buses" else set_channel
        flood(head, int(arguments[1]), float(arguments[2]), float(arguments[3]))
        return
    seconds = float(arguments[0]) if arguments else 3.0
    rounds = int(arguments[1]) if len(arguments) > 1 else 3
    with ExitStack() as stack:
        served = stack.enter_context(daemon("--no-mdns"))
        client = RawClient(served.port)
        client.call("csound.compileOrc", SILENCE)
        client.call("thread.play")
        client.close()
        servers = [Server("csoundd", served.osc_port, set_channel, get_channel)]
        try:
            servers.append(Server("scsynth", stack.enter_context(scsynth()), set_bus, get_bus))
        except Absent as absent:
            print(f"csoundd is measured alone: {absent}")
        told_sets(servers, seconds, rounds)
        told_gets(servers, rounds)


if __name__ == "__main__":
    main(sys.argv[1:])
