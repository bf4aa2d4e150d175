"""The same calls on libcsound in a process and over a daemon: their results are the same, bit for bit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.live.daemon import PATIENCE, ROOT, Daemon, environment

pytestmark = [pytest.mark.live, pytest.mark.native]

Recording = Mapping[str, npt.NDArray[Any]]


def recording(side: str, engine: str, path: Path, **extra: str) -> Recording:
    words = [sys.executable, "-m", "tests.dropin.recording", side, engine, str(path)]
    result = subprocess.run(
        words, cwd=ROOT, env=environment(extra), capture_output=True, text=True, timeout=2 * PATIENCE, check=False
    )
    assert result.returncode == 0, result.stderr
    with np.load(path) as recorded:
        return dict(recorded)


@pytest.fixture(scope="module")
def sides(engine: str, daemon: Daemon, tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, Recording]:
    folder = tmp_path_factory.mktemp("sides")
    local = recording("local", engine, folder / "local.npz")
    return local, recording("remote", engine, folder / "remote.npz", CSOUNDD_URL=daemon.url)


@pytest.mark.parametrize(
    "what",
    [
        *(f"table {number}" for number in (1, 2, 3)),
        *(f"arguments {number}" for number in (1, 2, 3)),
        *("compiled", "started", "lengths", "sound", "score time", "samples", "sounding", "control", "text"),
        *("pointer", "hints code", "hints", "sizes", "count", "written"),
    ],
)
def test_both_sides_have_the_same_bits(sides: tuple[Recording, Recording], what: str) -> None:
    local, remote = (side[what] for side in sides)
    assert (local.dtype, local.shape) == (remote.dtype, remote.shape)
    assert local.tobytes() == remote.tobytes()


def test_the_sound_that_is_compared_is_one(sides: tuple[Recording, Recording]) -> None:
    local, _ = sides
    assert local["sound"].shape == (1500, 128)
    assert np.abs(local["sound"]).max() > 0.1


def test_nothing_that_was_recorded_is_left_out(sides: tuple[Recording, Recording]) -> None:
    local, remote = sides
    assert local.keys() == remote.keys()
    assert len(local) == 21
