"""A WAV file that is whole at every moment: its header is brought up to date as it grows."""

from __future__ import annotations

import struct
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Literal, Self

import numpy as np
import numpy.typing as npt

Bits = Literal[16, 24, 32]
"""The size of a sample: 16 and 24 are integers, 32 are floats."""

PCM: Final = 1
IEEE_FLOAT: Final = 3
HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
UNKNOWN: Final = 0xFFFFFFFF
"""The length of what has no end yet, and of what is longer than the header can say.

FFmpeg, mpv, SoX and libsndfile know this number and read on to the end of the data. Any other is a length to them:
with 0xFFFFFFD3 they ended a live file after 4 GiB.
"""

SILENCE_FRAMES: Final = 65536
"""How much silence is written at a time."""


class WavWriter:
    """Writes samples whose full scale is 1: integers are clipped there, floats are not.

    A file's header is right after every write. A pipe's leaves the length open. Raises OSError where a file
    cannot be written.
    """

    def __init__(self, target: Path | BinaryIO, bits: Bits = 32) -> None:
        self._file: BinaryIO = target.open("wb") if isinstance(target, Path) else target
        self._owned = isinstance(target, Path)
        self._bits = bits
        self._sr = self._nchnls = 0
        self.frames = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def begin(self, sr: float, nchnls: int) -> None:
        """Write the header, unless that has been done."""
        if not self._nchnls:
            self._sr, self._nchnls = round(sr), nchnls
            self._file.write(self._header(0 if self._owned else None))
            self._file.flush()

    def write(self, frames: npt.NDArray[np.floating], sr: float, *, silence: int = 0) -> None:
        """Append ``[frames, nchnls]``, after ``silence`` frames of zeros for what went missing before it."""
        self.begin(sr, frames.shape[1])
        for start in range(0, silence, SILENCE_FRAMES):
            self._file.write(bytes(min(SILENCE_FRAMES, silence - start) * self._width))
        self._file.write(self._encoded(frames))
        self.frames += silence + len(frames)
        self._update()

    def cut(self, frames: int) -> None:
        """Keep only the first ``frames``, where the target is a file."""
        if self._owned and frames < self.frames:
            self.frames = frames
            self._file.truncate(HEADER.size + frames * self._width)
            self._update()

    def close(self) -> None:
        """Write what is left, and close what was opened here."""
        self._update()
        if self._owned:
            self._file.close()

    @property
    def _width(self) -> int:
        """Bytes of a frame."""
        return self._nchnls * self._bits // 8

    def _encoded(self, frames: npt.NDArray[np.floating]) -> bytes:
        if self._bits == 32:  # noqa: PLR2004 - a size in bits
            return frames.astype("<f4", copy=False).tobytes()
        peak = 2 ** (self._bits - 1) - 1
        whole = np.rint(np.clip(frames, -1.0, 1.0) * float(peak)).astype("<i4")
        octets: npt.NDArray[np.uint8] = whole.view(np.uint8).reshape(*whole.shape, 4)
        return octets[..., : self._bits // 8].tobytes()

    def _update(self) -> None:
        # What the header speaks of has to be there before it.
        self._file.flush()
        if self._owned and self._nchnls:
            self._file.seek(0)
            self._file.write(self._header(self.frames))
            self._file.seek(0, 2)
            self._file.flush()

    def _header(self, frames: int | None) -> bytes:
        return header(self._sr, self._nchnls, self._bits, frames)


def header(sr: float, nchnls: int, bits: Bits, frames: int | None) -> bytes:
    """The header of a file of so many ``frames``, None where nobody knows."""
    width, rate = nchnls * bits // 8, round(sr)
    size = UNKNOWN if frames is None else frames * width
    riff = size + HEADER.size - 8
    if riff >= UNKNOWN:
        riff = size = UNKNOWN
    kind = IEEE_FLOAT if bits == 32 else PCM  # noqa: PLR2004 - a size in bits
    return HEADER.pack(
        b"RIFF", riff, b"WAVE", b"fmt ", 16, kind, nchnls,
        rate, rate * width, width, bits, b"data", size,
    )  # fmt: skip


def complete(path: Path) -> None:
    """Write into the header of a WAV file how long it has become, as whoever wrote it died before he could.

    Other files are left as they are. Raises OSError.
    """
    size = path.stat().st_size
    with path.open("r+b") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return
        at = len(head)
        while len(chunk := file.read(8)) == 8:  # noqa: PLR2004 - a name and a length
            name, length = struct.unpack("<4sI", chunk)
            if name == b"data":
                for place, behind in ((at + 4, size - at - 8), (4, size - 8)):
                    file.seek(place)
                    file.write(struct.pack("<I", min(behind, UNKNOWN)))
                return
            at += 8 + length + length % 2
            file.seek(at)
