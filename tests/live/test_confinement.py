"""A native engine is confined by the system: to its files, without programs and TCP."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.backends.engines import NATIVE
from tests.live.daemon import FREE_PORTS, Daemon, finished, serving
from tests.survival.load import Caller

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")

ORCHESTRA = """
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1
instr 1
  Sfile strget p4
  ithere filevalid Sfile
  if ithere == 1 then
    asound diskin2 Sfile
    klevel rms asound
    Sname sprintf "level %d", p5
    chnset klevel, Sname
    out asound
  endif
endin
instr 2
  asound oscili 0.5, 440
  Sfile strget p4
  fout Sfile, 4, asound
endin
"""

CONNECTING = """
instr 3
  asound oscil 1, 440
  stsend asound, "127.0.0.1", {port}
endin
schedule(3, 0, 0.1)
"""


@pytest.fixture(scope="module", params=NATIVE)
def folders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """An engine, and a folder with the workspace, one of samples and one that is nobody's business."""
    folder = tmp_path_factory.mktemp("confined")
    for name in ("workspace", "samples", "outside"):
        (folder / name).mkdir()
        soundfile.write(folder / name / f"{name}.wav", np.full(96000, 0.5), 48000)
    return request.param, folder


@pytest.fixture(scope="module")
def confined(folders: tuple[str, Path]) -> Iterator[Daemon]:
    engine, folder = folders
    words = ("--engine", engine, "--confine", "strict", "--samples", folder / "samples", "--no-mdns", "--autoplay")
    with serving(folder / "workspace", *words) as daemon:
        with Caller(daemon.port) as calling:
            assert calling.call("csound.compileOrc", ORCHESTRA) == 0
        yield daemon


@pytest.fixture
def caller(confined: Daemon) -> Iterator[Caller]:
    with Caller(confined.port) as calling:
        yield calling


def level(caller: Caller, number: int) -> float:
    return float(caller.call("csound.controlChannel", f"level {number}")[0])


def play(caller: Caller, path: str | Path, number: int) -> None:
    """Have a sound file played, and the cycles after that."""
    caller.call("csound.eventString", f'i 1 0 1 "{path}" {number}')
    begun = caller.call("csound.currentTimeSamples")
    while caller.call("csound.currentTimeSamples") < begun + 9600:
        pass


def test_what_holds_is_told(caller: Caller) -> None:
    assert caller.call("engine.info")["confined"] == ["files", "programs", "tcp"]


def test_a_piece_plays_the_sounds_of_its_folder_and_of_the_samples(caller: Caller) -> None:
    for number, name in enumerate(("workspace.wav", "samples.wav"), 1):
        play(caller, name, number)
        assert level(caller, number) == pytest.approx(0.5, abs=0.1)


def test_it_reads_nothing_outside(caller: Caller, folders: tuple[str, Path]) -> None:
    play(caller, folders[1] / "outside" / "outside.wav", 3)
    assert level(caller, 3) == 0.0


def test_a_link_leads_nowhere(caller: Caller, folders: tuple[str, Path]) -> None:
    (folders[1] / "workspace" / "link.wav").symlink_to(folders[1] / "outside" / "outside.wav")
    play(caller, "link.wav", 4)
    assert level(caller, 4) == 0.0


def test_it_writes_in_the_workspace_and_nowhere_else(caller: Caller, folders: tuple[str, Path]) -> None:
    _, folder = folders
    caller.call("csound.eventString", 'i 2 0 0.1 "rendered.wav"')
    caller.call("csound.eventString", f'i 2 0 0.1 "{folder / "outside" / "rendered.wav"}"')
    play(caller, "workspace.wav", 5)
    assert (folder / "workspace" / "rendered.wav").is_file()
    assert not (folder / "outside" / "rendered.wav").exists()


def test_it_runs_no_program(caller: Caller, folders: tuple[str, Path]) -> None:
    mark = folders[1] / "workspace" / "touched"
    assert caller.call("csound.evalCode", f'icode system_i 1, "touch {mark}"\nreturn icode\n') == 127 << 8
    assert not mark.exists()


def test_it_connects_to_nobody_over_tcp(caller: Caller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        port = server.getsockname()[1]
        assert caller.call("csound.compileOrc", CONNECTING.format(port=port)) == 0
        play(caller, "workspace.wav", 6)
        with pytest.raises(TimeoutError):
            server.accept()


def test_what_plays_is_recorded(caller: Caller, folders: tuple[str, Path]) -> None:
    caller.call("thread.record", "recorded.wav", 16, 4)
    play(caller, "workspace.wav", 7)
    caller.call("thread.stopRecord")
    sound, _ = soundfile.read(folders[1] / "workspace" / "recorded.wav")
    assert np.abs(sound).max() > 0.1


def test_a_host_that_stood_by_is_confined_as_well(caller: Caller) -> None:
    before = caller.call("engine.info")["epoch"]
    caller.call("engine.restart")
    info = caller.call("engine.info")
    assert info["epoch"] > before
    assert info["confined"] == ["files", "programs", "tcp"]


def test_one_that_is_not_confined_does_all_that(tmp_path: Path) -> None:
    words = ("--confine", "off", "--engine", "native", "--autoplay")
    with serving(tmp_path, *words) as daemon, Caller(daemon.port) as calling:
        assert calling.call("engine.info")["confined"] == []
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(30)
            calling.call("csound.compileOrc", ORCHESTRA + CONNECTING.format(port=server.getsockname()[1]))
            server.accept()[0].close()
        assert calling.call("csound.evalCode", f'icode system_i 1, "touch {tmp_path}/mark"\nreturn icode\n') == 0
        assert (tmp_path / "mark").exists()


def test_a_word_that_is_none_is_refused(tmp_path: Path) -> None:
    ended = finished("serve", *FREE_PORTS, "--confine", "sometimes", folder=tmp_path)
    assert ended.returncode == 2
