"""A daemon of a benchmark's own, in child processes, and what the system says of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, cast

from benchmarks.raw import RawClient
from csoundd.transport.certificates import Authority

PORTS: Final = ("--port", "--osc-port", "--osc-tcp-port", "--oscquery-port")
TICKS: Final = os.sysconf("SC_CLK_TCK")
MIB: Final = 1024
GRACE: Final = 10.0
"""Seconds that a daemon has for its end."""


@dataclass(frozen=True, slots=True)
class Daemon:
    """Where a daemon is reached and which processes it is: the front first, then the engine's host."""

    port: int
    osc_port: int
    osc_tcp_port: int
    scheduling: str
    pids: tuple[int, int]
    tls: bool = False
    """Whether HTTP and WebSocket are encrypted."""

    def cpu_seconds(self) -> list[float]:
        """The CPU time that each process has used so far."""
        return [_cpu_seconds(pid) for pid in self.pids]

    def proportional_mib(self) -> list[float]:
        """The memory of each process, shared pages counted by their share."""
        return [_proportional_mib(pid) for pid in self.pids]


@contextmanager
def daemon(*arguments: str, log: Path = Path(os.devnull), tls: bool = False) -> Iterator[Daemon]:
    """A daemon on free ports with ``arguments`` behind ``csoundd serve``, as long as the block lasts.

    What it writes to stderr goes to ``log``. With ``tls`` it has a certificate of an authority of its own.
    """
    ports = [word for name in PORTS for word in (name, "0")]
    with TemporaryDirectory() as workspace, TemporaryDirectory() as keys, log.open("wb") as said:
        if tls:
            authority = Authority(Path(keys), lambda: ["127.0.0.1"])
            arguments += ("--tls-cert", str(authority.leaf), "--tls-key", str(authority.leaf_key))
        command = [
            sys.executable,
            "-m",
            "csoundd",
            "serve",
            *ports,
            "--no-autoplay",
            "--no-state",
            "--workspace",
            workspace,
            *arguments,
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True) as process:
            try:
                yield _found(process, tls=tls)
            finally:
                process.terminate()
                try:
                    process.wait(GRACE)
                except subprocess.TimeoutExpired:
                    process.kill()


def _found(process: subprocess.Popen[str], *, tls: bool) -> Daemon:
    assert process.stdout is not None
    line = process.stdout.readline()
    ready = re.search(r"http=\S+:(\d+) osc=udp:[^,]+:(\d+),tcp:\S+:(\d+)", line)
    if ready is None:
        raise RuntimeError(f"the daemon did not start: {line}")
    client = RawClient(int(ready[1]), tls=tls)
    info = cast("dict[str, object]", client.call("engine.info"))
    client.close()
    ports = int(ready[1]), int(ready[2]), int(ready[3])
    return Daemon(*ports, str(info["scheduling"]), (process.pid, cast("int", info["pid"])), tls)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _proportional_mib(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / MIB
