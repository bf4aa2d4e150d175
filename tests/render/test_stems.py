"""Stems: what instruments put out and audio channels hold, each in a file beside the mix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from csoundd.errors import CsounddError
from csoundd.render.pool import RenderFailed
from tests.live.engines import needed
from tests.live.pieces import csd
from tests.render.commands import HEADER, render, samples
from tests.render.pools import Done, Renders

BAND = """sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
gasend init 0
opcode Pan, 0, ak
  asound, kpan xin
  outch 1, asound * (1 - kpan), 2, asound * kpan
endop
instr 1 ; two of them at a time, by an opcode of the piece's own
  asound = poscil(linen:k(p4, 0.01, p3, 0.05), p5)
  Pan asound, 0.3
  gasend += asound * 0.4
endin
instr Noise
  asound = noise(0.1, 0) * linseg(1, p3, 0)
  outs(asound, asound * 0.5)
  gasend += asound * 0.2
endin
instr 99
  awet reverb gasend, 1.5
  outs awet, awet
  gasend = 0
endin
"""
SCORE = 'i1 0 0.5 0.2 440\ni1 0.2 0.5 0.2 660\ni "Noise" 0.1 0.3\ni99 0 1'
PARTS = ("1", "Noise", "99")
EXPORTS = """sr = 48000
ksmps = 32
nchnls = 1
0dbfs = 1
chn_a "low", 2
instr 1
  alow = poscil(0.4, 110)
  ahigh = poscil(0.2, 880)
  chnset(alow, "low")
  chnset(ahigh, "high/est")
  chnset(k(0.5), "level")
  out(alow + ahigh)
