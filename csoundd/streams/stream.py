"""Stage 5: one topic with one set of options, its frames numbered and handed to whoever subscribed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol

from csoundd.messages import At, EngineEvent, FramePolicy, Frames, StreamFrame

Options = dict[str, object]


class Subscriber(Protocol):
    """Whoever receives frames."""

    def offer(self, frame: StreamFrame) -> None:
        """Take a frame, or what can be taken of it; never blocks and never raises."""

    def hold(self, stream: str) -> None:
        """Keep the frames of ``stream`` back until the subscriber has been told of it."""


class Engine(Protocol):
    """What streams need of the engine."""

    @property
    def epoch(self) -> int:
        """Rises whenever an engine begins anew."""

    def listen(self, listener: Callable[[EngineEvent], None]) -> None:
        """Let ``listener`` hear every event."""

    async def tap(self, tap: str, kind: str, options: Options) -> object:
        """Have ``kind`` delivered under the name ``tap``; raises the contract's errors."""

    def untap(self, tap: str) -> None:
        """End what tap began."""

    def follow(self, topic: str, wanted: bool) -> None:  # noqa: FBT001 - the engine's own signature
        """Whether Fed events of ``topic`` are wanted."""

    async def push(self, topic: str, data: object) -> dict[str, object]:
        """Feed ``data``; how much was accepted. Raises the contract's errors."""

    def push_at(self, topic: str, data: object, at: At) -> None:
        """Feed ``data`` at a time of its own."""

    def capture(self, wanted: bool) -> None:  # noqa: FBT001 - the engine's own signature
        """Whether audio is wanted."""

    def format(self) -> dict[str, object]:
        """``{sr, ksmps, nchnls, zerodbfs}``, empty before Csound has been started."""

    def sample(self) -> Frames:
        """The sample that the engine has come to."""


class Stream:
    """What every topic's streams have in common; a topic says what starts its frames and what makes them.

    A stream is open while it has subscribers. The first frame it ever issues has ``seq`` 1.
    """

    policy: ClassVar[FramePolicy] = "latest"
    hears: ClassVar[tuple[type[EngineEvent], ...]] = ()
    """The events it wants to hear while it is open."""

    permanent: ClassVar[bool] = False
    """Whether it is always open and goes on counting without subscribers."""

    def __init__(self, stream_id: str, topic: str, options: Options, engine: Engine) -> None:
        self.id = stream_id
        self.topic = topic
        self.options = options
        self.engine = engine
        self.seq = 0
        self.subscribers: dict[Subscriber, None] = {}

    @classmethod
    def normal(cls, options: Options) -> Options:
        """``options`` in the one form that equal wishes have."""
        return options

    async def open(self) -> None:
        """Start what makes the frames; raises the contract's errors."""

    def close(self) -> None:
        """Stop what makes the frames."""

    def welcome(self, subscriber: Subscriber, options: Options) -> None:
        """Send a new subscriber, who asked with ``options``, what it has to have first."""
        del options
        self.catch_up(subscriber)

    def catch_up(self, subscriber: Subscriber) -> None:
        """Send a subscriber that may have lost frames what makes good for them, as far as that is possible."""

    def hear(self, event: EngineEvent) -> None:
        """Make of an event what it is to this topic."""

    def publish(self, sample: Frames, data: object) -> None:
        """Issue the next frame."""
        self.seq += 1
        if self.subscribers:
            frame = StreamFrame(self.id, self.seq, sample, data, self.policy)
            for subscriber in self.subscribers:
                subscriber.offer(frame)

    def describe(self) -> dict[str, object]:
        """What a subscriber is told of the stream."""
        return {"stream": self.id, "topic": self.topic, **self.options}
