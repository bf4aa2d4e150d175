"""Stage 5, topic ``transport``: whether it plays, where it is, and how hard the machine works."""

from __future__ import annotations

from csoundd.messages import EngineEvent, StreamFrame, Tapped
from csoundd.streams.stream import Stream, Subscriber


class TransportStream(Stream):
    """The position at a rate, from a tap in the engine. Who comes between two reports gets the last one at once."""

    _last: Tapped | None = None
    _epoch = 0

    async def open(self) -> None:
        """Have the engine report."""
        await self.engine.tap(self.id, "transport", self.options)

    def close(self) -> None:
        """Have the engine report no longer."""
        self.engine.untap(self.id)

    def catch_up(self, subscriber: Subscriber) -> None:
        """The last report, under its own number, unless it was about another engine."""
        if self._last is not None and self._epoch == self.engine.epoch:
            subscriber.offer(StreamFrame(self.id, self.seq, self._last.sample, self._last.data, self.policy))

    def hear(self, event: EngineEvent) -> None:
        """Pass reports on."""
        if isinstance(event, Tapped):
            self._last, self._epoch = event, self.engine.epoch
            self.publish(event.sample, event.data)
