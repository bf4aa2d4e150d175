"""``csoundd render``: what can be asked of it, by the command and of the pool behind it."""

from __future__ import annotations

import io
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from csoundd.render.formats import kind_of
from csoundd.render.levels import measured
from csoundd.render.piece import Piece, Settings, is_endless, renders, sweeps
from csoundd.render.pool import RenderFailed
from csoundd.syntax.csd import parse
from tests.live.daemon import command, environment
from tests.live.engines import needed
from tests.live.pieces import csd
from tests.render.commands import LONG, SINE, render, samples
from tests.render.pools import Renders

TURNED = csd(
    'sr = 48000\nksmps = 64\nnchnls = 1\n0dbfs = 1\ngilevel chnget "level"\nchnset(110, "freq")\n'
    'instr 1\n  out(poscil(gilevel * $HALF, chnget:i("freq")))\nendin\n',
    "i1 0 1",
)
"""Its header reads one channel and sets another; a macro has to be given."""

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
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
    [
        ("a.flac", "FLAC PCM_24"),
        ("a.ogg", "OGG VORBIS"),
        ("a.opus", "OGG OPUS"),
        ("a.wav", "WAV PCM_16"),
        ("a.aiff", "AIFF PCM_16"),
        ("a.AIF", "AIFF PCM_16"),
        ("a.caf", "CAF PCM_16"),
        ("a.w64", "W64 PCM_16"),
    ],
)
def test_the_name_of_a_file_says_its_format(folder: Path, renders7: Renders, name: str, subtype: str) -> None:
    renders7.render(folder / "tone.csd", folder / name)
    info = soundfile.info(folder / name)
    assert f"{info.format} {info.subtype}" == subtype
    assert (info.channels, round(info.frames / info.samplerate, 1)) == (2, 1.0)


def as_the_piece_says(folder: Path, engine: Renders) -> set[tuple[str, str, str]]:
    """What is written of a piece that says what it wants: its own format, in what the name of the file says."""
    text = csd(SINE, "i1 0 0.1 0.5").replace("<CsI", "<CsOptions>\n-3 -o says.aiff --nchnls=2 -A\n</CsOptions>\n<CsI")
    (folder / "says.csd").write_text(text)
    found = set()
    for name in ("said", "said.wav"):
        assert engine.render(folder / "says.csd", folder / name).result.warnings == ()
        info = soundfile.info(folder / name)
        found.add((name, info.format, info.subtype))
    return found


AS_SAID = {("said", "AIFF", "PCM_24"), ("said.wav", "WAV", "PCM_24")}


def test_what_the_piece_says_is_its_format(folder: Path, renders7: Renders) -> None:
    assert as_the_piece_says(folder, renders7) == AS_SAID


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("", "WAV PCM_16 .wav"),
        ("-odac -d3Wm0", "WAV PCM_24 .wav"),
        ("-o x.wav -A -f", "AIFF FLOAT .aiff"),
        ("-+rtaudio=alsa -r48000 -k 750 -B2048 -b512 -iadc -M0", "WAV PCM_16 .wav"),
        ("--format=24bit:flac", "FLAC PCM_24 .flac"),
        ("--format=rf64 --format=double", "RF64 DOUBLE .wav"),
        ("--ogg", "OGG VORBIS .ogg"),
    ],
)
def test_options_say_what_is_written(words: str, kind: str) -> None:
    found = kind_of(parse(f"<CsoundSynthesizer>\n<CsOptions>\n{words}\n</CsOptions>\n</CsoundSynthesizer>\n"), ())
    assert f"{found.container} {found.subtype} {found.suffix}" == kind


def test_an_output_that_nobody_has_named_says_what_is_in_it(folder: Path) -> None:
    piece = Piece.read(folder / "tone.csd")
    named = {
        words: renders([piece], output, Settings(options=words), {}, folder)[0].output.relative_to(folder)
        for words, output in (((), None), (("-A",), None), (("-A", "-f"), str(folder / "takes") + "/"))
    }
    assert list(map(str, named.values())) == ["tone.wav", "tone.aiff", "takes/tone.aiff"]


