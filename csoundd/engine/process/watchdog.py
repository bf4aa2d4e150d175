"""Ends an engine that will not come back: one stuck in a command past its deadline, or in a cycle, or stopped.

A cycle may take long and come to its end: a note may load a large file, or fill a large table. What does so reads, or
touches memory that it has not touched before; a loop without end does neither. So a cycle that shows no such progress
is taken for endless much sooner.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from time import monotonic_ns
from typing import Final, Protocol

from csoundd.engine.link.memory import Field
from csoundd.engine.process.process import NANOSECONDS, Process
from csoundd.limits import CYCLE_SECONDS, FIRST_TOUCHED_PAGES, IDLE_CYCLE_SECONDS, STUCK_SECONDS, WATCHDOG_SECONDS
from csoundd.messages import Seconds

TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
"""How many units of the system's count of computing time make a second."""


class Calls(Protocol):
    """The calls that a host has been sent."""

    def method_of(self, number: int) -> str | None:
        """The method of a call in flight."""

    def expire(self) -> set[int]:
        """Answer Timeout to what is past its deadline, and have the host run it no more; returns the numbers."""


async def watch(calls: Calls, process: Process) -> None:
    """Look after ``process``, which runs ``calls``, until cancelled."""
    asked: tuple[int, int] | None = None
    progress = _Progress(process.pid)
    while True:
        await asyncio.sleep(WATCHDOG_SECONDS)
        header, now = process.ring.header, monotonic_ns()
        turn = int(header[Field.TURN])
        began, performing = int(header[Field.SINCE_NS]), bool(header[Field.PERFORMING])
        is_long = performing and now - began > NANOSECONDS
        computed = progress.computed_in_vain(began) if is_long else 0.0
        endless = is_long and (now - began > CYCLE_SECONDS * NANOSECONDS or computed > IDLE_CYCLE_SECONDS)
        if endless and asked is None:
            process.interrupt("a cycle did not end")
        if progress.stopped_for(now) > STUCK_SECONDS * NANOSECONDS:
            process.kill("it was stopped")
        if _expired(calls, process) or (endless and asked is None):
            asked = (turn, now)
        if asked is not None and turn != asked[0]:
            asked = None
        elif asked is not None and now - asked[1] > STUCK_SECONDS * NANOSECONDS:
            process.interrupt("it stopped answering")
            asked = (turn, now)


class _Progress:
    """The system's figures of a process: whether it is stopped, and what it has read and touched. Linux only."""

    def __init__(self, pid: int) -> None:
        self._stat, self._io = Path(f"/proc/{pid}/stat"), Path(f"/proc/{pid}/io")
        self._began = 0
        self._seen = (0, 0)
        self._computed = 0
        self._stopped_since: int | None = None

    def computed_in_vain(self, began: int) -> Seconds:
        """How long it has computed, in what ``began`` then, since it last read something or touched new memory.

        0 where the system does not tell.
        """
        try:
            fields = self._stat.read_text().rpartition(")")[2].split()
            read = int(self._io.read_text().split()[1])
            faults, computed = int(fields[7]) + int(fields[9]), int(fields[11]) + int(fields[12])
        except (OSError, ValueError, IndexError):
            return Seconds(0.0)
        before, self._seen = self._seen, (faults, read)
        if began != self._began or faults - before[0] > FIRST_TOUCHED_PAGES or read != before[1]:
            self._began, self._computed = began, computed
        return Seconds((computed - self._computed) / TICKS)

    def stopped_for(self, now: int) -> int:
        """For how many nanoseconds the process has been stopped by a signal."""
        try:
            stopped = self._stat.read_text().rpartition(")")[2].split()[0] in {"T", "t"}
        except (OSError, IndexError):
            stopped = False
        if not stopped:
            self._stopped_since = None
            return 0
        if self._stopped_since is None:
            self._stopped_since = now
        return now - self._stopped_since


def _expired(calls: Calls, process: Process) -> bool:
    """Time out what is past its deadline, and end an engine that is still at it. Whether to look for life."""
    running = int(process.ring.header[Field.RUNNING])
    method = calls.method_of(running)
    expired = calls.expire()
    if running in expired and method is not None:
        process.interrupt(f"it was stuck in {method} past the deadline")
    return bool(expired)