endin
"""

pytestmark = pytest.mark.native


@pytest.fixture(params=["native:6", "native:7"])
def renders(request: pytest.FixtureRequest) -> Renders:
    needed(request.param)
    found: Renders = request.getfixturevalue("renders6" if request.param == "native:6" else "renders7")
    return found


def rendered(renders: Renders, folder: Path, piece: str, name: str = "piece", **settings: Any) -> Done:
    (folder / f"{name}.csd").write_text(piece)
    return renders.render(folder / f"{name}.csd", folder / f"{name}.wav", **settings)


def sound(path: Path) -> npt.NDArray[np.float64]:
    found: npt.NDArray[np.float64] = soundfile.read(path, always_2d=True)[0]
    return found


def test_the_stems_of_all_instruments_add_up_to_the_mix_which_is_as_without_them(
    renders: Renders, tmp_path: Path
) -> None:
    done = rendered(renders, tmp_path, csd(BAND, SCORE), stems=PARTS, format="wav32f")
    plain = rendered(renders, tmp_path, csd(BAND, SCORE), "plain", format="wav32f")
    assert np.array_equal(samples(done.output), samples(plain.output))
    stems = [sound(tmp_path / f"piece-{name}.wav") for name in PARTS]
    assert all(stem.shape == (48000, 2) and stem.any() for stem in stems)
    assert np.abs(sum(stems) - sound(done.output)).max() < 4 * 2**-24
    assert done.result.stem_sum is not None
    assert done.result.stem_sum.is_mix


def test_instruments_with_shorter_cycles_of_their_own_are_told_apart(renders: Renders, tmp_path: Path) -> None:
    short = HEADER + (
        "instr 1\n  setksmps 16\n  out poscil(0.1, 440), poscil(0.1, 220)\nendin\n"
        "instr 2\n  setksmps 16\n  out poscil(0.2, 660), poscil(0.2, 550)\nendin\n"
    )
    found = rendered(renders, tmp_path, csd(short, "i1 0 0.2\ni2 0.1 0.2"), stems=("1", "2")).result
    assert [stem.levels.peak for stem in found.stems] == pytest.approx([-20, -13.98], abs=0.02)
    assert found.stem_sum is not None
    assert found.stem_sum.is_mix


@pytest.mark.parametrize("name", PARTS)
def test_the_stem_of_an_instrument_is_what_is_left_where_no_other_puts_anything_out(
    renders: Renders, tmp_path: Path, name: str
) -> None:
    own = {"1": "outch 1, asound * (1 - kpan), 2, asound * kpan", "Noise": "outs(asound, asound * 0.5)"}
    silenced = BAND
    for other, line in (own | {"99": "outs awet, awet"}).items():
        silenced = silenced if other == name else silenced.replace(line, "")
    rendered(renders, tmp_path, csd(BAND, SCORE), stems=(name,), format="wav32f")
    alone = rendered(renders, tmp_path, csd(silenced, SCORE), "alone", format="wav32f")
    assert np.abs(sound(tmp_path / f"piece-{name}.wav") - sound(alone.output)).max() < 2**-23


def test_the_stem_of_an_audio_channel_is_what_is_in_it(renders: Renders, tmp_path: Path) -> None:
    done = rendered(renders, tmp_path, csd(EXPORTS, "i1 0 1"), stems=("low", "high/est"), format="wav24")
    assert [(stem.name, stem.nchnls, round(stem.levels.peak or 0, 1)) for stem in done.result.stems] == [
        ("low", 1, -8.0),
        ("high/est", 1, -14.0),
    ]
    assert soundfile.info(tmp_path / "piece-high_est.wav").subtype == "PCM_24"
    expected = 0.4 * np.sin(2 * np.pi * 110 * np.arange(48000) / 48000)
    assert np.abs(sound(tmp_path / "piece-low.wav")[:, 0] - expected).max() < 1e-3
    assert done.result.stem_sum is not None
    assert done.result.stem_sum.is_mix


def test_what_is_in_no_stem_is_told(renders: Renders, tmp_path: Path) -> None:
    found = rendered(renders, tmp_path, csd(EXPORTS, "i1 0 1"), stems=("low",)).result.stem_sum
    assert found is not None
    assert not found.is_mix
    assert found.difference == pytest.approx(0.2, abs=1e-3)


@pytest.mark.parametrize(
    ("piece", "name", "told"),
    [
        (BAND, "Drums", "Drums is neither an instrument nor an audio channel of the piece"),
        (EXPORTS, "level", "level is a control channel of the piece"),
        (
            BAND.replace("  gasend = 0", '  gasend = 0\n  ires evalstr "return 1"'),
            "1",
            "evalstr compiles more while it plays",
        ),
        (f"#define MORE #instr 7\nendin\n#\n{BAND}$MORE\n", "1", "a macro or an included file holds an instrument"),
    ],
)
def test_a_stem_that_is_not_to_be_had_says_why_and_leaves_nothing(
    renders: Renders, tmp_path: Path, piece: str, name: str, told: str
) -> None:
    with pytest.raises(CsounddError, match=told):
        rendered(renders, tmp_path, csd(piece, "i1 0 0.1 0.5 440"), stems=(name,))
    assert [each.name for each in tmp_path.iterdir()] == ["piece.csd"]


def test_an_error_in_the_code_has_its_line_in_the_piece(renders: Renders, tmp_path: Path) -> None:
    broken = csd(BAND.replace("  gasend = 0\n", "  gasend = nothing_here(3)\n"), SCORE)
    line = broken[: broken.index("nothing_here")].count("\n") + 1
    with pytest.raises(RenderFailed, match=f"line {line}: "):
        rendered(renders, tmp_path, broken, stems=("1",))


def test_a_warning_has_its_line_in_the_piece(renders7: Renders, tmp_path: Path) -> None:
    done, plain = (
        rendered(renders7, tmp_path, csd(BAND, SCORE), name, stems=stems) for name, stems in (("a", ("1",)), ("b", ()))
    )
    assert done.result.warnings == plain.result.warnings != ()


def test_the_command_names_the_files_and_tells_of_their_sum(tmp_path: Path) -> None:
    needed("native:7")
    (tmp_path / "band.csd").write_text(csd(BAND, SCORE))
    done = render("band.csd", "-o", "mix.flac", "--stems", "1,Noise,99", "--engine", "native:7", folder=tmp_path)
    assert done.status == 0, done.stderr
    names = {each.name for each in tmp_path.iterdir()}
    assert names == {"band.csd", "mix.flac", "mix-1.flac", "mix-Noise.flac", "mix-99.flac"}
    told = done.stdout.decode()
    assert "mix-Noise.flac: peak" in told
    assert "the sum of the stems is the mix" in told


def test_programs_are_told_the_files_of_stems(tmp_path: Path) -> None:
    (tmp_path / "a.csd").write_text(csd(EXPORTS, "i1 0 0.1"))
    engine = needed("native:7")
    done = render("a.csd", "-o", "a.wav", "--stems", "low", "--engine", engine, "--json", folder=tmp_path)
    (stem,) = done.last["a.csd"]["stems"]
    assert (stem["name"], stem["output"]) == ("low", str(tmp_path / "a-low.wav"))
    assert not done.last["a.csd"]["stem_sum"]["is_mix"]


def test_stems_are_not_asked_of_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "band.csd").write_text(csd(BAND, SCORE))
    assert "standard output" in render("band.csd", "-o", "-", "--stems", "1", folder=tmp_path).stderr