def test_a_name_that_cannot_be_meant_is_refused(folder: Path) -> None:
    ended = render("tone.csd", "-o", "tone.mp3", folder=folder)
    assert (ended.status, "mp3" in ended.stderr) == (2, True)
    ended = render("tone.csd", "turned.csd", "-o", "both.wav", folder=folder)
    assert (ended.status, "-o DIR" in ended.stderr) == (2, True)
    ended = render("tone.csd", "--sweep", "a=1", "--sweep", "a=2", folder=folder)
    assert (ended.status, "--sweep a is there twice" in ended.stderr) == (2, True)


def test_the_embedded_engine_renders_too(folder: Path, renders7: Renders) -> None:
    words = ("tone.csd", "-o", "w.wav", "--engine", needed("wasm"), "--format", "wav24")
    assert render(*words, folder=folder).status == 0
    renders7.render(folder / "tone.csd", folder / "n.wav", format="wav24")
    # Two compilers round the sine's table differently, in its last bit.
    apart = np.abs(samples(folder / "w.wav").astype(np.int64) - samples(folder / "n.wav"))
    assert apart.max() <= 2 * 256
    with Renders(needed("wasm")) as embedded:
        assert as_the_piece_says(folder, embedded) == AS_SAID


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


def documented() -> dict[str, set[str]]:
    """The members of each event beside those of all, as the README has them."""
    rows = re.findall(r"(?m)^\| `(\w+)` \| (.*) \|$", README.partition("### For programs")[2].partition("###")[0])
    return {event: set(re.findall(r"`(\w+)`", told)) for event, told in rows if event not in {"event", "shard"}}


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What is told of a piece that takes some time, of one that does not compile, and of one that is not there."""
    folder = tmp_path_factory.mktemp("events")
    (folder / "long.csd").write_text(csd(SINE, "i1 0 600 0.5"))
    (folder / "wrong.csd").write_text(csd(SINE.replace("poscil", "nothing"), "i1 0 1 0.5"))
    words = ("long.csd", "wrong.csd", "none.csd", "--json", "--no-cache", "-o", "out")
    return [json.loads(line) for line in render(*words, folder=folder).stdout.splitlines()]


def test_each_event_has_the_members_that_the_readme_tells_of(events: list[dict[str, Any]]) -> None:
    seen: dict[str, set[frozenset[str]]] = {}
    for event in events:
        seen.setdefault(event["event"], set()).add(frozenset(event))
    ours = {"event", "piece", "output", "variant"}
    assert seen == {event: {frozenset(told | ours)} for event, told in documented().items() if event != "inputs"}


def test_the_time_that_is_left_is_told_where_the_score_says_it(events: list[dict[str, Any]]) -> None:
    progress = [event for event in events if event["event"] == "progress"]
    for event in progress:
        assert event["eta"] == pytest.approx((600 - event["seconds"]) / event["speed"], rel=0.02, abs=0.02)
    assert progress


def test_a_reader_that_has_gone_ends_the_command_without_a_traceback(folder: Path) -> None:
    line = command("render", "tone.csd", "turned.csd", "--macro", "HALF=1", "-o", "out", "--json")
    with subprocess.Popen(
        line, cwd=folder, env=environment({}), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.stderr is not None
        assert running.stderr.read() == b""
        assert running.wait(LONG) == 1


def test_the_loudness_of_more_channels_than_it_is_made_for_is_not_told(tmp_path: Path) -> None:
    for nchnls in (6, 8):
        soundfile.write(tmp_path / f"{nchnls}.wav", np.full((24_000, nchnls), [0.5, -0.5] * (nchnls // 2)), 48000)
    assert measured(tmp_path / "6.wav").loudness is not None
    assert measured(tmp_path / "8.wav").loudness is None


def test_what_an_old_name_is_warned_of_is_no_reason_of_a_failure(folder: Path, renders7: Renders) -> None:
    text = SINE.replace("  out(asound, asound)", "  exitnow 3\n  outs asound, asound")
    (folder / "exits.csd").write_text(csd(text, "i1 0 1 0.5"))
    with pytest.raises(RenderFailed) as failed:
        renders7.render(folder / "exits.csd", folder / "exits.wav")
    assert failed.value.message == "Csound gave up with code -3"
    assert "exitnow" in str(failed.value.hint)
