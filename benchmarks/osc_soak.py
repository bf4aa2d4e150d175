"""A million random and damaged OSC packets into a daemon that plays: what they do to it.

They come over UDP from 256 addresses that prove nothing, where this machine has an address beside 127.0.0.1 to send
from, and may play and control. After every 200 packets a ``/sync`` from elsewhere is waited for, so that none is lost
at the socket. Told are the tracebacks in the log, the most that any address was sent for each byte it had sent, the
memory of both processes after a tenth and at the end, and the share of cycles that were late, against that at rest.
The packets are the same every time. Left out of what they are made from is what would end the sound, a stop or a reset,
and ``/note``, which holds a note for each id that it is given. Run as ``python -m benchmarks.osc_soak [PACKETS]``.
"""

from __future__ import annotations

import random
import select
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Final

from benchmarks.daemon import Daemon, daemon
from benchmarks.load import measured
from benchmarks.pieces import PLAYED
from benchmarks.raw import RawClient
from csoundd.api import METHODS
from csoundd.codec.osc import int32, message
from csoundd.contract.reference import COMMANDS
from tests.osc.damage import packets, seeds

PACKETS: Final = 1_000_000
ADDRESSES: Final = 256
BURST: Final = 200
AMPLIFICATION: Final = 4
REST_SECONDS: Final = 20.0
TROUBLE: Final = ("Traceback", "never retrieved", "Exception ")
OWN: Final = tuple(declared.address.path for declared in COMMANDS if declared.address.path != "/note")
ENDS: Final = {
    *("thread." + name for name in ("stop", "pause", "togglePause", "setEndMarker", "setScoreOffsetSeconds")),
    *("csound." + name for name in ("reset", "setScoreOffsetSeconds", "rewindScore", "setScorePending", "stop")),
    *("engine." + name for name in ("restart", "drive", "panic")),
}
"""What ends the sound, or moves it."""


@dataclass
class Attacker:
    """One address that packets come from, and what it was sent."""

    socket: socket.socket
    sent: int = 0
    received: int = 0

    def send(self, packet: bytes) -> None:
        """Send a packet and count its bytes."""
        self.socket.send(packet)
        self.sent += len(packet)

    def read(self) -> None:
        """Take what has come."""
        while True:
            try:
                self.received += len(self.socket.recv(65536))
            except OSError:
                return


def outward() -> str:
    """An address of this machine that is not the loopback's, empty where there is none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
        except OSError:
            return ""
        address: str = probe.getsockname()[0]
        return "" if address.startswith("127.") else address


def attackers(host: str, port: int) -> Iterator[Attacker]:
    for _ in range(ADDRESSES):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.bind((host, 0))
        sender.connect((host, port))
        sender.setblocking(False)  # noqa: FBT003 - the socket module takes it so
        yield Attacker(sender)


class Soak:
    """The packets on their way to ``served``."""

    def __init__(self, served: Daemon, host: str, client: RawClient) -> None:
        self._served, self._client = served, client
        self.attackers = list(attackers(host, served.osc_port))
        self._by_file = {attacker.socket: attacker for attacker in self.attackers}
        self._sync = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sync.connect(("127.0.0.1", served.osc_port))
        self._sync.settimeout(20.0)
        addresses = ["/" + name.replace(".", "/", 1) for name in METHODS if name not in ENDS]
        self._packets = packets(random.Random(5), seeds([*addresses, *OWN]))
        self.count = 0

    def run(self, count: int) -> None:
        """Send the next ``count`` packets."""
        ends = self.count + count
        while self.count < ends:
            for packet in islice(self._packets, min(BURST, ends - self.count)):
                self.attackers[self.count % ADDRESSES].send(packet)
                self.count += 1
            self._settle()

    def _settle(self) -> None:
        self._sync.send(message("/sync", int32(self.count % 2**31)))
        self._sync.recv(1024)
        for sock in select.select(self._by_file, [], [], 0)[0]:
            self._by_file[sock].read()

    def worst(self) -> float:
        """The most bytes that an address was sent for each of its own."""
        for attacker in self.attackers:
            attacker.read()
        return max(attacker.received / attacker.sent for attacker in self.attackers)

    def close(self) -> None:
        """Hang up."""
        for attacker in self.attackers:
            attacker.socket.close()
        self._sync.close()


def soaked(served: Daemon, host: str, client: RawClient, count: int) -> None:
    soak = Soak(served, host, client)
    rest = measured(client, lambda: sleep(REST_SECONDS))
    soak.run(count // 10)
    before, begun = served.proportional_mib(), perf_counter()
    late = measured(client, lambda: soak.run(count - count // 10))
    rate, after = (count - count // 10) / (perf_counter() - begun), served.proportional_mib()
    print(f"{soak.count} packets from {host}, {rate:.0f} a second; the engine is {state(client)}")
    print(f"bytes sent to an address for each of its own: {soak.worst():.2f} at most, goal {AMPLIFICATION}")
    for name, one, other in zip(("front", "host"), before, after, strict=True):
        print(f"memory of the {name}: {one:.1f} MiB after a tenth, {other:.1f} MiB at the end")
    ratio = f"{late / rest:.1f} times" if rest else "there was none at rest"
    print(f"late cycles: {late * 1000:.2f} in 1,000, at rest {rest * 1000:.2f}: {ratio}")
    soak.close()


def state(client: RawClient) -> object:
    info = client.call("engine.info")
    assert isinstance(info, dict)
    return f"{info['state']}, epoch {info['epoch']}"


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else PACKETS
    host = outward()
    if not host:
        print("this machine has no address but the loopback's, from where every sender is proven")
    words = ["--no-mdns", "--osc-host", "0.0.0.0", "--insecure", "--osc-allow", f"{host or '127.0.0.1'}/32=control"]
    with TemporaryDirectory() as folder, ExitStack() as stack:
        log = Path(folder) / "log.txt"
        served = stack.enter_context(daemon(*words, log=log))
        client = RawClient(served.port)
        client.call("csound.compileOrc", PLAYED)
        client.call("thread.play")
        soaked(served, host or "127.0.0.1", client, count)
        client.close()
        lines = log.read_text(errors="replace").splitlines()
        trouble = [line for line in lines if any(word in line for word in TROUBLE)]
        print(f"tracebacks in the log: {len(trouble)}", *trouble[:5], sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
