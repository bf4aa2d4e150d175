"""Stage 5, topic ``audio-channel``: the samples of one audio channel, a cycle in each frame."""

from __future__ import annotations

from csoundd.messages import EngineEvent, Tapped
from csoundd.streams.stream import Stream


class AudioChannelStream(Stream):
    """One audio channel, from a tap in the engine."""

    policy = "audio"

    async def open(self) -> None:
        """Have the engine deliver the channel; raises NotFound where it is not there."""
        await self.engine.tap(self.id, "audio-channel", self.options)

    def close(self) -> None:
        """Have the engine deliver it no longer."""
        self.engine.untap(self.id)

    def hear(self, event: EngineEvent) -> None:
        """Pass samples on."""
        if isinstance(event, Tapped):
            self.seq += event.lost
            self.publish(event.sample, event.data)
