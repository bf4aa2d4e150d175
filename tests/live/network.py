"""Two machines with a cable between them: network namespaces of Linux, which only root may make."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

TOOLS: Final = ("unshare", "nsenter", "ip")
ADDRESSES: Final = ("10.77.0.1", "10.77.0.2")
CABLE: Final = "cable0"


@dataclass(frozen=True)
class Machine:
    """A network of its own, for as long as the process ``pid`` lives."""

    pid: int
    address: str

    @property
    def prefix(self) -> list[str]:
        """The words before a command that is to run there."""
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", "--"]

    def run(self, *words: str) -> None:
        """Run a command there to its end."""
        subprocess.run([*self.prefix, *words], check=True, capture_output=True, timeout=30)


def why_not() -> str | None:
    """Why there can be no such machines here, None where there can."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if sys.platform != "linux" or missing:
        return f"there are no network namespaces without {', '.join(missing) or 'Linux'}"
    tried = subprocess.run(
        ["unshare", "--net", "ip", "link", "add", CABLE, "type", "veth"], capture_output=True, text=True, check=False
    )
    return None if tried.returncode == 0 else f"network namespaces cannot be made: {tried.stderr.strip()}"


@contextmanager
def two_machines() -> Iterator[tuple[Machine, Machine]]:
    """Both, connected. Whatever runs there has to end before they do."""
    with ExitStack() as stack:
        one, other = (Machine(stack.enter_context(_alone()), address) for address in ADDRESSES)
        one.run("ip", "link", "add", CABLE, "type", "veth", "peer", "name", CABLE, "netns", str(other.pid))
        for machine in (one, other):
            machine.run("ip", "address", "add", f"{machine.address}/24", "dev", CABLE)
            for link in ("lo", CABLE):
                machine.run("ip", "link", "set", link, "up")
        yield one, other


@contextmanager
def _alone() -> Iterator[int]:
    """The process id of a process in a network of its own."""
    words = ["unshare", "--net", "sh", "-c", "echo; exec cat"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"\n"
        try:
            yield holder.pid
        finally:
            holder.kill()
