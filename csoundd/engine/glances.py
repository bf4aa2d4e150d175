"""``csound.controlChannel`` of a channel that is read again and again: answered out of the mirror, without the host.

A control channel changes only while the host computes a cycle or runs a command, and the host brings the mirror up to
date before it tells of either; so the front can answer as the host would. A call goes to the host all the same when
an earlier one of its session is still there, for that one may change the channel, or when it has a time to wait for.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from time import monotonic
from typing import Final, cast

from csoundd.engine.engine import Engine
from csoundd.engine.mirror import PLACES
from csoundd.messages import Changed, Command, Done, EngineEvent, Outcome, Seconds

METHOD: Final = "csound.controlChannel"

OFTEN: Final = 100
"""Reads within a PERIOD that make a channel worth a place in the mirror."""

PERIOD: Final = Seconds(10.0)


class Glances:
    """The reads of one engine's control channels."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._places: dict[str, int] = {}
        self._wanted: set[str] = set()
        self._reads: Counter[str] = Counter()
        self._until = 0.0
        self._epoch = engine.epoch
        engine.detours[METHOD] = self.read
        engine.listen(self._hear)

    def read(self, command: Command, done: Done) -> None:
        """Answer ``command`` now where that can be done, else have the host answer."""
        name = cast("str", command.args[0])
        self._count(name)
        place, mirror = self._places.get(name), self._engine.mirror
        if place is not None and mirror is not None and command.at is None:
            seen = None if self._engine.pending.concern(command.session) else mirror.read(place)
            if seen is not None:
                done(Outcome([seen.value, 0], None, seen.receipt))
                return
        self._engine.submit(command, done)

    def _count(self, name: str) -> None:
        now = monotonic()
        if now >= self._until:
            self._turn_over(now)
        self._reads[name] += 1
        if self._reads[name] >= OFTEN and name not in self._wanted and len(self._wanted) < PLACES:
            self._show(self._wanted | {name})

    def _turn_over(self, now: float) -> None:
        """Begin a new period; who was not read often in the last one gives up its place."""
        often = {name for name in self._wanted if self._reads[name] >= OFTEN}
        self._until = now + PERIOD
        self._reads.clear()
        if often != self._wanted:
            self._show(often)

    def _show(self, names: set[str]) -> None:
        """Have the host show ``names``; until it says where, none is read."""
        self._wanted, self._places = names, {}
        self._engine.submit(Command("host.show", [sorted(names)]), partial(self._shown, names))

    def _shown(self, names: set[str], outcome: Outcome) -> None:
        if names is self._wanted and outcome.error is None:
            self._places = {name: place for place, name in enumerate(cast("list[str]", outcome.result))}

    def _hear(self, event: EngineEvent) -> None:
        """After a reset, or in a new host, nothing is shown any more."""
        if isinstance(event, Changed) and event.epoch != self._epoch:
            self._epoch, self._wanted, self._places = event.epoch, set(), {}
            self._reads.clear()
