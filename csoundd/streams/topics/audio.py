"""The topics of audio: the output itself, its levels, its spectrum, and a channel."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, cast

import numpy as np
import numpy.typing as npt

from csoundd.api.values import Array, Samples
from csoundd.errors import InvalidParams
from csoundd.limits import BLOCK_FRAMES
from csoundd.messages import AudioBlock, Delivery, Frames
from csoundd.ports import StreamEngine
from csoundd.streams.backlog import HELD, NEWEST_BYTES, Latest
from csoundd.streams.topics.topic import AudioTopic, Options, PollTopic, about, check_rate
from csoundd.values import AudioFormat

SampleFormat = Literal["f32", "i16", "f64"]
Block = npt.NDArray[np.float64]

TRANSFORMS: Final = tuple(2**power for power in range(6, 16))
FLOOR: Final = 1e-10
"""The amplitude that stands for nothing: -200 dB."""

_I16_PEAK: Final = 32767.0
_USUAL: Final = AudioFormat(sr=48_000.0, ksmps=64, nchnls=2, zerodbfs=1.0)


@dataclass(frozen=True, slots=True)
class SpoutOptions:
    """The form of the audio output: format, block and channels."""

    format: SampleFormat = field(default="f32", metadata=about("32-bit float, 16-bit integer or 64-bit float"))
    block: int = field(default=512, metadata=about("sample frames in one frame of the stream"))
    channels: list[int] | None = field(default=None, metadata=about("channels from 0, in this order; null for all"))
    lossless: bool = field(
        default=False, metadata=about("whether a performance that nothing paces (drive free) waits for this client")
    )

    def __post_init__(self) -> None:
        if not 1 <= self.block <= BLOCK_FRAMES:
            raise InvalidParams(f"block: should be between 1 and {BLOCK_FRAMES}", parameter="block")
        if self.channels is not None and (not self.channels or min(self.channels) < 0):
            raise InvalidParams("channels: should name at least one channel, counted from 0", parameter="channels")


class SpoutTopic(AudioTopic):
    """Blocks of ``block`` frames, the last of a performance as long as what is left.

    Floats keep Csound's own scale, integers are full at 0dbfs. Where the engine's samples jump, what had been gathered
    of a block is left out and a new block begins.
    """

    name = "spout"
    options = SpoutOptions
    data = Array
    about = (
        "The audio output as arrays of shape ``[frames, channels]``; the last of a performance is what is left. "
        "A slow client loses the oldest frames; where it is ``lossless`` and nothing paces the performance, that waits "
        "for it instead. ``stream.ended`` says that a performance is over."
    )
    delivery = NEWEST_BYTES

    @property
    def is_lossless(self) -> bool:
        """Whether the engine is to wait for its subscribers where it can."""
        return bool(self.chosen["lossless"])

    def _way(self) -> Delivery:
        return HELD if self.is_lossless else self.delivery

    def __init__(self, stream_id: str, chosen: Options, engine: StreamEngine) -> None:
        super().__init__(stream_id, chosen, engine)
        asked = SpoutOptions(**chosen)
        self._format, self._size, self._columns = asked.format, asked.block, asked.channels
        self._block: Block = np.empty((0, 0))
        self._filled = 0
        self._next = Frames(-1)

    async def open(self) -> None:
        """Begin at the next sample; raises InvalidParams for a channel that the output does not have."""
        self._filled, self._next = 0, Frames(-1)
        form = self.engine.format()
        if self._columns is not None and form is not None and max(self._columns) >= form.nchnls:
            raise InvalidParams(f"channels: the output has {form.nchnls}, counted from 0", parameter="channels")

    def process(self, block: AudioBlock) -> None:
        """Gather samples, and issue the blocks that are full."""
        frames = self._chosen(block.frames)
        if block.sample != self._next or frames.shape[1] != self._block.shape[1]:
            self._block, self._filled = np.empty((self._size, frames.shape[1])), 0
        self._next = Frames(block.sample + len(frames))
        at = 0
        while at < len(frames):
            count = min(self._size - self._filled, len(frames) - at)
            self._block[self._filled : self._filled + count] = frames[at : at + count]
            self._filled += count
            at += count
            if self._filled == self._size:
                self._issue(Frames(block.sample + at))

    def end(self) -> None:
        """Issue what has been gathered: nothing will follow on it."""
        if self._filled:
            self._issue(self._next)
        self._next = Frames(-1)

    def _issue(self, behind: Frames) -> None:
        """Issue what has been gathered, which ends before the sample ``behind``."""
        count, self._filled = self._filled, 0
        self.publish(Frames(behind - count), self._converted(self._block[:count]))

    def _chosen(self, frames: Block) -> Block:
        """The columns asked for; one that is not there (any more) is silent."""
        if self._columns is None:
            return frames
        there = frames.shape[1]
        chosen = np.zeros((len(frames), len(self._columns)))
        for place, column in enumerate(self._columns):
            if column < there:
                chosen[:, place] = frames[:, column]
        return chosen

    def _converted(self, block: Block) -> npt.NDArray[np.generic]:
        if self._format == "f64":
            return block.copy()
        if self._format == "f32":
            return block.astype(np.float32)
        form = self.engine.format() or _USUAL
        return np.rint(np.clip(block / form.zerodbfs, -1.0, 1.0) * _I16_PEAK).astype(np.int16)


@dataclass(frozen=True, slots=True)
class MetersOptions:
    """The rate of the meters."""

    rate: float = field(default=20.0, metadata=about("frames a second, in Hz"))

    def __post_init__(self) -> None:
        check_rate(self.rate)


@dataclass(frozen=True, slots=True)
class Meters:
    """Levels since the last frame, one number for each channel, 1.0 being full scale."""

    peak: list[float]
    rms: list[float]


def _levels(old: object, new: object, weight: int) -> object:
    """The highest peaks of two frames, and the mean power, of which the older one stands for ``weight`` frames."""
    one, other = cast("Mapping[str, list[float]]", old), cast("Mapping[str, list[float]]", new)
    if len(one["peak"]) != len(other["peak"]):
        return new
    powers = ((a * a * weight + b * b) / (weight + 1) for a, b in zip(one["rms"], other["rms"], strict=True))
    return {
        "peak": [max(pair) for pair in zip(one["peak"], other["peak"], strict=True)],
        "rms": [math.sqrt(power) for power in powers],
    }


class MetersTopic(AudioTopic):
    """Levels since the last frame, 1.0 being 0dbfs. There are frames while there is sound, silent or not."""

    name = "meters"
    options = MetersOptions
    data = Meters
    about = "Peak and effective level of each output channel since the last frame."
    delivery = Latest(_levels)

    def __init__(self, stream_id: str, chosen: Options, engine: StreamEngine) -> None:
        super().__init__(stream_id, chosen, engine)
        self._rate = MetersOptions(**chosen).rate
        self._peak: npt.NDArray[np.float64] = np.zeros(0)
        self._power: npt.NDArray[np.float64] = np.zeros(0)
        self._count = 0
        self._since = Frames(0)

    def process(self, block: AudioBlock) -> None:
        """Measure, and issue a frame when it is time."""
        if not len(block.frames):
            return
        if self._count == 0 or block.frames.shape[1] != len(self._peak):
            self._begin(block)
        np.maximum(self._peak, np.abs(block.frames).max(axis=0), out=self._peak)
        self._power += np.einsum("ij,ij->j", block.frames, block.frames)
        self._count += len(block.frames)
        form = self.engine.format() or _USUAL
        if self._count * self._rate >= form.sr:
            rms = np.sqrt(self._power / self._count) / form.zerodbfs
            self.publish(self._since, {"peak": (self._peak / form.zerodbfs).tolist(), "rms": rms.tolist()})
            self._count = 0

    def _begin(self, block: AudioBlock) -> None:
        channels = block.frames.shape[1]
        self._peak, self._power, self._count = np.zeros(channels), np.zeros(channels), 0
        self._since = block.sample


@dataclass(frozen=True, slots=True)
class SpectrumOptions:
    """The resolution of the spectrum in frequency and in time."""

    size: int = field(default=1024, metadata=about("samples in one transform, a power of 2 from 64 to 32768"))
    rate: float = field(default=20.0, metadata=about("frames a second, in Hz"))

    def __post_init__(self) -> None:
        check_rate(self.rate)
        if self.size not in TRANSFORMS:
            raise InvalidParams("size: should be a power of 2 from 64 to 32768", parameter="size")


class SpectrumTopic(AudioTopic):
    """The last ``size`` samples of each channel under a Hann window. A sine at full scale reaches 0 dB in its bin."""

    name = "spectrum"
    options = SpectrumOptions
    data = Array
    about = "The output in decibels, ``[channels, size / 2 + 1]``: 0 is a sine at full scale, -200 nothing."

    def __init__(self, stream_id: str, chosen: Options, engine: StreamEngine) -> None:
        super().__init__(stream_id, chosen, engine)
        asked = SpectrumOptions(**chosen)
        self._size, self._rate = asked.size, asked.rate
        self._window = np.hanning(self._size + 1)[:-1]
        self._recent: npt.NDArray[np.float64] = np.zeros((0, 0))
        self._next = Frames(-1)
        self._waited = 0

    def process(self, block: AudioBlock) -> None:
        """Keep what sounds, and issue a frame when it is time and there is enough of it."""
        if not len(block.frames):
            return
        if block.sample != self._next or block.frames.shape[1] != self._recent.shape[1]:
            self._recent, self._waited = np.zeros((0, block.frames.shape[1])), 0
        self._next = Frames(block.sample + len(block.frames))
        self._recent = np.concatenate((self._recent, block.frames))[-self._size :]
        self._waited += len(block.frames)
        form = self.engine.format() or _USUAL
        due = self._waited * self._rate >= form.sr
        if due and len(self._recent) == self._size:
            self._waited = 0
            self.publish(Frames(self._next - self._size), self._decibels(form.zerodbfs))

    def _decibels(self, full: float) -> npt.NDArray[np.float32]:
        transformed = np.fft.rfft(self._recent * self._window[:, None], axis=0)
        amplitudes = np.abs(transformed).T * (2.0 / (self._window.sum() * full))
        amplitudes[:, [0, -1]] /= 2.0
        decibels: npt.NDArray[np.float64] = 20.0 * np.log10(np.maximum(amplitudes, FLOOR))
        return decibels.astype(np.float32)


@dataclass(frozen=True, slots=True)
class AudioChannelOptions:
    """The audio channel to receive."""

    name: str = field(metadata=about("the channel"))
    rate: float | None = field(
        default=None, metadata=about("frames a second, in Hz, each the cycle of its moment; null for every cycle")
    )

    def __post_init__(self) -> None:
        if self.rate is not None:
            check_rate(self.rate)


class AudioChannelTopic(PollTopic):
    """One audio channel: every cycle, or those of a rate."""

    name = "audio-channel"
    channels = "reads"
    options = AudioChannelOptions
    data = Samples
    about = "One audio channel, a cycle of samples in each frame."
    delivery = NEWEST_BYTES
