"""Every piece in examples/ sounds as it should under the ``csound`` command."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

FOLDER = Path(__file__).parents[2] / "examples"
PIECES = sorted((*FOLDER.glob("*.csd"), *FOLDER.glob("*.orc")))
CHANNELS = 2
SR = 48000
FLOAT_BYTES = 4


def csound(*arguments: str | Path) -> list[str]:
    found = shutil.which("csound")
    assert found is not None, "these tests need the csound command"
    return [found, "-d", "-m0", *map(str, arguments)]


def render(piece: Path, seconds: float) -> npt.NDArray[np.float32]:
    """The first ``seconds`` of a piece, or all of it if it is shorter, as frames."""
    language = ["--orc"] if piece.suffix == ".orc" else []
    command = csound("-h", "-f", "-o", "stdout", *language, piece)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=FOLDER) as process:
        assert process.stdout is not None
        audio = process.stdout.read(int(seconds * SR) * CHANNELS * FLOAT_BYTES)
        process.kill()
    return np.frombuffer(audio, "<f4").reshape(-1, CHANNELS)


@pytest.fixture(scope="module", params=PIECES, ids=lambda piece: piece.name)
def beginning(request: pytest.FixtureRequest) -> npt.NDArray[np.float32]:
    piece: Path = request.param
    return render(piece, 8)


def test_there_are_at_least_five() -> None:
    assert len(PIECES) >= 5


def test_it_goes_on(beginning: npt.NDArray[np.float32]) -> None:
    assert len(beginning) >= 2 * SR


def test_it_is_heard_on_both_sides(beginning: npt.NDArray[np.float32]) -> None:
    loudness = np.sqrt(np.mean(np.square(beginning, dtype=np.float64), axis=0))
    assert (loudness > 0.005).all()


def test_it_neither_clips_nor_breaks(beginning: npt.NDArray[np.float32]) -> None:
    assert np.isfinite(beginning).all()
    assert np.abs(beginning).max() < 1


def test_its_sides_differ(beginning: npt.NDArray[np.float32]) -> None:
    assert not np.array_equal(beginning[:, 0], beginning[:, 1])


def test_the_canon_ends_by_itself() -> None:
    frames = render(FOLDER / "canon.csd", 60)
    assert 18 < len(frames) / SR < 30


PROBE = """
instr Probe
  itype, imode, ikind, istart, ilow, ihigh chnparams strget(p4)
  prints "hints %s %d %g %g %g\\n", strget(p4), ikind, istart, ilow, ihigh
endin
</CsInstruments>
"""


def hints(piece: Path, names: list[str], folder: Path) -> dict[str, list[float]]:
    """What a front end is told of the channels: kind, default, lowest and highest value."""
    text = piece.read_text().replace("</CsInstruments>\n", PROBE)
    score = "\n".join(f'i "Probe" 0 0.01 "{name}"' for name in names)
    probe = folder / "probe.csd"
    probe.write_text(re.sub(r"<CsScore>.*</CsScore>", f"<CsScore>\n{score}\n</CsScore>", text, flags=re.DOTALL))
    ran = subprocess.run(csound("-n", probe), capture_output=True, text=True, check=True)
    found = re.findall(r"hints (\w+) (\S+) (\S+) (\S+) (\S+)", ran.stdout + ran.stderr)
    return {name: [float(value) for value in values] for name, *values in found}


LANTERN = {
    "gain": [2, 0.7, 0, 1],
    "cutoff": [3, 1400, 60, 12000],
    "resonance": [2, 0.35, 0, 0.95],
    "sweep": [2, 2, 0, 5],
    "attack": [3, 0.02, 0.002, 4],
    "release": [3, 0.9, 0.02, 8],
    "detune": [2, 7, 0, 50],
    "echo": [2, 0.3, 0, 0.9],
    "space": [2, 0.3, 0, 1],
    "autoplay": [1, 1, 0, 1],
    "tempo": [2, 104, 40, 200],
}
GLASSHOUSE = ["position", "pitch", "density", "grain", "scatter", "wander", "halo", "gain"]


def test_the_synthesizer_gives_hints_for_its_knobs(tmp_path: Path) -> None:
    assert hints(FOLDER / "lantern.csd", list(LANTERN), tmp_path) == LANTERN


def test_the_cloud_starts_within_the_hinted_ranges(tmp_path: Path) -> None:
    found = hints(FOLDER / "glasshouse.csd", GLASSHOUSE, tmp_path)
    assert set(found) == set(GLASSHOUSE)
    assert all(low <= start <= high for _, start, low, high in found.values())
