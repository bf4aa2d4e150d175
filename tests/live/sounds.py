"""WAV files as they should be: everything that the header says is there, and nothing more."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

PCM: Final = 1
IEEE_FLOAT: Final = 3
EXTENSIBLE: Final = 0xFFFE
DTYPES: Final = {(PCM, 16): "<i2", (IEEE_FLOAT, 32): "<f4", (IEEE_FLOAT, 64): "<f8"}


@dataclass(frozen=True)
class Sound:
    """The sound in a file."""

    sr: int
    frames: npt.NDArray[Any]


def whole(path: Path) -> Sound:
    """The sound in the WAV file at ``path``, which must be complete in itself."""
    data = path.read_bytes()
    riff, size, wave = struct.unpack_from("<4sI4s", data)
    assert (riff, wave) == (b"RIFF", b"WAVE")
    assert size == len(data) - 8
    chunks = dict(_chunks(data))
    kind, channels, sr, _, width, bits = struct.unpack_from("<HHIIHH", chunks[b"fmt "])
    if kind == EXTENSIBLE:
        (kind,) = struct.unpack_from("<H", chunks[b"fmt "], 24)
    sound = chunks[b"data"]
    assert len(sound) % width == 0
    return Sound(sr, np.frombuffer(sound, DTYPES[kind, bits]).reshape(-1, channels))


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, place = [], 12
    while place < len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        assert place + 8 + size <= len(data)
        found.append((name, data[place + 8 : place + 8 + size]))
        place += 8 + size + size % 2
    return found
