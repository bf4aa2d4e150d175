"""WAV files that are whole at every moment."""

from __future__ import annotations

import io
import struct
import wave
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from csoundd.wav import HEADER, UNKNOWN, WavWriter, complete, header
from tests.waves import samples_of

RAMP = np.linspace(-1.0, 1.0, 64).reshape(32, 2)


@pytest.mark.parametrize(("bits", "step"), [(16, 1 / 32767), (24, 1 / 8388607), (32, 1e-7)])
def test_samples_come_back_as_they_were_written(tmp_path: Path, bits: Literal[16, 24, 32], step: float) -> None:
    with WavWriter(tmp_path / "a.wav", bits) as wav:
        wav.write(RAMP, 48000)
    sr, frames = samples_of(tmp_path / "a.wav")
    assert sr == 48000
    assert np.abs(frames - RAMP).max() <= step


@pytest.mark.parametrize("bits", [16, 24])
def test_integers_are_clipped_at_full_scale(tmp_path: Path, bits: Literal[16, 24]) -> None:
    with WavWriter(tmp_path / "a.wav", bits) as wav:
        wav.write(np.array([[2.0], [-2.0]]), 48000)
    assert samples_of(tmp_path / "a.wav")[1].ravel().tolist() == [1.0, -1.0]


def test_floats_are_not_clipped(tmp_path: Path) -> None:
    with WavWriter(tmp_path / "a.wav") as wav:
        wav.write(np.array([[2.0]]), 48000)
    assert samples_of(tmp_path / "a.wav")[1].item() == 2.0


def test_a_file_is_whole_while_it_grows(tmp_path: Path) -> None:
    with WavWriter(tmp_path / "a.wav", 16) as wav:
        for count in (1, 2, 3):
            wav.write(RAMP, 44100)
            with wave.open(str(tmp_path / "a.wav")) as read:
                assert (read.getnframes(), len(read.readframes(1000))) == (count * 32, count * 32 * 4)


def test_silence_stands_for_what_went_missing(tmp_path: Path) -> None:
    with WavWriter(tmp_path / "a.wav", 24) as wav:
        wav.write(RAMP, 48000, silence=100_000)
    frames = samples_of(tmp_path / "a.wav")[1]
    assert len(frames) == 100_032
    assert not frames[:100_000].any()


def test_what_is_cut_off_is_gone(tmp_path: Path) -> None:
    with WavWriter(tmp_path / "a.wav", 24) as wav:
        wav.write(RAMP, 48000)
        wav.cut(5)
    assert (tmp_path / "a.wav").stat().st_size == HEADER.size + 5 * 6


def test_a_recording_of_nothing_can_be_played(tmp_path: Path) -> None:
    with WavWriter(tmp_path / "a.wav", 16) as wav:
        wav.begin(48000, 2)
    with wave.open(str(tmp_path / "a.wav")) as read:
        assert (read.getnframes(), read.getnchannels()) == (0, 2)


def test_a_pipe_gets_a_header_that_leaves_the_end_open() -> None:
    pipe = io.BytesIO()
    with WavWriter(pipe) as wav:
        wav.write(RAMP, 48000)
    assert HEADER.unpack(pipe.getvalue()[: HEADER.size])[-1] == UNKNOWN
    assert len(pipe.getvalue()) == HEADER.size + RAMP.size * 4


def test_a_pipe_has_the_length_that_players_take_for_none() -> None:
    riff, data = lengths_of(header(48000, 2, 16, None))
    assert (riff, data) == (0xFFFFFFFF, 0xFFFFFFFF)


@pytest.mark.parametrize("frames", [2**30, 2**30 - 9])
def test_what_is_longer_than_a_header_can_say_has_none_either(frames: int) -> None:
    assert lengths_of(header(48000, 2, 16, frames)) == (0xFFFFFFFF, 0xFFFFFFFF)


def test_the_longest_file_has_its_length() -> None:
    assert lengths_of(header(48000, 2, 16, 2**30 - 10)) == (0xFFFFFFFC, 0xFFFFFFD8)


def lengths_of(head: bytes) -> tuple[int, int]:
    fields = HEADER.unpack(head)
    return fields[1], fields[-1]


@pytest.mark.parametrize("extra", [b"", b"LIST\x03\x00\x00\x00abc\x00"], ids=["plain", "with another chunk"])
def test_a_file_whose_writer_died_says_how_long_it_is(tmp_path: Path, extra: bytes) -> None:
    path = tmp_path / "broken.wav"
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 48000, 96000, 2, 16)
    path.write_bytes(b"RIFF\x00\x00\x00\x00WAVE" + head + extra + b"data\x00\x00\x00\x00" + bytes(200))
    complete(path)
    with wave.open(str(path)) as file:
        assert file.getnframes() == 100


@pytest.mark.parametrize("content", [b"", b"RIFF", b"FORM\x00\x00\x00\x00AIFF", b"RIFF\x00\x00\x00\x00WAVE"])
def test_what_is_no_wav_file_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    complete(path)
    assert path.read_bytes() == content
