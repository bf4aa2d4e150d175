"""``csoundd render``: what can be asked of it, by the command and of the pool behind it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from csoundd.render.piece import Settings, is_endless, sweeps
from csoundd.syntax.csd import parse
from tests.live.engines import needed
from tests.live.pieces import csd
from tests.render.commands import SINE, render, samples
from tests.render.pools import Renders

TURNED = csd(
    'sr = 48000\nksmps = 64\nnchnls = 1\n0dbfs = 1\ngilevel chnget "level"\nchnset(110, "freq")\n'
    'instr 1\n  out(poscil(gilevel * $HALF, chnget:i("freq")))\nendin\n',
    "i1 0 1",
)
"""Its header reads one channel and sets another; a macro has to be given."""

pytestmark = pytest.mark.native


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tone.csd").write_text(csd(SINE, "i1 0 1 0.5"))
    (tmp_path / "turned.csd").write_text(TURNED)
    return tmp_path


def frequency(path: Path) -> int:
    """The loudest frequency of a file of one second, in Hz."""
    return int(np.abs(np.fft.rfft(samples(path)[:, 0].astype(float))).argmax())


def loudest(path: Path) -> float:
    return float(np.abs(soundfile.read(path)[0]).max())


def test_channels_macros_and_sweeps_are_set_whatever_the_header_says(folder: Path) -> None:
    ended = render(
        "turned.csd", "-o", "swept", "--set", "freq=330", "--macro", "HALF=0.25", "--sweep", "level=0.8,0.4",
        "--sweep", "$HALF=0.5,0.25", folder=folder,
    )  # fmt: skip
    assert ended.status == 0, ended.stderr
    found = {each.name: (frequency(each), round(loudest(each), 2)) for each in (folder / "swept").iterdir()}
    assert found == {
        f"turned-level={level}-HALF={half}.wav": (330, level * half) for level in (0.8, 0.4) for half in (0.5, 0.25)
    }


def test_a_sweep_is_every_combination() -> None:
    named = [name for name, _ in sweeps(Settings(), {"a": [1.0, 2.0], "b": ["x/y"]})]
    assert named == ["-a=1-b=x_y", "-a=2-b=x_y"]


def test_standard_input_goes_to_standard_output(folder: Path) -> None:
    ended = render("-", "-o", "-", folder=folder, given=(folder / "tone.csd").read_bytes())
    assert ended.status == 0
    heard, sr = soundfile.read(io.BytesIO(ended.stdout))
    assert (heard.shape, sr) == ((48000, 2), 48000)
    assert abs(heard).max() == pytest.approx(0.5, abs=0.001)


def test_levels_are_those_of_the_file(folder: Path, renders7: Renders) -> None:
    (folder / "loud.csd").write_text(csd(SINE.replace("440", "997"), "i1 0 2 1"))
    levels = renders7.render(folder / "loud.csd", folder / "l.wav").result.levels
    assert levels.peak == pytest.approx(0, abs=0.01)
    assert levels.rms == pytest.approx(-3.01, abs=0.02)
    # ITU-R BS.1770: 997 Hz at full scale in one channel is -3.01 LUFS, in two 3.01 dB more.
    assert levels.loudness == pytest.approx(0, abs=0.05)


def test_a_true_peak_lies_between_the_samples(folder: Path, renders7: Renders) -> None:
    # A quarter of the rate, an eighth of a turn late: no sample is higher than -3 dB of the wave.
    orchestra = SINE.replace("poscil(p4, 440)", "linen:a(poscil(p4, 12000, -1, 0.125), 0.1, p3, 0.1)")
    (folder / "between.csd").write_text(csd(orchestra, "i1 0 1 0.9"))
    levels = renders7.render(folder / "between.csd", folder / "b.wav").result.levels
    assert levels.peak == pytest.approx(20 * np.log10(0.9) - 3.01, abs=0.05)
    assert levels.true_peak == pytest.approx(20 * np.log10(0.9), abs=0.1)


def test_samples_beyond_full_scale_are_counted_as_csound_counts_them(folder: Path, renders7: Renders) -> None:
    (folder / "over.csd").write_text(csd(SINE, "i1 0 1 1.5"))
    done = renders7.render(folder / "over.csd", folder / "o.wav", options=("-m7",))
    (line,) = [line for line in done.log if line.startswith("number of samples out of range")]
    assert done.result.levels.clipped == sum(map(int, line.split(":")[1].split())) > 0


@pytest.mark.parametrize(
    ("name", "subtype"),
    [("a.flac", "PCM_24"), ("a.ogg", "VORBIS"), ("a.opus", "OPUS"), ("a.wav", "PCM_16")],
)
def test_the_name_of_a_file_says_its_format(folder: Path, renders7: Renders, name: str, subtype: str) -> None:
    renders7.render(folder / "tone.csd", folder / name)
    info = soundfile.info(folder / name)
    assert (info.subtype, info.channels, round(info.frames / info.samplerate, 1)) == (subtype, 2, 1.0)


def test_what_the_piece_says_is_its_format(folder: Path, renders7: Renders) -> None:
    text = csd(SINE, "i1 0 1 0.5").replace("<CsI", "<CsOptions>\n-3 -o dac --nchnls=2\n</CsOptions>\n<CsI")
    (folder / "says.csd").write_text(text)
    renders7.render(folder / "says.csd", folder / "says.wav")
    assert soundfile.info(folder / "says.wav").subtype == "PCM_24"


def test_the_embedded_engine_renders_too(folder: Path, renders7: Renders) -> None:
    words = ("tone.csd", "-o", "w.wav", "--engine", needed("wasm"), "--format", "wav24")
    assert render(*words, folder=folder).status == 0
    renders7.render(folder / "tone.csd", folder / "n.wav", format="wav24")
    # Two compilers round the sine's table differently, in its last bit.
    apart = np.abs(samples(folder / "w.wav").astype(np.int64) - samples(folder / "n.wav"))
    assert apart.max() <= 2 * 256


def test_without_a_fork_it_is_the_same(folder: Path, renders7: Renders) -> None:
    with Renders(needed("native:7"), forks=False) as spawned:
        apart = spawned.render(folder / "tone.csd", folder / "s.wav")
    forked = renders7.render(folder / "tone.csd", folder / "f.wav")
    assert apart.result == forked.result
    assert np.array_equal(samples(apart.output), samples(forked.output))


def test_what_the_piece_writes_itself_lies_beside_its_output(folder: Path, renders7: Renders) -> None:
    stems = SINE.replace("  out(", '  fout("stem.wav", 4, asound)\n  out(')
    (folder / "stems.csd").write_text(csd(stems, "i1 0 1 0.5"))
    (folder / "out").mkdir()
    renders7.render(folder / "stems.csd", folder / "out/mix.wav")
    assert {each.name for each in (folder / "out").iterdir()} == {"mix.wav", "stem.wav"}


@pytest.mark.parametrize("score", ["f 0 z", "f0 z", "i1 0 z 3", "e z", "i1 0 1\nf 0 1e9 ; long", "", " ; none\n"])
def test_a_score_without_an_end_is_known(score: str) -> None:
    assert is_endless(parse(csd(SINE, score)))


@pytest.mark.parametrize(
    "score", ["e", "i1 0 -1", "f 0 3600", "f 1 0 z", "; f 0 z\ne", "/* i1 0 z\n*/ e 10", 'i "z" 0 1']
)
def test_a_score_with_an_end_is_known(score: str) -> None:
    assert not is_endless(parse(csd(SINE, score)))


def test_what_is_measured_while_it_is_written_has_the_levels_of_the_whole(
    folder: Path, renders7: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "long.csd").write_text(csd(SINE.replace("poscil(p4", "poscil(linseg(p4, p3, 1.2)"), "i1 0 60 0.1"))
    monkeypatch.setattr("csoundd.render.pool.RENDER_METERED_SECONDS", 0)
    beside = renders7.render(folder / "long.csd", folder / "a.wav", format="wav32f")
    monkeypatch.setattr("csoundd.render.pool.RENDER_METERED_SECONDS", 1e9)
    after = renders7.render(folder / "long.csd", folder / "b.wav", format="wav32f")
    assert beside.result == after.result


def test_an_orchestra_may_end_a_score_that_is_empty() -> None:
    assert not is_endless(parse(csd('instr 1\n  event_i("e", 2)\nendin\nschedule(1, 0, 1)\n', "")))
