"""``csoundd listen``."""

from __future__ import annotations

import struct
from pathlib import Path
from time import monotonic

import numpy as np
import pytest

from tests.cli.conftest import post
from tests.cli.running import FAILED, INTERRUPTED, OK, Cli, interrupted, program
from tests.live.daemon import PATIENCE, Daemon, serving
from tests.live.foreign import spectral_peak
from tests.live.pieces import TONE
from tests.live.sounds import whole


def test_so_many_seconds_to_a_file(cli: Cli, tmp_path: Path) -> None:
    ended = cli("listen", tmp_path / "heard.wav", "--seconds", "0.3")
    sound = whole(tmp_path / "heard.wav")
    assert (ended.status, ended.stdout, ended.stderr) == (OK, "", "")
    assert (sound.sr, sound.frames.shape) == (48000, (14400, 2))
    assert spectral_peak(sound.frames) == pytest.approx(440, abs=5)


def test_so_many_seconds_to_a_pipe(cli: Cli) -> None:
    ended = cli("listen", "-", "--seconds", "0.1")
    header, frames = ended.sound[:44], np.frombuffer(ended.sound[44:], "<f4").reshape(-1, 2)
    assert (header[:4], header[8:12], header[36:40]) == (b"RIFF", b"WAVE", b"data")
    assert struct.unpack("<I", header[24:28]) == (48000,)
    assert len(frames) == 4800
    assert np.abs(frames).max() == pytest.approx(0.3, rel=0.02)


def test_a_file_that_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    cli("listen", tmp_path / "nowhere" / "heard.wav", "--seconds", "0.1").assert_refused(FAILED, "heard.wav")


def test_nobody_is_there(alone: Cli, nobody: str, tmp_path: Path) -> None:
    alone("listen", tmp_path / "heard.wav", "--url", nobody).assert_refused(FAILED, nobody)


def test_who_listens_before_it_plays_hears_it_at_its_own_rate(tmp_path: Path) -> None:
    words = ("listen", "heard.wav", "--seconds", "0.1")
    with serving(tmp_path) as silent, program(*words, "--url", silent.url, folder=tmp_path) as listening:
        wait_for(tmp_path / "heard.wav", silent)
        post(silent, "csound.compileOrc", TONE.replace("48000", "44100"))
        post(silent, "thread.play")
        assert listening.wait(PATIENCE) == OK
    sound = whole(tmp_path / "heard.wav")
    assert (sound.sr, sound.frames.shape) == (44100, (4410, 2))


def test_nothing_heard_is_an_empty_sound(tmp_path: Path) -> None:
    with serving(tmp_path) as silent, program("listen", "heard.wav", "--url", silent.url, folder=tmp_path) as listening:
        wait_for(tmp_path / "heard.wav", silent)
        status, said = interrupted(listening)
    assert status == INTERRUPTED
    assert "nothing plays: the engine is ready" in said
    assert "nothing was heard" in said
    assert len(whole(tmp_path / "heard.wav").frames) == 0


def test_the_end_of_the_performance_ends_the_recording(tmp_path: Path) -> None:
    with serving(tmp_path) as short, program("listen", "heard.wav", "--url", short.url, folder=tmp_path) as listening:
        wait_for(tmp_path / "heard.wav", short)
        post(short, "csound.compileOrc", TONE)
        post(short, "thread.setEndMarker", 0.25)
        post(short, "thread.play")
        _, said = listening.communicate(timeout=PATIENCE)
        assert (listening.returncode, "the performance is over" in said) == (OK, True)
    assert len(whole(tmp_path / "heard.wav").frames) > 0


def wait_for(path: Path, daemon: Daemon) -> None:
    """Wait for a file: whoever makes it listens by then."""
    deadline = monotonic() + PATIENCE
    while not path.exists():
        assert monotonic() < deadline
        post(daemon, "session.ping", 0.0)
