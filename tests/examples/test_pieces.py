"""Every piece in examples/ sounds as it should under the ``csound`` command."""

from __future__ import annotations

import re
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.listening import SR, level, loudness, true_peak, width

FOLDER = Path(__file__).parents[2] / "examples"
PIECES = sorted(FOLDER.glob("*.csd"))
CHANNELS = 2
FLOAT_BYTES = 4


def csound(*arguments: str | Path) -> list[str]:
    found = shutil.which("csound")
    assert found is not None, "these tests need the csound command"
    return [found, "-d", "-m0", *map(str, arguments)]


def render(piece: Path, seconds: float, *options: str | Path) -> npt.NDArray[np.float32]:
    """The first ``seconds`` of a piece, or all of it if it is shorter, as frames."""
    command = csound("-h", "-f", "-o", "stdout", *options, piece)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=FOLDER) as process:
        assert process.stdout is not None
        audio = process.stdout.read(int(seconds * SR) * CHANNELS * FLOAT_BYTES)
        process.kill()
    return np.frombuffer(audio, "<f4").reshape(-1, CHANNELS)


@pytest.fixture(scope="module", params=PIECES, ids=lambda piece: piece.name)
def beginning(request: pytest.FixtureRequest) -> npt.NDArray[np.float32]:
    piece: Path = request.param
    return render(piece, 20)


def test_there_are_eight() -> None:
    assert len(PIECES) == 8


def test_it_goes_on(beginning: npt.NDArray[np.float32]) -> None:
    assert len(beginning) == 20 * SR


def test_it_sounds_within_its_first_second(beginning: npt.NDArray[np.float32]) -> None:
    assert level(beginning[:SR]) > level(beginning) - 10


def test_it_is_as_loud_as_the_others(beginning: npt.NDArray[np.float32]) -> None:
    assert loudness(beginning) == pytest.approx(-18, abs=1)


def test_it_is_heard_on_both_sides_alike(beginning: npt.NDArray[np.float32]) -> None:
    assert level(beginning[:, :1]) == pytest.approx(level(beginning[:, 1:]), abs=3)


def test_it_neither_clips_nor_breaks(beginning: npt.NDArray[np.float32]) -> None:
    assert np.isfinite(beginning).all()
    assert true_peak(beginning) < -1


def test_it_is_wide(beginning: npt.NDArray[np.float32]) -> None:
    assert width(beginning) > -16


def test_the_canon_ends_by_itself() -> None:
    frames = render(FOLDER / "canon.csd", 60)
    assert 18 < len(frames) / SR < 30


TURN = """
instr Turn
  chnset p5, strget(p4)
endin
schedule "Turn", 0.3, 0.01, "{}", {}
</CsInstruments>
"""
KNOB = re.compile(r'^\$KNOB "(\w+)", 3, [123], (\S+), (\S+), (\S+),', re.MULTILINE)


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.name)
def test_every_knob_is_heard(piece: Path, tmp_path: Path) -> None:
    text = piece.read_text().replace("seed 0\n", "seed 1\n")
    turned, came = tmp_path / piece.name, tmp_path / "input.wav"
    sine = np.where(np.arange(2 * SR) < SR, 0, 0.3 * np.sin(2 * np.pi * 330 * np.arange(2 * SR) / SR))
    with wave.open(str(came), "wb") as file:
        file.setparams((CHANNELS, 2, SR, 0, "NONE", ""))
        file.writeframes(np.repeat(sine * 32767, CHANNELS).astype("<i2").tobytes())

    def heard(knob: str, value: str) -> npt.NDArray[np.float32]:
        turned.write_text(text.replace("</CsInstruments>\n", TURN.format(knob, value)))
        return render(turned, 6, "-i", came)

    knobs = KNOB.findall(text)
    assert len(knobs) >= 7
    untouched = heard("nothing", "0")
    for knob, start, low, high in knobs:
        other = high if abs(float(start) - float(low)) < abs(float(high) - float(start)) else low
        moved = heard(knob, other)
        assert moved.shape == untouched.shape, knob
        assert level(moved - untouched) > level(untouched) - 30, knob
