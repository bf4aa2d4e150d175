"""A WAV file that is whole at every moment: its header is brought up to date as it grows."""

from __future__ import annotations

import struct
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import numpy as np
import numpy.typing as npt

IEEE_FLOAT: Final = 3
BITS: Final = 32
HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
UNKNOWN: Final = 0xFFFFFFFF - HEADER.size
UPDATE_FRAMES: Final = 48000


class WavWriter:
    """Writes 32-bit float samples. A pipe gets a header that leaves the length open."""

    def __init__(self, target: Path | BinaryIO) -> None:
        self._file: BinaryIO = target.open("wb") if isinstance(target, Path) else target
        self._owned = isinstance(target, Path)
        self._sr = self._nchnls = self._updated = 0
        self.frames = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._update()
        self._file.flush()
        if self._owned:
            self._file.close()

    def write(self, frames: npt.NDArray[np.float32], sr: int, *, silence: int = 0) -> None:
        """Append ``[frames, nchnls]``, after ``silence`` frames of zeros for what went missing before it."""
        if not self._nchnls:
            self._sr, self._nchnls = sr, frames.shape[1]
            self._file.write(self._header(0 if self._owned else None))
        if silence:
            self._file.write(bytes(silence * self._nchnls * 4))
        self._file.write(frames.astype("<f4", copy=False).tobytes())
        self.frames += silence + len(frames)
        if self.frames - self._updated >= UPDATE_FRAMES:
            self._update()
        if not self._owned:
            self._file.flush()

    def cut(self, frames: int) -> None:
        """Keep only the first ``frames``, where the target is a file."""
        if self._owned and frames < self.frames:
            self.frames = frames
            self._file.truncate(HEADER.size + frames * self._nchnls * 4)
            self._update()

    def _update(self) -> None:
        self._updated = self.frames
        if self._owned and self._nchnls:
            self._file.seek(0)
            self._file.write(self._header(self.frames))
            self._file.seek(0, 2)

    def _header(self, frames: int | None) -> bytes:
        width = self._nchnls * 4
        size = UNKNOWN if frames is None else frames * width
        return HEADER.pack(
            b"RIFF", size + HEADER.size - 8, b"WAVE", b"fmt ", 16, IEEE_FLOAT, self._nchnls,
            self._sr, self._sr * width, width, BITS, b"data", size,
        )  # fmt: skip
