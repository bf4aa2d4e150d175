"""A sound file for a test."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from csoundd.wav import WavWriter

RATE: Final = 48_000


def a_sound_in(folder: Path, name: str = "take.wav") -> None:
    with WavWriter(folder / name, 16) as take:
        take.begin(RATE, 1)
        take.write(np.zeros((RATE // 10, 1)), RATE)
