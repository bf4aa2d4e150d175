"""What can be subscribed to: each topic's options with their defaults, and the data of its frames.

The checks of ``stream.subscribe``, ``asyncapi.json`` and the reference are made from here. A topic stands here
when it is served.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from csoundd.api.callbacks import Graph, Invalue, Key, MidiEvent, NoOptions, OpenedFile, Outvalue
from csoundd.api.values import Array, Samples
from csoundd.errors import InvalidParams
from csoundd.messages import Frames, Seconds, State

MessageLevel = Literal["error", "warning", "info"]
SampleFormat = Literal["f32", "i16", "f64"]

FASTEST_RATE: Final = 1000.0
SLOWEST_RATE: Final = 0.001
LARGEST_BLOCK: Final = 65_536
TRANSFORMS: Final = tuple(2**power for power in range(6, 16))


def _about(text: str) -> dict[str, str]:
    return {"about": text}


def _check_rate(rate: float) -> None:
    if not SLOWEST_RATE <= rate <= FASTEST_RATE:
        raise InvalidParams(f"rate: should be between {SLOWEST_RATE:g} and {FASTEST_RATE:g} Hz", parameter="rate")


@dataclass(frozen=True, slots=True)
class MessagesOptions:
    """Which of Csound's messages to hear of."""

    level: MessageLevel = field(default="info", metadata=_about("the least severe kind that is wanted"))
    since: int | None = field(default=None, metadata=_about("first send again what is kept after this sequence number"))


@dataclass(frozen=True, slots=True)
class Message:
    """A line that Csound printed: ``attr`` is Csound's own attribute, ``level`` what it comes to."""

    text: str
    attr: int
    level: MessageLevel


@dataclass(frozen=True, slots=True)
class ChannelsOptions:
    """Which channels to watch, and how closely."""

    names: str | list[str] = field(default="*", metadata=_about("names, or patterns with ``*`` and ``?``"))
    rate: float = field(default=20.0, metadata=_about("the most frames a second, in Hz"))
    onChange: bool = field(default=False, metadata=_about("send only values that changed since the last frame"))

    def __post_init__(self) -> None:
        _check_rate(self.rate)


@dataclass(frozen=True, slots=True)
class AudioChannelOptions:
    """Which audio channel to hear."""

    name: str = field(metadata=_about("the channel"))
    rate: float | None = field(
        default=None, metadata=_about("frames a second, in Hz, each the cycle of its moment; null for every cycle")
    )

    def __post_init__(self) -> None:
        if self.rate is not None:
            _check_rate(self.rate)


@dataclass(frozen=True, slots=True)
class SpoutOptions:
    """How the audio output is to come."""

    format: SampleFormat = field(default="f32", metadata=_about("32-bit float, 16-bit integer or 64-bit float"))
    block: int = field(default=512, metadata=_about("sample frames in one frame of the stream"))
    channels: list[int] | None = field(default=None, metadata=_about("channels from 0, in this order; null for all"))

    def __post_init__(self) -> None:
        if not 1 <= self.block <= LARGEST_BLOCK:
            raise InvalidParams(f"block: should be between 1 and {LARGEST_BLOCK}", parameter="block")
        if self.channels is not None and (not self.channels or min(self.channels) < 0):
            raise InvalidParams("channels: should name at least one channel, counted from 0", parameter="channels")


@dataclass(frozen=True, slots=True)
class MetersOptions:
    """How often to measure."""

    rate: float = field(default=20.0, metadata=_about("frames a second, in Hz"))

    def __post_init__(self) -> None:
        _check_rate(self.rate)


@dataclass(frozen=True, slots=True)
class Meters:
    """Levels since the last frame, one number for each channel, 1.0 being full scale."""

    peak: list[float]
    rms: list[float]


@dataclass(frozen=True, slots=True)
class SpectrumOptions:
    """How fine the spectrum is to be, in frequency and in time."""

    size: int = field(default=1024, metadata=_about("samples in one transform, a power of 2 from 64 to 32768"))
    rate: float = field(default=20.0, metadata=_about("frames a second, in Hz"))

    def __post_init__(self) -> None:
        _check_rate(self.rate)
        if self.size not in TRANSFORMS:
            raise InvalidParams("size: should be a power of 2 from 64 to 32768", parameter="size")


