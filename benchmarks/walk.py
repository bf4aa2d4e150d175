"""The way of a call through the code: the modules and functions of csoundd that run for it, in front and host.

Three ways are walked: ``csound.setControlChannel`` over WebSocket until its reply, an OSC packet ``/chan/x 1``, and
``spout`` to a subscriber while the engine plays, for 0.15 s. Both processes run with a profile function that counts
calls while it is told to (``sys.setprofile``). Each way is walked several times, and only what ran every time counts,
as timers of the daemon run between. Where a walk takes 0.15 s, what runs in that time although nothing is asked
(timers, snapshots, the performance itself) is counted as well, and told beside it.
Run as ``python -m benchmarks.walk [--list] [ROUNDS]``.
"""

from __future__ import annotations

import argparse
import json
import mmap
import os
import socket
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Final

from benchmarks.daemon import Daemon, daemon
from benchmarks.pieces import PLAYED
from benchmarks.raw import RawClient

ROUNDS: Final = 7
IDLE, COUNT, TELL = 0, 1, 2
"""What the byte that both processes look at says."""

SETTLED: Final = 0.15
"""Seconds after which a packet that nobody answers has been dealt with, and within which a process tells."""

PACKET: Final = b"/chan/x\0,f\0\0\x3f\x80\0\0"

HOOK: Final = """
import json, mmap, os, sys

def install(folder):
    with open(os.path.join(folder, "told"), "r+b") as file:
        told = mmap.mmap(file.fileno(), 1)
    counts = {}

    def profile(frame, event, argument):
        if event != "call":
            return
        state = told[0]
        if state == 1:
            module = frame.f_globals.get("__name__", "")
            if module.startswith("csoundd.") or module.startswith("csoundd_client"):
                key = module + " " + frame.f_code.co_qualname
                counts[key] = counts.get(key, 0) + 1
        elif state == 2 and counts:
            path = os.path.join(folder, f"{os.getpid()}.json")
            with open(path + ".part", "w") as file:
                json.dump(counts, file)
            counts.clear()
            os.replace(path + ".part", path)

    sys.setprofile(profile)

if "CSOUNDD_WALK_FOLDER" in os.environ:
    install(os.environ["CSOUNDD_WALK_FOLDER"])
"""

Counts = dict[str, int]


class Walk:
    """Counts what runs in the processes of a daemon while something is done."""

    def __init__(self, folder: Path, served: Daemon, client: RawClient) -> None:
        self._folder, self._served, self._client = folder, served, client
        with (folder / "told").open("r+b") as file:
            self._told = mmap.mmap(file.fileno(), 1)

    def round(self, way: Callable[[], object]) -> list[Counts]:
        """What ran during ``way``: in the front, in the host."""
        self._told[0] = COUNT
        way()
        self._told[0] = TELL
        files = [self._folder / f"{pid}.json" for pid in self._served.pids]
        end = perf_counter() + SETTLED
        while not all(file.exists() for file in files) and perf_counter() < end:
            self._client.call("engine.sync")
        self._told[0] = IDLE
        told: list[Counts] = [json.loads(file.read_text()) if file.exists() else {} for file in files]
        for file in files:
            file.unlink(missing_ok=True)
        return told

    def rest(self, rounds: int) -> list[set[str]]:
        """What runs in front and host within SETTLED although nothing is asked."""
        walked = [self.round(lambda: sleep(SETTLED)) for _ in range(rounds)]
        return [set[str]().union(*(counts[number] for counts in walked)) for number in (0, 1)]

    def way(
        self, name: str, step: Callable[[], object], rounds: int, *, listed: bool, rest: list[set[str]] | None = None
    ) -> None:
        """Walk a way several times, and print what ran every time, and how much of it runs at ``rest`` as well."""
        walked = [self.round(step) for _ in range(rounds)]
        anyway = 0
        modules, functions = 0, 0
        lines = []
        for number, process in enumerate(("front", "host")):
            every = set.intersection(*(set(counts[number]) for counts in walked))
            names = {key.split(" ")[0] for key in every}
            calls = sum(min(counts[number][key] for counts in walked) for key in every)
            idle = every & rest[number] if rest else set[str]()
            anyway += len(idle)
            lines.append(f"  {process}: {len(names)} modules, {len(every)} functions, {calls} calls")
            if listed:
                for key in sorted(every):
                    mark = " (at rest too)" if key in idle else ""
                    lines.append(f"    {min(counts[number][key] for counts in walked):4} {key}{mark}")
            modules, functions = modules + len(names), functions + len(every)
        also = f", {anyway} of which run at rest too" if rest else ""
        print(f"{name}: {modules} modules, {functions} functions in both processes{also}")
        print("\n".join(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", dest="listed", help="name every function, with how often it ran")
    parser.add_argument("rounds", nargs="?", type=int, default=ROUNDS)
    told = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "told").write_bytes(b"\0")
        (folder / "sitecustomize.py").write_text(HOOK)
        os.environ["CSOUNDD_WALK_FOLDER"] = name
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [name, os.environ.get("PYTHONPATH", "")]))
        # The engine's process writes what it has counted outside of its workspace.
        unconfined = daemon("--drive", "clock", "--confine", "off")
        with unconfined as served, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            client = RawClient(served.port)
            walk = Walk(folder, served, client)

            def packet() -> None:
                sock.sendto(PACKET, ("127.0.0.1", served.osc_port))
                sleep(SETTLED)

            def call() -> None:
                client.call("csound.setControlChannel", "x", 1.0)

            call()
            walk.way("csound.setControlChannel", call, told.rounds, listed=told.listed)
            rest = walk.rest(told.rounds)
            packet()
            walk.way("OSC /chan/x 1", packet, told.rounds, listed=told.listed, rest=rest)
            client.call("csound.compileOrc", PLAYED)
            client.call("thread.play")
            rest = walk.rest(told.rounds)
            client.call("stream.subscribe", "spout")
            blocks = "blocks of spout for 0.15 s"
            walk.way(blocks, lambda: sleep(SETTLED), told.rounds, listed=told.listed, rest=rest)


if __name__ == "__main__":
    main()
