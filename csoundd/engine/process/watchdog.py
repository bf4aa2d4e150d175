"""Ends an engine that will not come back: one stuck in a command past its deadline, or in a cycle, or stopped.

A host is judged by the time that it had itself: what it computed and what it slept, and not what it waited for a
processor. On a busy machine that may be a tenth of what the clock on the wall says.

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

from csoundd.engine.link.memory import Field, Ring
from csoundd.limits import (
    CYCLE_SECONDS,
    FIRST_TOUCHED_PAGES,
    IDLE_CYCLE_SECONDS,
    LONGEST_LOOK_SECONDS,
    STUCK_SECONDS,
    SUDDEN_CALL_SECONDS,
    WATCHDOG_SECONDS,
)
from csoundd.messages import Command, Seconds

NANOSECONDS: Final = 1_000_000_000
TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
"""How many units of the system's count of computing time make a second."""

READY: Final = "R"
"""The state of a thread that computes, or would if it had a processor."""

STOPPED: Final = frozenset("Tt")
"""The states of one that a signal, or a debugger, has stopped."""


class Calls(Protocol):
    """The calls that a host has been sent."""

    def expire(self) -> set[int]:
        """Answer Timeout to what is past its deadline, and have the host run it no more; returns the numbers."""

    def overdue(self, number: int) -> Command | None:
        """The call ``number`` if it is past its deadline, and the host has not answered it."""


class Watched(Protocol):
    """A host."""

    @property
    def pid(self) -> int:
        """Its process."""

    @property
    def ring(self) -> Ring:
        """The memory in which it shows what it does."""

    def interrupt(self, reason: str) -> None:
        """End the engine now, or, where that was tried before, the host with it."""

    def kill(self, reason: str, *, stopped: bool = False) -> None:
        """End the host now. ``stopped``: somebody has stopped it, so what it did is not to blame."""


async def watch(calls: Calls, process: Watched) -> None:
    """Look after ``process``, which runs ``calls``, until cancelled."""
    watchdog = Watchdog(calls, process)
    while True:
        await asyncio.sleep(WATCHDOG_SECONDS)
        watchdog.look(monotonic_ns())


class Watchdog:
    """Judges a host by what is seen of it, look by look. ``figures`` is where the system shows those of a process."""

    def __init__(self, calls: Calls, process: Watched, figures: Path | None = None) -> None:
        self._calls, self._process = calls, process
        self._figures = Figures(Path(f"/proc/{process.pid}") if figures is None else figures)
        self._began = 0
        """When what the host does began, by the clock that it shares with the front."""
        self._own_before = Seconds(0.0)
        """How much time the host had had by then."""
        self._asked: tuple[int, Seconds] | None = None
        """The turn in which the host was asked to turn its loop, and how much time it had had by then."""
        self._interrupted: tuple[int, int, Seconds] | None = None
        """What it did when it was interrupted, in which turn, and how much time it had had by then."""

    def look(self, now: int) -> None:
        """Take a look at the monotonic nanoseconds ``now``, and end what will not come back."""
        process, figures = self._process, self._figures
        before = figures.own
        figures.look(now)
        own = figures.own
        if figures.stopped_for(now) > STUCK_SECONDS:
            process.kill("it was stopped", stopped=True)
            return
        began, turn = int(process.ring.header[Field.SINCE_NS]), int(process.ring.header[Field.TURN])
        if began != self._began:
            # It had no more of the time since the last look than has gone by since it began this.
            self._began, self._own_before = began, Seconds(max(before, own - max(0, now - began) / NANOSECONDS))
        expired = self._calls.expire()
        if self._asked is not None and turn != self._asked[0]:
            self._asked = None
        elif self._asked is None and expired:
            self._asked = (turn, own)
        if self._interrupted is not None and self._interrupted[:2] != (began, turn):
            self._interrupted = None
        reason = self._hang(own)
        if reason is not None:
            process.interrupt(reason)
            self._interrupted = (began, turn, own)

    def _hang(self, own: Seconds) -> str | None:
        """Why the host will not come back, None while it may."""
        if self._interrupted is not None:
            return "it stopped answering" if own - self._interrupted[2] > STUCK_SECONDS else None
        header, spent = self._process.ring.header, own - self._own_before
        running, performing = int(header[Field.RUNNING]), bool(header[Field.PERFORMING])
        call = self._calls.overdue(running) if running else None
        if call is not None and spent > max(call.deadline or 0.0, SUDDEN_CALL_SECONDS):
            return f"it was stuck in {call.method} past the deadline"
        if performing and spent > 1.0:
            computed = self._figures.computed_in_vain(self._began)
            if spent > CYCLE_SECONDS or computed > IDLE_CYCLE_SECONDS:
                return "a cycle did not end"
        if not running and not performing and self._asked is not None and own - self._asked[1] > STUCK_SECONDS:
            return "it stopped answering"
        return None


