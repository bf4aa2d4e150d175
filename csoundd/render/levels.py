"""The levels of a sound file: peak, true peak, RMS, loudness and how many samples are clipped.

A file that takes long to be written is measured as it grows, in a process beside that of the render.
"""

from __future__ import annotations

import io
import json
import math
import select
import socket
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

import loudness
import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from csoundd.limits import LOUDNESS_CHANNELS, LOUDNESS_SAMPLES, RENDER_METER_SECONDS
from csoundd.render.system import sound_name
from csoundd.render.work import Levels

BLOCK_FRAMES: Final = 1 << 14
"""What is measured at once: with its oversampled copy it stays in a processor's cache."""

OVERSAMPLED_HZ: Final = 192_000
"""True peaks are looked for at this rate at least, as ITU-R BS.1770 has it: four times 48 kHz."""

INTEGERS: Final = {"PCM_16": 2**15 - 1, "PCM_24": 2**23 - 1, "PCM_32": 2**31 - 1, "PCM_S8": 127, "PCM_U8": 127}
"""The largest sample of each kind of file that holds nothing beyond full scale."""

GROWING: Final = {"WAV", "WAVEX"}
"""The kinds of file that libsndfile reads before they have been closed."""

Block = npt.NDArray[np.float32]


class Meter:
    """Takes the samples of a sound file one after the other."""

    def __init__(self, file: soundfile.SoundFile) -> None:
        self._sr, self._channels = file.samplerate, file.channels
        self._most = INTEGERS.get(file.subtype)
        self._full = 1.0 if self._most is None else np.float32(self._most / (self._most + 1))
        factor = math.ceil(OVERSAMPLED_HZ / file.samplerate)
        self._stream = soxr.ResampleStream(1, factor, file.channels, dtype="float32") if factor > 1 else None
        self._peak = self._true_peak = self._squares = 0.0
        self._clipped = self._broken = 0
        self._kept: Block | None = None
        """All samples, for the loudness, with room for more; none where they are too many.

        To put together what was kept in pieces would take 0.3 s in the end, of four minutes of stereo.
        """
        if file.channels <= LOUDNESS_CHANNELS:
            self._kept = np.empty((0, file.channels), np.float32)
        self.frames = 0

    def read(self, file: soundfile.SoundFile) -> None:
        """Take in what ``file`` has from where it was read last."""
        file.seek(self.frames)
        self._make_room(file.frames)
        while len(block := file.read(BLOCK_FRAMES, "float32", always_2d=True)):
            self._add(block)

    def _make_room(self, frames: int) -> None:
        """Keep ``frames`` in all, if they are not too many: at least twice as many as before, so that few are moved."""
        if self._kept is None or frames <= len(self._kept):
            return
        most = LOUDNESS_SAMPLES // self._channels
        if frames > most:
            self._kept = None
            return
        room = min(max(frames, 2 * len(self._kept)), most)
        kept, self._kept = self._kept, np.empty((room, self._channels), np.float32)
        self._kept[: self.frames] = kept[: self.frames]

    def _add(self, block: Block) -> None:
        self._make_room(self.frames + len(block))
        begun, self.frames = self.frames, self.frames + len(block)
        peak = _largest(block)
        if not math.isfinite(peak):
            bad = ~np.isfinite(block)
            self._broken += int(bad.sum())
            block = np.where(bad, np.float32(0), block)
            peak = _largest(block)
        if self._kept is not None:
            self._kept[begun : self.frames] = block
        self._peak = max(self._peak, peak)
        if peak >= self._full:
            size = np.abs(block)
            self._clipped += int((size > self._full).sum() if self._most is None else (size >= self._full).sum())
        flat = block.reshape(-1).astype(np.float64)
        # Not np.dot: for so few samples the threads of OpenBLAS take longer than the sum.
        self._squares += float(np.einsum("i,i", flat, flat))
        if self._stream is not None:
            self._true_peak = max(self._true_peak, _largest(self._stream.resample_chunk(block)))

    def levels(self) -> Levels:
        """The levels of all that was taken in."""
        if self._stream is not None:
            rest = np.zeros((0, self._channels), np.float32)
            self._true_peak = max(self._true_peak, _largest(self._stream.resample_chunk(rest, last=True)))
        rms = math.sqrt(self._squares / (self.frames * self._channels)) if self.frames else 0.0
        kept = None if self._kept is None or self._broken else self._kept[: self.frames]
        loud = None if kept is None else _loudness(kept, self._sr)
        true_peak = _db(max(self._peak, self._true_peak))
        return Levels(_db(self._peak), true_peak, _db(rms), loud, self._clipped, self._broken)


def measured(path: Path) -> Levels:
    """The levels of the sound file at ``path``. Raises OSError or soundfile's error where it cannot be read."""
    with soundfile.SoundFile(sound_name(path)) as file:
        meter = Meter(file)
        meter.read(file)
    return meter.levels()


def rehearse() -> None:
    """Measure a moment of silence, so that a process forked from this one finds everything loaded: it saves 2 ms."""
    with io.BytesIO() as file:
        soundfile.write(file, np.zeros((OVERSAMPLED_HZ // 4, 2)), OVERSAMPLED_HZ // 4, "PCM_16", format="WAV")
        file.seek(0)
        with soundfile.SoundFile(file) as silence:
            meter = Meter(silence)
            meter.read(silence)
            meter.levels()


def follow(path: Path, link: socket.socket) -> None:
    """Measure the sound file at ``path`` as it grows, until ``link`` ends, as it is whole; then send its levels."""
    meter: Meter | None = None
    while not select.select([link], [], [], RENDER_METER_SECONDS)[0]:
        with suppress(OSError, soundfile.LibsndfileError), soundfile.SoundFile(sound_name(path)) as file:
            if file.format in GROWING and file.frames:
                meter = meter or Meter(file)
                meter.read(file)
    with soundfile.SoundFile(sound_name(path)) as file:
        meter = meter or Meter(file)
        meter.read(file)
    link.sendall(json.dumps({"frames": meter.frames, "levels": asdict(meter.levels())}).encode() + b"\n")


def _largest(samples: Block) -> float:
    """The largest size of a sample, not a number where one is none."""
    return max(float(samples.max()), -float(samples.min())) if samples.size else 0.0


def _loudness(samples: Block, sr: int) -> float | None:
    """Integrated loudness in LUFS, None where the measure has none: of less than 0.4 s, of silence, of odd rates."""
    try:
        found = float(loudness.integrated_loudness(samples, sr))
    except ValueError:
        return None
    return round(found, 2) if math.isfinite(found) else None


def _db(level: float) -> float | None:
    return round(20 * math.log10(level), 2) if level else None
