"""Stage 5, topic ``channels``: values of control and string channels, the latest of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from csoundd.messages import EngineEvent, Frames, StreamFrame, Tapped
from csoundd.streams.stream import Engine, Options, Stream, Subscriber


class ChannelsStream(Stream):
    """Channels by name or pattern, from a tap in the engine whose first delivery is complete."""

    def __init__(self, stream_id: str, topic: str, options: Options, engine: Engine) -> None:
        super().__init__(stream_id, topic, options, engine)
        self._values: dict[str, object] = {}
        self._sample = Frames(0)
        self._epoch = engine.epoch

    @classmethod
    def normal(cls, options: Options) -> Options:
        """The same names in another order, or twice, are the same wish."""
        names = options["names"]
        listed = [names] if isinstance(names, str) else cast("list[str]", names)
        return options | {"names": sorted(set(listed))}

    async def open(self) -> None:
        """Have the engine watch the channels; raises NotFound for a plain name that is not there."""
        await self.engine.tap(self.id, "channels", self.options)

    def close(self) -> None:
        """Have the engine watch them no longer."""
        self.engine.untap(self.id)

    def catch_up(self, subscriber: Subscriber) -> None:
        """A complete frame, under the number issued last; another engine's first delivery will be complete itself."""
        if self.seq and self._epoch == self.engine.epoch:
            subscriber.offer(StreamFrame(self.id, self.seq, self._sample, dict(self._values), self.policy))

    def hear(self, event: EngineEvent) -> None:
        """Pass values on, and remember them for those who come later."""
        if not isinstance(event, Tapped):
            return
        if self._epoch != self.engine.epoch:
            # Another engine has other channels, and its first delivery is complete again.
            self._epoch = self.engine.epoch
            self._values.clear()
        self._values.update(cast("Mapping[str, object]", event.data))
        self._sample = event.sample
        self.publish(event.sample, event.data)
