"""Stage 1, OSCQuery roster: keeps the tree like the engine's channels.

Whoever asks for a value has the channels listed at that moment; while a WebSocket is open, a tap tells of channels
that came and went. Without either the engine is left in peace.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol, cast

from csoundd.errors import CsounddError
from csoundd.messages import Changed, Command, Done, EngineEvent, Outcome, Seconds, Tapped
from csoundd.transport.oscquery.channels import Channel
from csoundd.transport.oscquery.tree import Changes, Tree

TAP: Final = "oscquery:channels"
RATE: Final = 4.0
"""How often a tap looks for new channels, in Hz."""

_DEADLINE: Final = Seconds(10.0)


class EnginePort(Protocol):
    """What is asked of the engine."""

    def call(self, command: Command, done: Done) -> None:
        """Have ``command`` run; ``done`` is told of its outcome exactly once."""

    async def tap(self, tap: str, kind: str, options: dict[str, object]) -> dict[str, object]:
        """Have ``kind`` delivered under the name ``tap``, also by the hosts that follow."""

    def untap(self, tap: str) -> None:
        """End what ``tap`` began."""

    def listen(self, listener: Callable[[EngineEvent], None]) -> None:
        """Let ``listener`` hear every event from now on."""


class Roster:
    """Keeps ``tree`` up to date. ``changed`` is told what changed, and whether the engine began anew meanwhile."""

    def __init__(self, engine: EnginePort, tree: Tree, changed: Callable[[Changes, bool], None]) -> None:
        self._engine = engine
        self._tree = tree
        self._changed = changed
        self._watchers = 0
        self._asked: asyncio.Future[None] | None = None
        self._tapping: asyncio.Task[None] | None = None
        self._epoch: int | None = None
        self._renewed = False
        engine.listen(self._hear)

    def close(self) -> None:
        """Let go of the engine."""
        if self._tapping is not None:
            self._tapping.cancel()
            self._engine.untap(TAP)

    async def refresh(self) -> None:
        """List the channels anew, with their values; those who ask at the same time are served by one listing.

        Without an engine the tree keeps what was there, and has no values.
        """
        self._ask()
        if self._asked is not None:
            await asyncio.shield(self._asked)

    def _ask(self) -> None:
        if self._asked is None:
            self._asked = asyncio.get_running_loop().create_future()
            self._engine.call(Command("channel.list", ["*"], deadline=_DEADLINE), self._listed)

    def watch(self) -> None:
        """Somebody wants to hear of changes."""
        self._watchers += 1
        if self._watchers == 1:
            self._tapping = asyncio.get_running_loop().create_task(self._tap())

    def unwatch(self) -> None:
        """Undo :meth:`watch`."""
        self._watchers -= 1
        if not self._watchers:
            self.close()
            self._tapping = None

    async def _tap(self) -> None:
        while True:
            try:
                await self._engine.tap(TAP, "channel-list", {"rate": RATE})
            except CsounddError:
                await asyncio.sleep(1.0 / RATE)
            else:
                return

    def _listed(self, outcome: Outcome) -> None:
        asked, self._asked = self._asked, None
        if outcome.error is None:
            renewed, self._renewed = self._renewed, False
            self._changed(self._tree.update(cast("list[Channel]", outcome.result)), renewed)
        else:
            self._tree.stale()
        if asked is not None:
            asked.set_result(None)

    def _hear(self, event: EngineEvent) -> None:
        match event:
            case Tapped(tap=tap) if tap == TAP:
                self._ask()
            case Changed(epoch=epoch):
                self._renewed = self._renewed or epoch != self._epoch
                self._epoch = epoch