@dataclass(frozen=True, slots=True)
class NamedChannelOptions:
    """Which channel to follow, and how closely."""

    name: str = field(metadata=_about("the channel"))
    rate: float = field(default=20.0, metadata=_about("the most frames a second, in Hz"))

    def __post_init__(self) -> None:
        _check_rate(self.rate)


@dataclass(frozen=True, slots=True)
class TransportOptions:
    """How often to tell."""

    rate: float = field(default=10.0, metadata=_about("frames a second, in Hz"))

    def __post_init__(self) -> None:
        _check_rate(self.rate)


@dataclass(frozen=True, slots=True)
class Transport:
    """Where the performance is: ``cpuLoad`` is the share of real time that performing takes, ``lateCycles`` a count."""

    state: State
    sample: Frames
    scoreTime: Seconds
    cpuLoad: float
    lateCycles: int


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """There is nothing to choose."""


@dataclass(frozen=True, slots=True)
class EngineChange:
    """The engine changed state, or something befell it. ``restored`` counts what a new host was given back."""

    event: str
    state: State
    epoch: int
    reason: str | None = None
    restored: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: the dataclass of its options, and the type of the ``data`` in its frames."""

    name: str
    options: type
    data: object
    about: str


_ALL: Final = (
    Topic(
        "messages",
        MessagesOptions,
        Message,
        "What Csound prints, line by line. Where a client is too slow for them, a line says how many were dropped.",
    ),
    Topic(
        "channels",
        ChannelsOptions,
        dict[str, float | str],
        "Values of control and string channels by name. The first frame is complete; a slow client gets the latest.",
    ),
    Topic(
        "audio-channel",
        AudioChannelOptions,
        Samples,
        "One audio channel, a cycle of samples in each frame.",
    ),
    Topic(
        "spout",
        SpoutOptions,
        Array,
        "The audio output as arrays of shape ``[frames, channels]``. A slow client loses the oldest frames.",
    ),
    Topic("meters", MetersOptions, Meters, "Peak and effective level of each output channel since the last frame."),
    Topic("transport", TransportOptions, Transport, "Whether it plays, where it is, and how hard the machine works."),
    Topic(
        "engine", EngineOptions, EngineChange, "Every change of the engine's state, crashes and restarts among them."
    ),
    Topic(
        "spectrum",
        SpectrumOptions,
        Array,
        "The output in decibels, ``[channels, size / 2 + 1]``: 0 is a sine at full scale, -200 nothing.",
    ),
    Topic(
        "pvs",
        NamedChannelOptions,
        Array,
        "One spectral channel, its frame as ``csound.pvsData`` gives it, whenever there is a new one.",
    ),
    Topic(
        "array",
        NamedChannelOptions,
        Array,
        "One array channel, as ``csound.arrayData`` gives it, whenever it has changed.",
    ),
    Topic(
        "outvalue",
        NoOptions,
        Outvalue,
        "What ``outvalue`` says. A value that it repeats in every cycle is told once, until it changes.",
    ),
    Topic(
        "invalue",
        NoOptions,
        Invalue,
        "Each name that ``invalue`` asks for, once, and each value that has grown too old.",
    ),
    Topic("keyboard", NoOptions, Key, "The keys that anybody presses for ``sensekey``."),
    Topic("midi", NoOptions, MidiEvent, "The MIDI messages that the orchestra sends, and what became of the driver."),
    Topic(
        "graphs",
        NoOptions,
        Graph,
        "What ``display``, ``dispfft`` and new tables draw. A slow client loses the oldest drawings.",
    ),
    Topic("files", NoOptions, OpenedFile, "The files that the engine opens."),
)

TOPICS: Final[dict[str, Topic]] = {topic.name: topic for topic in _ALL}
"""The topics that are served, by name."""
