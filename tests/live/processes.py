"""Processes as the system describes them in /proc."""

from __future__ import annotations

import os
import select
from dataclasses import dataclass
from pathlib import Path

SHARED = "/dev/shm/"


@dataclass(frozen=True)
class Process:
    """A process that cannot be mistaken for a later one of the same number."""

    pid: int
    started: str

    @property
    def lives(self) -> bool:
        return started(self.pid) == self.started

    def ends(self, within: float) -> bool:
        """Whether it has ended, or does ``within`` so many seconds. One that nobody has reaped yet has ended."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            return not self.lives or bool(select.select([descriptor], [], [], within)[0])
        finally:
            os.close(descriptor)


def started(pid: int) -> str | None:
    """When ``pid`` began, None where there is no such process."""
    fields = _fields(pid)
    return fields[19] if fields else None


def descendants(pid: int) -> list[Process]:
    """The children of ``pid`` and all of theirs."""
    parents = {int(path.name): _fields(int(path.name)) for path in Path("/proc").glob("[0-9]*")}
    found, waiting = [], [pid]
    while waiting:
        parent = str(waiting.pop())
        for child, fields in parents.items():
            if fields and fields[1] == parent:
                found.append(Process(child, fields[19]))
                waiting.append(child)
    return found


def named_memory(pid: int) -> set[Path]:
    """The shared memory with a name in the system that ``pid`` has mapped."""
    try:
        maps = Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return set()
    paths = (line.split(maxsplit=5)[5:] for line in maps.splitlines())
    return {Path(path[0]) for path in paths if path and path[0].startswith(SHARED)}


def _fields(pid: int) -> list[str]:
    """The fields of ``stat`` from the state on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
