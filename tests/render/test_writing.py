"""Sound files that csoundd writes itself."""

from __future__ import annotations

import errno
import sys

import numpy as np
import pytest
import soundfile

from csoundd.render.writing import write


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a file that is always full")
def test_a_disk_that_is_full_is_told_as_such() -> None:
    with (
        soundfile.SoundFile("/dev/full", "w", 48000, 2, "PCM_16", format="RAW") as file,
        pytest.raises(OSError, match="No space left") as told,
    ):
        write(file, np.zeros((1 << 16, 2)))
    assert told.value.errno == errno.ENOSPC
