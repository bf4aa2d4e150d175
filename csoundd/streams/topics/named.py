"""Stage 5, topics ``pvs`` and ``array``: one channel by its name, from a tap in the engine."""

from __future__ import annotations

from csoundd.messages import EngineEvent, Tapped
from csoundd.streams.stream import Stream


class NamedChannelStream(Stream):
    """What a channel holds, whenever that is new; a slow client gets the latest."""

    async def open(self) -> None:
        """Have the engine deliver the channel; raises NotFound where it is not there."""
        await self.engine.tap(self.id, self.topic, self.options)

    def close(self) -> None:
        """Have the engine deliver it no longer."""
        self.engine.untap(self.id)

    def hear(self, event: EngineEvent) -> None:
        """Pass it on."""
        if isinstance(event, Tapped):
            self.seq += event.lost
            self.publish(event.sample, event.data)
