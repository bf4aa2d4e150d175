"""Two sound files compared: whether they are equal, and if not where, by how much, and at which frequencies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile

from csoundd.errors import EngineError
from csoundd.render.system import sound_name

BLOCK_FRAMES: Final = 1 << 14
"""Frames that are compared at once; each block is one spectrum, of bands down to 31 Hz at every usual rate."""

LOWEST_HZ: Final = 31.25
"""The middle of the lowest band, of an octave as all of them."""

Samples = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a sound file."""

    frames: int
    sr: int
    nchnls: int
    subtype: str

    def described(self) -> str:
        """It in words."""
        return f"{self.frames} frames of {self.nchnls} channels at {self.sr} Hz ({self.subtype})"


@dataclass(frozen=True, slots=True)
class Place:
    """A sample of both files: its frame, its channel, counted from 1, and the two values, full scale being 1."""

    frame: int
    channel: int
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Band:
    """An octave: its middle in Hz, and the levels there of both files and of their difference, in dB of full scale.

    None stands for silence.
    """

    hz: float
    left: float | None
    right: float | None
    difference: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of a comparison. Where the forms do not fit each other, samples are not compared."""

    left: Form
    right: Form
    differing: int = 0
    """Samples that differ, of those that both files have."""

    first: Place | None = None
    largest: Place | None = None
    bands: tuple[Band, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether samples can be compared one by one."""
        return (self.left.sr, self.left.nchnls) == (self.right.sr, self.right.nchnls)

    @property
    def equal(self) -> bool:
        """Whether both hold the same samples; how these are stored, and what else is in the files, does not count."""
        return self.comparable and self.left.frames == self.right.frames and not self.differing


def compared(left: Path, right: Path) -> Comparison:
    """The comparison of two sound files. Raises EngineError for one that cannot be read."""
    with _opened(left) as first, _opened(right) as second:
        found = Comparison(_form(first), _form(second))
        try:
            # Infinity less infinity is no number, which is what is to come of it.
            with np.errstate(invalid="ignore"):
                return _samples_compared(first, second, found) if found.comparable else found
        except soundfile.LibsndfileError as error:
            raise EngineError(f"the samples cannot be read: {error.error_string.lower().rstrip('.')}") from None


def _opened(path: Path) -> soundfile.SoundFile:
    try:
        if path.is_dir():
            raise EngineError(f"{path} is a folder")
        path.stat()
        return soundfile.SoundFile(sound_name(path))
    except OSError as error:
        raise EngineError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
    except soundfile.LibsndfileError as error:
        why = error.error_string.lower().rstrip(".")
        raise EngineError(f"{path} is no sound file that can be read: {why}") from None


def _form(file: soundfile.SoundFile) -> Form:
    return Form(file.frames, file.samplerate, file.channels, file.subtype)


def _samples_compared(left: soundfile.SoundFile, right: soundfile.SoundFile, form: Comparison) -> Comparison:
    window = np.hanning(BLOCK_FRAMES)[:, None]
    power = np.zeros((3, BLOCK_FRAMES // 2 + 1))
    differing, blocks, at, size = 0, 0, 0, -1.0
    first: Place | None = None
    largest: Place | None = None
    while True:
        one, other = (file.read(BLOCK_FRAMES, "float64", always_2d=True) for file in (left, right))
        frames = min(len(one), len(other))
        if not frames:
            break
        one, other = one[:frames], other[:frames]
        unequal = ~((one == other) | (np.isnan(one) & np.isnan(other)))
        differing += int(unequal.sum())
        if unequal.any():
            apart = np.where(unequal, np.nan_to_num(np.abs(one - other), nan=np.inf), 0.0)
            if first is None:
                frame, channel = np.unravel_index(int(unequal.argmax()), unequal.shape)
                first = _place(one, other, int(frame), int(channel), at)
            frame, channel = np.unravel_index(int(apart.argmax()), apart.shape)
            if apart[frame, channel] > size:
                size = float(apart[frame, channel])
                largest = _place(one, other, int(frame), int(channel), at)
        blocks += 1
        at += frames
        for number, samples in enumerate((one, other, one - other)):
            power[number] += _power(samples, window)
    bands = _bands(power / max(blocks, 1), form.left.sr) if differing else ()
    return Comparison(form.left, form.right, differing, first, largest, bands)


def _place(one: Samples, other: Samples, frame: int, channel: int, at: int) -> Place:
    return Place(at + frame, channel + 1, float(one[frame, channel]), float(other[frame, channel]))


def _power(samples: Samples, window: Samples) -> Samples:
    """The mean power of each frequency over the channels, 0.5 in all for a sine at full scale."""
    whole = np.zeros((BLOCK_FRAMES, samples.shape[1]))
    whole[: len(samples)] = np.nan_to_num(samples, posinf=0.0, neginf=0.0)
    spectrum = np.abs(np.fft.rfft(whole * window, axis=0)) ** 2
    found: Samples = spectrum.mean(axis=1) * 2 / (BLOCK_FRAMES * float(np.square(window).sum()))
    return found


def _bands(power: Samples, sr: int) -> tuple[Band, ...]:
    hz = np.fft.rfftfreq(BLOCK_FRAMES, 1 / sr)
    found, middle = [], LOWEST_HZ
    while middle / math.sqrt(2) < sr / 2:
        inside = (hz >= middle / math.sqrt(2)) & (hz < middle * math.sqrt(2))
        # A sine at full scale is 0 dB.
        levels = [10 * math.log10(2 * level) if level > 0 else None for level in power[:, inside].sum(axis=1)]
        found.append(Band(middle, *(None if level is None else round(level, 1) for level in levels)))
        middle *= 2
    return tuple(found)
