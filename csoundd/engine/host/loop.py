"""The host's loop: wait for commands until the next deadline, run them at a cycle edge, perform, publish."""

from __future__ import annotations

import select
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count
from math import inf
from time import monotonic
from typing import Final

from csoundd.api import METHODS
from csoundd.engine.host.calls import Calls, Deferred
from csoundd.engine.host.output import Output
from csoundd.engine.host.performer import Performer
from csoundd.engine.host.pollers import Pollers, SharedChannels
from csoundd.engine.host.scheduler import Scheduler
from csoundd.engine.host.snapshots import Snapshots
from csoundd.engine.link.memory import Field, Ring
from csoundd.engine.link.protocol import HostEnd, encode_outcome
from csoundd.errors import Cancelled
from csoundd.limits import CALL_LINES, QUOTED_LINES
from csoundd.messages import Command, Frames, Outcome, Seconds

REASONED: Final = frozenset(
    f"csound.{name}"
    for name in ("compileOrc", "compileOrcAsync", "compileCsd", "compileCsdText", "compileCommandLine", "start")
)
"""The methods whose result is a code, 0 for success: with any other comes what Csound printed over the call."""

RUN_CODE: Final = frozenset(method.name for method in METHODS.values() if method.spec.journal == "code")
"""The methods that run code of the orchestra, which may change any table."""


class Loop:
    """One thread, one ``select``, at most one ``recv`` a turn."""

    def __init__(
        self,
        link: HostEnd,
        ring: Ring,
        performer: Performer,
        output: Output,
        calls: Calls,
        pollers: Pollers,
        shared: SharedChannels,
        snapshots: Snapshots,
    ) -> None:
        self._link, self._header, self._performer, self._output = link, ring.header, performer, output
        self._calls, self._pollers, self._shared, self._snapshots = calls, pollers, shared, snapshots
        self._scheduler = Scheduler(performer, calls, self._answer)
        self._waiting: dict[int, tuple[Command, Deferred]] = {}
        self._sleepers: list[tuple[float, int, Deferred]] = []
        self._sleeper_numbers = count()
        self._closing = False
        self._performing: str | None = None
        """The session that has called csound.perform last."""
        self._called = self._ran_code = False
        """Whether a call has run since the last snapshot, and whether one ran code: that may change any table."""

    def run(self) -> None:
        """Serve until the front says close or is gone."""
        with suppress(EOFError, BrokenPipeError, ConnectionResetError):
            self._link.flush()
            while not self._closing:
                self._turn()

    def _turn(self) -> None:  # noqa: C901, PLR0912 - what there is to do, in its order
        # Runs for every call and block: parts that have nothing to do are not called, which a glance at a field tells.
        link, performer, output, scheduler = self._link, self._performer, self._output, self._scheduler
        self._header[Field.TURN] += 1
        wait = self._wait()
        readable, _, _ = select.select(
            [link.socket], [link.socket] if link.blocked else [], [], None if wait == inf else wait
        )
        if readable:
            for number, command in link.receive():
                self._header[Field.ACCEPTED] = number
                if output.lines_waiting:
                    output.make_way()
                if command.at is None:
                    self._answer(number, command, self._calls.execute(number, command))
                else:
                    scheduler.add(number, command)
        while self._sleepers and self._sleepers[0][0] <= monotonic():
            heappop(self._sleepers)[2].resolve(None)
        if scheduler.waiting:
            scheduler.run_due(Frames(0))
        # What has been done is answered before the cycles, of which one may be the last.
        link.flush()
        if performer.state == "playing":
            performer.turn()
        if self._pollers.due and not output.busy:
            self._pollers.turn()
        if self._shared.readings:
            # Before the front hears of anything that has changed.
            self._shared.refresh()
        if output.dropped.counts or performer.backend.has_printed():
            output.tell_printed()
        if performer.capturing:
            output.tell_audio()
        if (
            (self._called or performer.cycle != self._snapshots.cycle)
            and monotonic() >= self._snapshots.due
            and not link.blocked
        ):
            self._snapshots.tell(called=self._called, every_table=self._ran_code)
            self._called = self._ran_code = False
        link.flush()

    def _wait(self) -> float:
        """Seconds until there is something to do, infinite where there is nothing but to wait for commands."""
        now, soonest, output = monotonic(), inf, self._output
        if self._performer.state == "playing":
            soonest = self._performer.wait(now)
        elif self._scheduler.waiting:
            soonest = self._scheduler.wait(now)
        if output.lines_waiting or output.dropped.counts or self._link.backlog:
            soonest = min(soonest, output.wait(now))
        if self._pollers.due and not output.busy:
            soonest = min(soonest, self._pollers.wait(now))
        if self._called:
            soonest = min(soonest, max(0.0, self._snapshots.due - now))
        if self._sleepers:
            soonest = min(soonest, max(0.0, self._sleepers[0][0] - now))
        return soonest

    def _answer(self, number: int, command: Command, outcome: Outcome | Deferred) -> None:
        printed: list[str] = []
        if self._performer.backend.has_printed():
            printed = self._output.tell_printed(CALL_LINES)
        if isinstance(outcome, Deferred):
            self._waiting[number] = command, outcome
            if command.method == "csound.perform":
                self._performing = command.session
            outcome.then(lambda value: self._answer(number, command, Outcome(value, receipt=self._calls.receipt())))
            return
        self._waiting.pop(number, None)
        self._called = True
        self._ran_code = self._ran_code or command.method in RUN_CODE
        if outcome.error is not None:
            self._output.explain(outcome.error)
        elif printed and command.method in REASONED and outcome.result != 0:
            outcome.messages = printed[-QUOTED_LINES:]
        self._link.send(encode_outcome(number, outcome))
        if command.at is not None:
            # It was run between two cycles, of which the next may be the last: it shall not be run again.
            self._link.flush()

    def sleep(self, seconds: Seconds) -> Deferred:
        """A deferred answer that comes after ``seconds``."""
        deferred = Deferred()
        heappush(self._sleepers, (monotonic() + seconds, next(self._sleeper_numbers), deferred))
        return deferred

    def cancel(self, numbers: list[int]) -> None:
        """Answer Cancelled to those of the calls ``numbers`` that wait: for their time, or for what they are about.

        The performance that a call waits for goes on. The other calls have been answered before.
        """
        for number in numbers:
            entry = self._scheduler.remove(number)
            if entry is not None:
                method = entry.command.method
            elif number in self._waiting:
                command, deferred = self._waiting.pop(number)
                deferred.drop()
                method = command.method
            else:
                continue
            self._link.send(encode_outcome(number, Outcome(error=Cancelled(f"{method} was cancelled"))))

    def release(self, session: str) -> None:
        """Nobody hears the answers to what ``session`` waits for, and what it performs is paused.

        What it has put off still runs at its time.
        """
        if session == self._performing:
            self._performer.abandon("the session that performed is over")
        self.cancel([number for number, (command, _) in self._waiting.items() if command.session == session])

    def cancel_scheduled(self) -> None:
        """Answer Cancelled to everything that still waits for its time."""
        for entry in self._scheduler.clear():
            error = Cancelled(f"{entry.command.method} was waiting when the engine was reset")
            self._link.send(encode_outcome(entry.number, Outcome(error=error)))

    def close(self) -> None:
        """End the loop after this turn."""
        self._closing = True
