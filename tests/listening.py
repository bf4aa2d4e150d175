"""What is heard in a sound, in numbers: loudness, true peak and width of frames at 48 kHz and full scale 1."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Frames = npt.NDArray[np.floating]
"""Sound as ``[frames, nchnls]``."""

SR: Final = 48000

_SHELF: Final = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1, -1.69065929318241, 0.73248077421585))
_HIGHPASS: Final = ((1, -2, 1), (1, -1.99004745483398, 0.99007225036621))
"""The two filters of ITU-R BS.1770-4 at 48 kHz: numerators and denominators, in powers of one sample of delay."""

_BLOCK: Final = SR * 4 // 10
_HOP: Final = _BLOCK // 4
_OFFSET: Final = -0.691
_SILENCE: Final = 1e-12


def loudness(sound: Frames) -> float:
    """Integrated loudness in LUFS, by ITU-R BS.1770-4: weighted blocks of 400 ms, gated at -70 LUFS and at -10 LU."""
    weighted = _weighted(sound)
    starts = range(0, len(weighted) - _BLOCK + 1, _HOP)
    power = np.array([np.mean(weighted[start : start + _BLOCK] ** 2, axis=0).sum() for start in starts])
    heard = power[_lufs(power) > -70]
    if not len(heard):
        return -np.inf
    heard = heard[_lufs(heard) > _lufs(np.mean(heard)) - 10]
    return float(_lufs(np.mean(heard)))


def true_peak(sound: Frames) -> float:
    """The highest level between the samples too, in dBTP: each second four times as dense, with what is beside it."""
    beside, highest = 256, 0.0
    padded = np.pad(np.asarray(sound, np.float64), ((beside, beside), (0, 0)))
    for start in range(0, len(sound), SR):
        piece = padded[start : start + SR + 2 * beside]
        dense = np.fft.irfft(np.fft.rfft(piece, axis=0), 4 * len(piece), axis=0) * 4
        highest = max(highest, float(np.abs(dense[4 * beside : -4 * beside]).max()))
    return float(20 * np.log10(highest + _SILENCE))


def level(sound: Frames) -> float:
    """The level of both channels together as RMS, in dB of full scale."""
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + _SILENCE))


def width(sound: Frames) -> float:
    """How much louder the difference of two channels is than their sum, in dB: mono is far below 0."""
    left, right = np.asarray(sound, np.float64).T
    return float(10 * np.log10((np.mean((left - right) ** 2) + _SILENCE) / (np.mean((left + right) ** 2) + _SILENCE)))


def _weighted(sound: Frames) -> npt.NDArray[np.float64]:
    # Padded by a second, in which the filters have long fallen silent: nothing comes round to the beginning.
    length = len(sound) + SR
    delay = np.exp(-2j * np.pi * np.fft.rfftfreq(length))
    response = np.ones_like(delay)
    for numerator, denominator in (_SHELF, _HIGHPASS):
        response *= np.polyval(numerator[::-1], delay) / np.polyval(denominator[::-1], delay)
    spectrum = np.fft.rfft(np.asarray(sound, np.float64), length, axis=0)
    return np.fft.irfft(spectrum * response[:, None], length, axis=0)[: len(sound)]


def _lufs(power: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return _OFFSET + 10 * np.log10(np.asarray(power, np.float64) + _SILENCE)
