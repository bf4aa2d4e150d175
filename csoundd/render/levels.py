"""The levels of a sound file: peak, true peak, RMS, loudness and how many samples are clipped."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import loudness
import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from csoundd.limits import LOUDNESS_BYTES
from csoundd.render.work import Levels

BLOCK_FRAMES: Final = 1 << 16
OVERSAMPLED_HZ: Final = 192_000
"""True peaks are looked for at this rate at least, as ITU-R BS.1770 has it: four times 48 kHz."""

FLOAT_BYTES: Final = 4
INTEGERS: Final = {"PCM_16": 2**15 - 1, "PCM_24": 2**23 - 1, "PCM_32": 2**31 - 1, "PCM_S8": 127, "PCM_U8": 127}
"""The largest sample of each kind of file that holds nothing beyond full scale."""

Block = npt.NDArray[np.float32]


def measured(path: Path) -> Levels:
    """The levels of the sound file at ``path``. Raises OSError or soundfile's error where it cannot be read."""
    with soundfile.SoundFile(path) as file:
        size = file.frames * file.channels * FLOAT_BYTES
        whole = np.zeros((file.frames, file.channels) if size <= LOUDNESS_BYTES else (0, 1), np.float32)
        most = INTEGERS.get(file.subtype)
        full = 1.0 if most is None else np.float32(most / (most + 1))
        factor = math.ceil(OVERSAMPLED_HZ / file.samplerate)
        stream = soxr.ResampleStream(1, factor, file.channels, dtype="float32") if factor > 1 else None
        peak = true_peak = squares = 0.0
        clipped = broken = at = 0
        for block in _blocks(file):
            if len(whole):
                whole[at : at + len(block)] = block
            at += len(block)
            bad = ~np.isfinite(block)
            if bad.any():
                broken += int(bad.sum())
                block = np.where(bad, np.float32(0), block)  # noqa: PLW2901 - what follows is about numbers
            size_of = np.abs(block)
            peak = max(peak, float(size_of.max(initial=0.0)))
            clipped += int((size_of > full).sum() if most is None else (size_of >= full).sum())
            squares += float(np.square(block, dtype=np.float64).sum())
            if stream is not None:
                true_peak = max(true_peak, _largest(stream.resample_chunk(block)))
        if stream is not None:
            rest = np.zeros((0, file.channels), np.float32)
            true_peak = max(true_peak, _largest(stream.resample_chunk(rest, last=True)))
        rms = math.sqrt(squares / (at * file.channels)) if at else 0.0
        loud = _loudness(whole, file.samplerate) if at and not broken else None
    return Levels(_db(peak), _db(max(peak, true_peak)), _db(rms), loud, clipped, broken)


def _blocks(file: soundfile.SoundFile) -> Iterator[Block]:
    while len(block := file.read(BLOCK_FRAMES, "float32", always_2d=True)):
        yield block


def _largest(samples: Block) -> float:
    return float(np.abs(samples).max(initial=0.0))


def _loudness(samples: Block, sr: int) -> float | None:
    """Integrated loudness in LUFS, None where the measure has none: of less than 0.4 s, of silence, of odd rates."""
    try:
        found = float(loudness.integrated_loudness(samples, sr))
    except ValueError:
        return None
    return round(found, 2) if math.isfinite(found) else None


def _db(level: float) -> float | None:
    return round(20 * math.log10(level), 2) if level else None
