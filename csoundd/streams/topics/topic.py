"""The base of all topics: what a topic declares, and what its streams have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from csoundd.api.declare import ChannelUse
from csoundd.errors import InvalidParams
from csoundd.limits import FASTEST_RATE_HZ, SLOWEST_RATE_HZ
from csoundd.messages import AudioBlock, CallbackEvent, Delivery, PollResult, StateChanged, StreamFrame
from csoundd.messages import Frames as Position
from csoundd.ports import StreamEngine, Subscriber
from csoundd.streams.backlog import KEPT, LATEST

Options = dict[str, Any]
"""The options of a subscription by their names, as the dataclass of the topic takes them."""


def about(text: str) -> dict[str, str]:
    """The metadata of an option that ``text`` describes."""
    return {"about": text}


def check_rate(rate: float) -> None:
    """Raise InvalidParams for a rate that there is not."""
    if not SLOWEST_RATE_HZ <= rate <= FASTEST_RATE_HZ:
        raise InvalidParams(f"rate: should be from {SLOWEST_RATE_HZ:g} to {FASTEST_RATE_HZ:g} Hz", parameter="rate")


class Topic:
    """A topic is a class: its name, its options, its data, and what becomes of frames that a client cannot take.

    An instance is one of its streams, for one set of options: it makes frames of the engine's events, numbers them and
    hands them to whoever subscribed. A stream is open while it has subscribers. The first frame it ever issues has
    ``seq`` 1.
    """

    name: ClassVar[str]
    options: ClassVar[type]
    """The dataclass of what a subscription may choose."""
    data: ClassVar[object]
    """The type of the ``data`` in its frames."""
    about: ClassVar[str]
    delivery: ClassVar[Delivery] = LATEST
    channels: ClassVar[ChannelUse | None] = None
    """What of it is about channels, for callers that may not read all: ``reads`` the one in the option ``name``,
    ``finds`` those in the option ``names``, ``tells`` of any; ``beyond`` is for nobody who is limited to some."""
    ends: ClassVar[bool] = False
    """Whether its streams say that a performance is over: ``stream.ended``, behind its last frame."""
    permanent: ClassVar[bool] = False
    """Whether its streams are always open and go on counting without subscribers."""

    def __init__(self, stream_id: str, chosen: Options, engine: StreamEngine) -> None:
        self.id = stream_id
        self.chosen = chosen
        self.engine = engine
        self.seq = 0
        self.subscribers: dict[Subscriber, None] = {}

    @classmethod
    def normal(cls, chosen: Options) -> Options:
        """The options ``chosen`` in the one form that equal wishes have."""
        return chosen

    async def open(self) -> None:
        """Start what makes the frames; raises the contract's errors."""

    def close(self) -> None:
        """Stop what makes the frames."""

    def welcome(self, subscriber: Subscriber, chosen: Options) -> None:
        """Send a new subscriber, who asked with the options ``chosen``, what it has to have first."""
        del chosen
        self.catch_up(subscriber)

    def catch_up(self, subscriber: Subscriber) -> None:
        """Send a subscriber that may have lost frames what makes good for them, as far as that is possible."""

    def publish(self, sample: Position, data: object, lost: int = 0) -> None:
        """Issue the next frame, behind ``lost`` ones that were never issued: their numbers are left out."""
        self.seq += 1 + lost
        if self.subscribers:
            self._offer(StreamFrame(self.id, self.seq, sample, data, self._way()))

    def finish(self, sample: Position, reason: str) -> None:
        """Say that nothing follows on the last frame: the performance was over before ``sample``."""
        if self.ends and self.subscribers:
            self._offer(StreamFrame(self.id, self.seq, sample, None, KEPT, ended=reason))

    def _offer(self, frame: StreamFrame) -> None:
        for subscriber in self.subscribers:
            subscriber.offer(frame)

    def _way(self) -> Delivery:
        """How its frames wait."""
        return self.delivery

    def describe(self) -> dict[str, object]:
        """The description of the stream that a subscriber is given."""
        return {"stream": self.id, "topic": self.name, **self.chosen}


class AudioTopic(Topic):
    """A topic that is made of the audio output."""

    ends = True

    @property
    def is_lossless(self) -> bool:
        """Whether the engine is to wait for its subscribers where it can."""
        return False

    def process(self, block: AudioBlock) -> None:
        """Take what sounds."""
        raise NotImplementedError

    def end(self) -> None:
        """The performance is over, or the engine is gone: nothing follows on what sounded last."""


class PollTopic(Topic):
    """A topic that the engine reads again and again while somebody subscribes."""

    async def open(self) -> None:
        """Have the engine deliver; raises NotFound for a channel that is not there."""
        await self.engine.poll(self.id, self.name, self.chosen)

    def close(self) -> None:
        """Have the engine deliver no longer."""
        self.engine.unpoll(self.id)

    def deliver(self, reading: PollResult) -> None:
        """Issue what the engine has read."""
        self.publish(reading.sample, reading.data, reading.lost)


class CallbackTopic(Topic):
    """A topic that a callback of the API feeds."""

    async def open(self) -> None:
        """Have the engine tell, also those engines that follow this one."""
        self.engine.follow(self.name, wanted=True)

    def close(self) -> None:
        """Have the engine tell no longer."""
        self.engine.follow(self.name, wanted=False)

    def deliver(self, event: CallbackEvent) -> None:
        """Issue what the engine told."""
        self.publish(event.sample, event.data, event.lost)


class StateTopic(Topic):
    """A topic that is made of the engine's changes."""

    def change(self, event: StateChanged) -> None:
        """Take a change."""
        raise NotImplementedError
