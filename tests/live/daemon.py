"""A daemon in a process of its own, started by its command line and looked at from outside."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from tests.live import leaks
from tests.live.processes import Process, descendants, named_memory

PATIENCE = 20.0
"""Seconds that anything may take before a test gives up on it."""

ORPHANED_SECONDS = 5.0
"""Seconds that the system may take to end what has lost its parent."""

ROOT = Path(__file__).parents[2]
FREE_PORTS = ("--port", "0", "--osc-port", "0", "--osc-tcp-port", "0", "--oscquery-port", "0")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The test's own, without settings for csoundd in it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CSOUNDD_")}
    sources = [str(ROOT), str(ROOT / "clients" / "python"), inherited.get("PYTHONPATH", "")]
    ours = {"LIBCSOUND_INSTALL": "0", "PYTHONPATH": os.pathsep.join(filter(None, sources)), "COLUMNS": "200"}
    # A daemon of a test is not to go on with what another one played.
    ours["CSOUNDD_NO_STATE"] = "1"
    # Nor is a render to be what an earlier run of the tests has left.
    ours["CSOUNDD_NO_CACHE"] = "1"
    return inherited | ours | dict(extra or {})


def command(*words: str | Path) -> list[str]:
    """The words of a csoundd command."""
    return [sys.executable, "-m", "csoundd", *map(str, words)]


def finished(
    *words: str | Path, folder: Path, extra: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A csoundd command that has come to its end."""
    return subprocess.run(
        command(*words),
        cwd=folder,
        env=environment(extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


class Daemon:
    """``csoundd serve`` in ``folder``, which is also its workspace unless the arguments say otherwise.

    It does not play by itself unless they say so: the API is tested as it is. ``prefix`` are words before its command.
    """

    def __init__(
        self,
        folder: Path,
        *arguments: str | Path,
        extra: Mapping[str, str] | None = None,
        prefix: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        leaks.note_workspace(folder)
        self._stderr = folder / "stderr.txt"
        with self._stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                [*prefix, *command("serve", *FREE_PORTS, "--no-autoplay", *arguments)],
                cwd=folder,
                env=environment(extra),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                bufsize=0,
            )
        self.ready = ""
        self.family: list[Process] = []
        self._memory: set[Path] = set()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def http(self) -> str:
        """Where it serves, as host:port."""
        return self._places["http"]

    @property
    def osc_port(self) -> int:
        """The port of OSC over UDP."""
        return self._osc_ports["udp"]

    @property
    def osc_tcp_port(self) -> int:
        """The port of OSC over TCP."""
        return self._osc_ports["tcp"]

    @property
    def oscquery_port(self) -> int:
        return int(self._places["oscquery"].rpartition(":")[2])

    @property
    def _places(self) -> dict[str, str]:
        return dict(word.split("=", 1) for word in self.ready.split() if "=" in word)

    @property
    def _osc_ports(self) -> dict[str, int]:
        ways = (way.split(":", 1) for way in self._places["osc"].split(","))
        return {kind: int(address.rpartition(":")[2]) for kind, address in ways}

    @property
    def port(self) -> int:
        return int(self.http.rpartition(":")[2])

    @property
    def url(self) -> str:
        return f"ws://{self.http}/ws"

    def errors(self) -> str:
        """What it has written to stderr so far."""
        return self._stderr.read_text(errors="replace")

    def wait_until_ready(self, patience: float = PATIENCE) -> None:
        """Read the ready line."""
        assert self.process.stdout is not None
        line, deadline = b"", monotonic() + patience
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([self.process.stdout], [], [], deadline - monotonic())
            byte = os.read(self.process.stdout.fileno(), 1) if readable else b""
            assert byte, f"no ready line after {line!r}; on stderr: {self.errors()}"
            line += byte
        self.ready = line.decode()

    def terminate(self) -> float:
        """Send SIGTERM and wait for the end; how many seconds that took."""
        self.note_family()
        begun = monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        return monotonic() - begun

    def note_family(self) -> None:
        """Remember what processes and shared memory there are now, to look for them at the end."""
        self.family = descendants(self.pid)
        self._memory = set().union(*(named_memory(pid) for pid in [self.pid, *(child.pid for child in self.family)]))

    def assert_gone(self) -> None:
        """Nothing may be left of it, and nothing but the ready line was ever on its stdout."""
        assert self.process.stdout is not None
        assert self.process.returncode == 0, self.errors()
        # The system ends those whose parent was the daemon a moment after it.
        assert [child for child in self.family if not child.ends(within=ORPHANED_SECONDS)] == []
        assert [path for path in self._memory if path.exists()] == []
        assert self.process.stdout.read() == b""

    def close(self) -> None:
        """End it by force where it still runs, and look through its log."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()
        leaks.check_log(self.errors())


@contextmanager
def serving(
    folder: Path, *arguments: str | Path, extra: Mapping[str, str] | None = None, prefix: Sequence[str] = ()
) -> Iterator[Daemon]:
    """A daemon that is ready; at the end it is asked to go, and must leave nothing."""
    daemon = Daemon(folder, *arguments, extra=extra, prefix=prefix)
    try:
        daemon.wait_until_ready()
        yield daemon
        if daemon.process.poll() is None:
            figures = leaks.metrics_of(daemon.http)
            leaks.check_reply(figures, "/metrics")
            daemon.terminate()
        daemon.assert_gone()
    finally:
        daemon.close()
