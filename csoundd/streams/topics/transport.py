"""Stage 5, topic ``transport``: whether it plays, where it is, and how hard the machine works."""

from __future__ import annotations

from csoundd.messages import EngineEvent, Tapped
from csoundd.streams.stream import Stream


class TransportStream(Stream):
    """The position at a rate, from a tap in the engine."""

    async def open(self) -> None:
        """Have the engine report."""
        await self.engine.tap(self.id, "transport", self.options)

    def close(self) -> None:
        """Have the engine report no longer."""
        self.engine.untap(self.id)

    def hear(self, event: EngineEvent) -> None:
        """Pass reports on."""
        if isinstance(event, Tapped):
            self.publish(event.sample, event.data)
