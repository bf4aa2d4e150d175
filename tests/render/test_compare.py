"""``csoundd compare``: equal, or where and by how much two sound files differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from typer.testing import CliRunner

from csoundd.cli import app

SR = 48000
NOISE: npt.NDArray[np.float64] = np.round(np.random.default_rng(3).uniform(-0.5, 0.5, (3 * SR, 2)) * 32768) / 32768


def compared(left: Path, right: Path) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(app, ["compare", "--json", str(left), str(right)], catch_exceptions=False)
    return done.exit_code, json.loads(done.stdout, parse_constant=pytest.fail)


def shown(left: Path, right: Path) -> str:
    return CliRunner().invoke(app, ["compare", str(left), str(right)], env={"COLUMNS": "200"}).stdout


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "noise.wav", NOISE, SR)
    return tmp_path / "noise.wav"


def test_the_same_samples_are_equal_however_they_are_stored(noise: Path) -> None:
    soundfile.write(noise.with_name("float.wav"), NOISE, SR, "FLOAT")
    soundfile.write(noise.with_name("aiff.aiff"), NOISE, SR, "PCM_24")
    for name in ("float.wav", "aiff.aiff", "noise.wav"):
        assert compared(noise, noise.with_name(name))[0] == 0
    assert shown(noise, noise).startswith("equal: 144000 frames of 2 channels at 48000 Hz")


def test_one_bit_of_one_sample_is_found(noise: Path) -> None:
    changed = NOISE.copy()
    changed[100_000, 1] += 1 / 32768
    soundfile.write(noise.with_name("b.wav"), changed, SR)
    status, found = compared(noise, noise.with_name("b.wav"))
    assert (status, found["equal"], found["differing"]) == (1, False, 1)
    for place in (found["first"], found["largest"]):
        assert (place["frame"], place["channel"]) == (100_000, 2)
        assert place["right"] - place["left"] == pytest.approx(1 / 32768)
    assert "-90.3 dBFS" in shown(noise, noise.with_name("b.wav"))


def test_the_first_and_the_largest_difference_are_told_apart(noise: Path) -> None:
    changed = NOISE.copy()
    changed[10, 0] += 0.01
    changed[50_000, 1] -= 0.4
    changed[90_000, 0] += 0.02
    soundfile.write(noise.with_name("b.wav"), changed, SR)
    _, found = compared(noise, noise.with_name("b.wav"))
    assert (found["first"]["frame"], found["first"]["channel"]) == (10, 1)
    assert (found["largest"]["frame"], found["largest"]["channel"]) == (50_000, 2)


def test_the_band_of_the_difference_is_told(noise: Path) -> None:
    # A sine at a hundredth of full scale is -40 dB in its band.
    sine = 0.01 * np.sin(2 * np.pi * 1000 * np.arange(len(NOISE)) / SR)
    soundfile.write(noise.with_name("b.wav"), NOISE + sine[:, None], SR, "FLOAT")
    _, found = compared(noise, noise.with_name("b.wav"))
    levels = {band["hz"]: band["difference"] for band in found["bands"]}
    assert max(levels, key=lambda hz: levels[hz]) == 1000
    assert levels[1000] == pytest.approx(-40, abs=1)
    assert all(level < -60 for hz, level in levels.items() if hz != 1000)


def test_a_shorter_file_is_different(noise: Path) -> None:
    soundfile.write(noise.with_name("b.wav"), NOISE[:-1], SR)
    status, found = compared(noise, noise.with_name("b.wav"))
    assert (status, found["differing"], found["right"]["frames"]) == (1, 0, len(NOISE) - 1)


def test_another_rate_is_different_and_not_compared(noise: Path) -> None:
    soundfile.write(noise.with_name("b.wav"), NOISE, 44100)
    status, found = compared(noise, noise.with_name("b.wav"))
    assert (status, found["first"], found["right"]["sr"]) == (1, None, 44100)


def test_not_numbers_are_no_difference_where_both_have_them(noise: Path) -> None:
    broken = NOISE.copy()
    broken[5, 0] = np.nan
    for name in ("b.wav", "c.wav"):
        soundfile.write(noise.with_name(name), broken, SR, "FLOAT")
    assert compared(noise.with_name("b.wav"), noise.with_name("c.wav"))[0] == 0
    status, found = compared(noise, noise.with_name("b.wav"))
    assert (status, found["first"]["frame"]) == (1, 5)


def test_infinities_are_compared_and_told_in_json_that_all_can_read(noise: Path) -> None:
    broken = NOISE.copy()
    broken[5, 0], broken[6, 0] = np.inf, -np.inf
    for name, samples in (("b.wav", broken), ("c.wav", -broken)):
        soundfile.write(noise.with_name(name), samples, SR, "FLOAT")
    assert compared(noise.with_name("b.wav"), noise.with_name("b.wav"))[0] == 0
    _, found = compared(noise.with_name("b.wav"), noise.with_name("c.wav"))
    assert found["largest"]["left"] == {"$float": "inf"}


def test_what_is_no_sound_file_is_told(noise: Path) -> None:
    noise.with_name("text.wav").write_text("no sound")
    for name, words in (("text.wav", "is no sound file"), ("none.wav", "no such file"), (".", "is a folder")):
        path = noise.with_name(name) if name != "." else noise.parent
        done = CliRunner().invoke(app, ["compare", str(noise), str(path)])
        assert (done.exit_code, done.stderr.startswith(f"csoundd: {path} "), words in done.stderr) == (2, True, True)


def test_a_shorter_file_that_is_the_same_so_far_is_told_as_such(noise: Path) -> None:
    soundfile.write(noise.with_name("b.wav"), NOISE[:100], SR)
    assert "the 100 frames that both have are the same" in shown(noise, noise.with_name("b.wav"))
