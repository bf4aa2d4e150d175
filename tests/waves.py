"""Reads WAV files for tests, by the book and without the code that wrote them."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt


def samples_of(path: Path) -> tuple[int, npt.NDArray[np.float64]]:
    """The rate, and the samples of full scale 1 as ``[frames, nchnls]``; a length that is wrong is a failure."""
    data = path.read_bytes()
    riff, size, kind = struct.unpack("<4sI4s", data[:12])
    assert (riff, kind, size) == (b"RIFF", b"WAVE", len(data) - 8)
    assert data[12:20] == b"fmt \x10\0\0\0"
    tag, nchnls, sr, rate, width, bits = struct.unpack("<HHIIHH", data[20:36])
    assert (width, rate) == (nchnls * bits // 8, sr * nchnls * bits // 8)
    assert data[36:40] == b"data"
    assert struct.unpack("<I", data[40:44])[0] == len(data) - 44
    assert tag == (3 if bits == 32 else 1)
    return sr, _decoded(data[44:], bits).reshape(-1, nchnls)


def spoken_of(path: Path) -> int:
    """The frames that the header of a file speaks of while it grows; those that are not there are a failure."""
    data = path.read_bytes()
    riff, size, kind = struct.unpack("<4sI4s", data[:12])
    length, width = struct.unpack("<I", data[40:44])[0], struct.unpack("<H", data[32:34])[0]
    assert (riff, kind, data[36:40]) == (b"RIFF", b"WAVE", b"data")
    assert max(size + 8, length + 44) <= len(data)
    return int(length) // int(width)


def _decoded(body: bytes, bits: int) -> npt.NDArray[np.float64]:
    if bits == 32:
        return np.frombuffer(body, "<f4").astype(np.float64)
    if bits == 16:
        return np.frombuffer(body, "<i2") / 32767.0
    octets = np.frombuffer(body, np.uint8).reshape(-1, 3).astype(np.int32)
    whole = octets[:, 0] | octets[:, 1] << 8 | octets[:, 2] << 16
    return np.asarray(np.where(whole >= 1 << 23, whole - (1 << 24), whole) / 8388607.0, np.float64)
