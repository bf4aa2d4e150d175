"""The topics of channels and of the position: what the engine reads at a rate, the latest of which counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from csoundd.api.values import Array
from csoundd.messages import Frames, PollResult, Seconds, State, StreamFrame
from csoundd.ports import StreamEngine, Subscriber
from csoundd.streams.backlog import Latest
from csoundd.streams.topics.topic import Options, PollTopic, about, check_rate


@dataclass(frozen=True, slots=True)
class ChannelsOptions:
    """The channels to watch, and the rate."""

    names: str | list[str] = field(default="*", metadata=about("names, or patterns with ``*`` and ``?``"))
    rate: float = field(default=20.0, metadata=about("the most frames a second, in Hz"))
    onChange: bool = field(default=False, metadata=about("send only values that changed since the last frame"))

    def __post_init__(self) -> None:
        check_rate(self.rate)


def _values(old: object, new: object, _weight: int) -> object:
    """The last value of each channel."""
    return {**cast("Mapping[str, object]", old), **cast("Mapping[str, object]", new)}


class ChannelsTopic(PollTopic):
    """Channels by name or pattern, from a poller in the engine whose first delivery is complete."""

    name = "channels"
    channels = "finds"
    options = ChannelsOptions
    data = dict[str, float | str]
    about = "Values of control and string channels by name. The first frame is complete; a slow client gets the latest."
    delivery = Latest(_values)

    def __init__(self, stream_id: str, chosen: Options, engine: StreamEngine) -> None:
        super().__init__(stream_id, chosen, engine)
        self._values: dict[str, object] = {}
        self._sample = Frames(0)
        self._epoch = engine.epoch

    @classmethod
    def normal(cls, chosen: Options) -> Options:
        """The same names in another order, or twice, are the same wish."""
        names = chosen["names"]
        return chosen | {"names": sorted({names} if isinstance(names, str) else set(names))}

    def catch_up(self, subscriber: Subscriber) -> None:
        """A complete frame, under the number issued last; another engine's first delivery will be complete itself."""
        if self.seq and self._epoch == self.engine.epoch:
            subscriber.offer(StreamFrame(self.id, self.seq, self._sample, dict(self._values), self.delivery))

    def deliver(self, reading: PollResult) -> None:
        """Issue values, and remember them for those who come later."""
        if self._epoch != self.engine.epoch:
            # Another engine has other channels, and its first delivery is complete again.
            self._epoch = self.engine.epoch
            self._values.clear()
        self._values.update(cast("Mapping[str, object]", reading.data))
        self._sample = reading.sample
        self.publish(reading.sample, reading.data, reading.lost)


@dataclass(frozen=True, slots=True)
class NamedChannelOptions:
    """The channel to follow, and the rate."""

    name: str = field(metadata=about("the channel"))
    rate: float = field(default=20.0, metadata=about("the most frames a second, in Hz"))

    def __post_init__(self) -> None:
        check_rate(self.rate)


class PvsTopic(PollTopic):
    """The contents of a spectral channel, whenever they are new."""

    name = "pvs"
    channels = "reads"
    options = NamedChannelOptions
    data = Array
    about = "One spectral channel, its frame as ``csound.pvsData`` gives it, whenever there is a new one."


class ArrayTopic(PollTopic):
    """The contents of an array channel, whenever they are new."""

    name = "array"
    channels = "reads"
    options = NamedChannelOptions
    data = Array
    about = "One array channel, as ``csound.arrayData`` gives it, whenever it has changed."


@dataclass(frozen=True, slots=True)
class TransportOptions:
    """The rate of the reports."""

    rate: float = field(default=10.0, metadata=about("frames a second, in Hz"))

    def __post_init__(self) -> None:
        check_rate(self.rate)


@dataclass(frozen=True, slots=True)
class Transport:
    """The position of the performance. ``cpuLoad`` is the share of real time that it takes, ``lateCycles`` a count."""

    state: State
    sample: Frames
    scoreTime: Seconds
    cpuLoad: float
    lateCycles: int


class TransportTopic(PollTopic):
    """The position at a rate, from a poller in the engine. Who comes between two reports gets the last one at once."""

    name = "transport"
    options = TransportOptions
    data = Transport
    about = "Whether it plays, where it is, and how hard the machine works."

    _last: PollResult | None = None
    _epoch = 0

    def catch_up(self, subscriber: Subscriber) -> None:
        """The last report, under its own number, unless it was about another engine."""
        if self._last is not None and self._epoch == self.engine.epoch:
            subscriber.offer(StreamFrame(self.id, self.seq, self._last.sample, self._last.data, self.delivery))

    def deliver(self, reading: PollResult) -> None:
        """Issue a report, and remember it for those who come later."""
        self._last, self._epoch = reading, self.engine.epoch
        super().deliver(reading)
