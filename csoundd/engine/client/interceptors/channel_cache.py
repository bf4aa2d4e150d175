"""A control channel that is read again and again, alone: answered out of the shared values, without the host.

That is ``csound.controlChannel``, and ``channel.get`` of one name. A control channel changes only while the host
computes a cycle or runs a command, and the host brings the shared values up to date before it tells of either; so the
front can answer as the host would. A call goes to the host all the same when an earlier one of its session is still
there, for that one may change the channel, or when it has a time to wait for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from time import monotonic
from typing import Final

from csoundd.api.channels import is_glob
from csoundd.engine.client.engine import Engine
from csoundd.engine.client.interceptors import Call, Intercept, Interceptor
from csoundd.engine.link.memory import SharedValue
from csoundd.limits import CACHE_SECONDS, CACHED_READS, SHARED_CHANNELS
from csoundd.messages import Command, Done, Outcome, StateChanged

METHOD: Final = "csound.controlChannel"
FRIENDLY: Final = "channel.get"


class ChannelReadCache(Interceptor):
    """Answers reads of one engine's control channels."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._places: dict[str, int] = {}
        self._wanted: set[str] = set()
        self._reads: Counter[str] = Counter()
        self._until = 0.0
        self._epoch = engine.epoch
        engine.on(StateChanged, self._change)

    def intercepts(self) -> Mapping[str, Intercept]:
        """The two methods that read one channel."""
        return {METHOD: self._read, FRIENDLY: self._get}

    def _read(self, proceed: Call, command: Command, done: Done) -> None:
        """Answer ``csound.controlChannel`` now where that can be done, else have the host answer."""
        seen = self._seen(str(command.args[0]), command)
        if seen is None:
            proceed(command, done)
        else:
            done(Outcome([seen.value, 0], None, seen.receipt))

    def _get(self, proceed: Call, command: Command, done: Done) -> None:
        """The same for ``channel.get``."""
        name = command.args[0]
        seen = self._seen(name, command) if isinstance(name, str) and not is_glob(name) else None
        if seen is None:
            proceed(command, done)
        else:
            done(Outcome({name: seen.value}, None, seen.receipt))

    def _seen(self, name: str, command: Command) -> SharedValue | None:
        """The shared value of a channel, None where the host has to be asked.

        What the front sends for nobody in particular counts as sent by everybody: among it are values from OSC.
        """
        self._count(name)
        place, shared = self._places.get(name), self._engine.shared_values
        if place is None or shared is None or command.at is not None:
            return None
        waits = self._engine.may_wait_for(command.session) or self._engine.may_wait_for(None)
        return None if waits else shared.read(place)

    def _count(self, name: str) -> None:
        now = monotonic()
        if now >= self._until:
            self._turn_over(now)
        self._reads[name] += 1
        if self._reads[name] >= CACHED_READS and name not in self._wanted and len(self._wanted) < SHARED_CHANNELS:
            self._show(self._wanted | {name})

    def _turn_over(self, now: float) -> None:
        """Begin a new period; who was not read often in the last one gives up its place."""
        often = {name for name in self._wanted if self._reads[name] >= CACHED_READS}
        self._until = now + CACHE_SECONDS
        self._reads.clear()
        if often != self._wanted:
            self._show(often)

    def _show(self, names: set[str]) -> None:
        """Have the host show ``names``; until it says where, none is read."""
        self._wanted, self._places = names, {}
        self._engine.submit(Command("host.show", [sorted(names)]), partial(self._shown, names))

    def _shown(self, names: set[str], outcome: Outcome) -> None:
        if names is self._wanted and isinstance(outcome.result, list):
            self._places = {name: place for place, name in enumerate(outcome.result)}

    def _change(self, event: StateChanged) -> None:
        """After a reset, or in a new host, nothing is shown any more."""
        if event.epoch != self._epoch:
            self._epoch, self._wanted, self._places = event.epoch, set(), {}
            self._reads.clear()