class Figures:
    """The system's figures of a process, from ``folder``: of its first thread, which is that of the performance.

    Where the system shows none, its own time is that of the clock on the wall.
    """

    def __init__(self, folder: Path) -> None:
        self._stat, self._io, self._scheduled = folder / "stat", folder / "io", folder / "schedstat"
        self.own = Seconds(0.0)
        """How much time it had since the first look: what it computed, and what it slept."""
        self._looked: int | None = None
        self._state = ""
        self._faults = 0
        self._computed = self._waited = Seconds(0.0)
        self._stopped_since: int | None = None
        self._began = 0
        self._progress = (0, 0)
        self._idle_from = Seconds(0.0)

    def look(self, now: int) -> None:
        """Count what it had since the last look."""
        computed, waited = self._computed, self._waited
        is_first = self._looked is None
        # For as long as nobody looked, the front may have been stopped, and the host with it.
        elapsed = min((now - (self._looked or now)) / NANOSECONDS, LONGEST_LOOK_SECONDS)
        self._looked = now
        if not self._read():
            self.own = Seconds(self.own + elapsed)
        elif not is_first:
            had = self._computed - computed
            if self._state != READY:
                # It sleeps, but it may not have done so all the time.
                had = max(had, elapsed - (self._waited - waited))
            self.own = Seconds(self.own + min(had, elapsed))
        if self._state not in STOPPED:
            self._stopped_since = None
        elif self._stopped_since is None:
            self._stopped_since = now

    def stopped_for(self, now: int) -> Seconds:
        """For how long it has been stopped by a signal, at a look ``now``."""
        return Seconds(0.0 if self._stopped_since is None else (now - self._stopped_since) / NANOSECONDS)

    def computed_in_vain(self, began: int) -> Seconds:
        """How long it has computed, in what ``began`` then, since it last read something or touched new memory.

        0 where the system does not tell.
        """
        try:
            read = int(self._io.read_text().split()[1])
        except (OSError, ValueError, IndexError):
            return Seconds(0.0)
        (faults, was_read), self._progress = self._progress, (self._faults, read)
        if began != self._began or self._faults - faults > FIRST_TOUCHED_PAGES or read != was_read:
            self._began, self._idle_from = began, self._computed
        return Seconds(self._computed - self._idle_from)

    def _read(self) -> bool:
        """Take over what the system shows; whether it shows anything."""
        try:
            fields = self._stat.read_text().rpartition(")")[2].split()
            self._state, self._faults = fields[0], int(fields[7]) + int(fields[9])
            self._computed = Seconds((int(fields[11]) + int(fields[12])) / TICKS)
        except (OSError, ValueError, IndexError):
            self._state = ""
            return False
        try:
            computed, waited, _ = map(int, self._scheduled.read_text().split())
        except (OSError, ValueError):
            computed = waited = 0
        # A kernel that does not count this shows no file, or zeros: what is counted above is that of all threads.
        if computed:
            self._computed, self._waited = Seconds(computed / NANOSECONDS), Seconds(waited / NANOSECONDS)
        return True
