"""Sound as Ogg Opus, piece by piece: about 96 kbit/s for two channels, where WAV takes 1,536.

libsndfile does the work. Opus knows five rates; sound at any other is resampled to 48 kHz.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

Int16Block = npt.NDArray[np.int16]

OPUS_RATES_HZ: Final = frozenset({8000, 12000, 16000, 24000, 48000})
OPUS_RATE_HZ: Final = 48000
CHANNELS: Final = 2
"""Opus has an order of its own for more than two channels, which Csound's do not keep: the first two are sent."""

PAGE_MS: Final = 100.0
"""An Ogg page holds so much sound, instead of a second: a player hears it that much later, at 1 % more bytes."""

_COMPRESSION_LEVEL: Final = 0.832
"""libsndfile makes 6 to 256 kbit/s a channel of 1.0 to 0.0: this is 48."""

_SET_OGG_PAGE_LATENCY_MS: Final = 0x1302
"""``SFC_SET_OGG_PAGE_LATENCY_MS`` of sndfile.h (libsndfile 1.1), which soundfile has no name for."""


class OpusStream:
    """Encodes blocks of 16-bit integers, ``[frames, nchnls]`` at ``sr`` Hz, to an Ogg file without an end."""

    def __init__(self, sr: float, nchnls: int) -> None:
        channels = min(nchnls, CHANNELS)
        rate = int(sr) if sr in OPUS_RATES_HZ else OPUS_RATE_HZ
        self._channels = channels
        self._resampler = None if rate == sr else soxr.ResampleStream(sr, rate, channels, dtype="int16")
        self._pages = _Pages()
        self._file = soundfile.SoundFile(
            self._pages, "w", rate, channels, "OPUS", format="OGG", compression_level=_COMPRESSION_LEVEL
        )
        latency = soundfile._ffi.new("double *", PAGE_MS)  # noqa: SLF001 - there is no other way to that command
        soundfile._snd.sf_command(self._file._file, _SET_OGG_PAGE_LATENCY_MS, latency, 8)  # noqa: SLF001

    def encode(self, block: Int16Block) -> bytes:
        """The pages that ``block`` completed, which may be none."""
        sound = np.ascontiguousarray(block[:, : self._channels])
        if self._resampler is not None:
            sound = self._resampler.resample_chunk(sound)
        self._file.write(sound)
        return self._pages.taken()

    def close(self) -> bytes:
        """The last pages."""
        self._file.close()
        return self._pages.taken()


class _Pages(io.RawIOBase):
    """A file that is written from front to end, and whose content is taken away as it comes."""

    def __init__(self) -> None:
        super().__init__()
        self._content = bytearray()
        self._at = 0

    def write(self, data: Buffer) -> int:
        content = bytes(data)
        self._content += content
        self._at += len(content)
        return len(content)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Libsndfile asks where the end is, and never goes back."""
        if whence == io.SEEK_SET:
            self._at = offset
        return self._at

    def tell(self) -> int:
        return self._at

    def taken(self) -> bytes:
        """What was written since the last time."""
        content = bytes(self._content)
        self._content.clear()
        return content
