"""The samples of sound files that csoundd writes itself: stems, what an engine without files plays, and encodings."""

from __future__ import annotations

import errno
import os
from typing import Any, Final

import numpy as np
import soundfile

BLOCK_FRAMES: Final = 4096
"""libsndfile's encoders of Vorbis and Opus keep what they are given on the stack."""

SYSTEM_ERROR: Final = 2
"""How libsndfile calls whatever the system refuses, without saying what it was."""


def write(file: soundfile.SoundFile, samples: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    """Write samples, full scale being 1. Raises OSError where the disk takes no more of them."""
    try:
        for start in range(0, len(samples), BLOCK_FRAMES):
            file.write(samples[start : start + BLOCK_FRAMES])
    except soundfile.LibsndfileError as failure:
        if failure.code == SYSTEM_ERROR:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from failure
        raise
