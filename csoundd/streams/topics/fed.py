"""Stage 5, the topics of the API's callbacks: what the engine tells of its own accord."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, cast

from csoundd.messages import EngineEvent, Fed, FramePolicy, Frames, StreamFrame
from csoundd.streams.stream import Engine, Options, Stream, Subscriber


class FedStream(Stream):
    """Events. A client that is too slow for them loses the oldest, and sees it by the numbers of the rest."""

    policy: ClassVar[FramePolicy] = "messages"
    hears = (Fed,)

    async def open(self) -> None:
        """Have the engine tell, also those engines that follow this one."""
        self.engine.follow(self.topic, wanted=True)

    def close(self) -> None:
        """Have the engine tell no longer."""
        self.engine.follow(self.topic, wanted=False)

    def hear(self, event: EngineEvent) -> None:
        """Pass on what is about this topic."""
        if isinstance(event, Fed) and event.topic == self.topic:
            self.seq += event.lost
            self.take(event)

    def take(self, event: Fed) -> None:
        """Issue what the engine told."""
        self.publish(event.sample, event.data)


class GraphsStream(FedStream):
    """Drawings are large: they are bounded by their bytes, as audio is."""

    policy = "audio"


class InvalueStream(FedStream):
    """The names that the orchestra asks for: each comes once, also to those who subscribe later."""

    def __init__(self, stream_id: str, topic: str, options: Options, engine: Engine) -> None:
        super().__init__(stream_id, topic, options, engine)
        self._asked: dict[tuple[object, object], tuple[int, Frames, object]] = {}

    def welcome(self, subscriber: Subscriber, options: Options) -> None:
        """Send what was asked for before, under its own numbers."""
        del options
        for seq, sample, data in self._asked.values():
            subscriber.offer(StreamFrame(self.id, seq, sample, data, "keep"))

    def take(self, event: Fed) -> None:
        """Issue a name that is new, or one whose value has grown too old."""
        asked = cast("Mapping[str, object]", event.data)
        key = asked["name"], asked["kind"]
        if asked["stale"] or key not in self._asked:
            self.publish(event.sample, event.data)
        if not asked["stale"]:
            self._asked.setdefault(key, (self.seq, event.sample, event.data))
