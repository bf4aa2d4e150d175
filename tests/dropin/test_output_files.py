"""A script that asks for a file gets it where it asked, with the bits of the library; nothing leaves the workspace."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import wave
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

from csoundd_client import Csound
from csoundd_client.dropin.output import names_file, output_word
from csoundd_client.dropin.remote import Call
from csoundd_client.errors import EngineError, Forbidden
from csoundd_client.failures import CsounddError
from tests.live.daemon import PATIENCE, ROOT, Daemon, environment

pytestmark = [pytest.mark.live, pytest.mark.native]

RENDER = """
import json, sys
from {module} import Csound
name, options = json.loads(sys.argv[-1])
cs = Csound()
for option in (*options, "-o" + name):
    cs.setOption(option)
assert cs.compileOrc("sr = 48000\\nksmps = 64\\nnchnls = 2\\n0dbfs = 1\\ninstr 1\\n"
    "a1 oscili 0.1, 440\\nout a1, a1 * 0.5\\nendin\\nschedule 1, 0, 0.5\\n") == 0
cs.start()
cs.setEndMarker(0.5)
while not cs.performKsmps():
    pass
del cs
"""

CSD = """<CsoundSynthesizer>
<CsOptions>
-o {name}
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1
instr 1
  out(oscili:a(0.1, 440))
endin
</CsInstruments>
<CsScore>
i 1 0 0.25
</CsScore>
</CsoundSynthesizer>
"""


def rendered(words: list[str], folder: Path, module: str, asked: str, *options: str, **extra: str) -> None:
    """Run the script in ``folder`` with a module."""
    script = folder / f"render_with_{module}.py"
    script.write_text(RENDER.format(module=module), "utf-8")
    subprocess.run(
        [sys.executable, *words, str(script), json.dumps([asked, options])],
        cwd=folder,
        env=environment(extra),
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )


def samples(path: Path) -> tuple[object, bytes]:
    with wave.open(str(path)) as file:
        return file.getparams(), file.readframes(file.getnframes())


@pytest.mark.parametrize("asked", ["out.wav", "../beside.wav"])
@pytest.mark.parametrize("options", [(), ("-3",)], ids=["16 bits", "24 bits"])
def test_a_file_is_where_the_script_asked_and_has_the_bits_of_the_library(
    daemon: Daemon, engine: str, folder: Path, tmp_path: Path, asked: str, options: tuple[str, ...]
) -> None:
    here, there = tmp_path / "here" / "in", tmp_path / "there" / "in"
    for place in (here, there):
        place.mkdir(parents=True)
    before = set(folder.iterdir())
    rendered([], here, "csoundd_client", asked, *options, CSOUNDD_URL=daemon.url)
    local = there / "run.py"
    local.write_text(
        "import os, sys\nfrom tests.dropin.local import prepare\nimport runpy\n"
        "prepare(sys.argv[1])\nrunpy.run_path(sys.argv[2], run_name='__main__')\n",
        "utf-8",
    )
    path = os.pathsep.join([str(ROOT), environment()["PYTHONPATH"]])
    rendered([str(local), engine], there, "libcsound", asked, *options, PYTHONPATH=path)
    ours, theirs = samples(here / asked), samples(there / asked)
    assert ours == theirs
    assert any(ours[1])
    assert set(folder.iterdir()) == before


def test_it_is_there_where_the_daemon_serves_the_folder_of_the_script(engine: str, tmp_path: Path) -> None:
    rendered([], tmp_path, "csoundd_client", "out.wav", CSOUNDD_DAEMON="spawn", CSOUNDD_ENGINE=engine)
    frames = samples(tmp_path / "out.wav")[1]
    assert len(frames) >= 4 * 24000
    assert any(frames)
    assert [path.name for path in tmp_path.glob("out*")] == ["out.wav"]


def test_the_options_of_a_csd_ask_for_one(
    cs: Csound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cs.compileCsdText(CSD.format(name="piece.wav")) == 0
    assert cs.perform() > 0
    cs.reset()
    assert samples(tmp_path / "piece.wav")[0].nframes >= 12000  # type: ignore[attr-defined]
    assert not list(folder.glob("piece*"))


def test_what_plays_into_a_file_is_not_paced(cs: Csound, tmp_path: Path) -> None:
    assert cs.compileCsdText(CSD.format(name=tmp_path / "played.wav")) == 0
    thread = cs.performanceThread()
    thread.play()
    assert cs.link.remote.welcome.engine.drive != "clock"
    thread.join()
    cs.destroy()
    assert (tmp_path / "played.wav").stat().st_size > 24000


@pytest.mark.parametrize("name", ["/tmp/csoundd-never.wav", "../csoundd-never.wav", "~/../../csoundd-never.wav"])
def test_the_daemon_itself_writes_nothing_outside_its_workspace(cs: Csound, folder: Path, name: str) -> None:
    cs._do("csound.setOption", [f"-o{name}"])
    with pytest.raises((Forbidden, EngineError)):
        cs._do("csound.start", [])
    assert not (folder / name).resolve().exists()


def test_a_link_leads_nowhere_else(cs: Csound, folder: Path, tmp_path: Path) -> None:
    link = folder / "leads-out"
    link.symlink_to(tmp_path, target_is_directory=True)
    try:
        cs._do("csound.setOption", ["-oleads-out/x.wav"])
        with pytest.raises(Forbidden):
            cs._do("csound.start", [])
    finally:
        link.unlink()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["dac", "dac:1", "stdout", "|cat", "/dev/dsp", "null", ""])
def test_what_is_no_file_is_none(name: str) -> None:
    assert not names_file(name)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["-o", "x.wav", "a.csd"], (0, 2, "x.wav")),
        (["-W3ox.wav"], (0, 1, "x.wav")),
        (["-W", "-do", "x y.wav"], (1, 2, "x y.wav")),
        (["--output=x.wav"], (0, 1, "x.wav")),
        (["-odac", "-o", "y"], (1, 2, "y")),
        (["-d", "piece-o.csd"], None),
        (["-o"], None),
    ],
)
def test_a_command_line_says_where_the_output_goes(words: list[str], found: object) -> None:
    assert output_word(words) == found


def test_what_an_engine_has_written_that_died_is_kept(
    cs: Csound, tmp_path: Path, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked = tmp_path / "long.wav"
    assert cs.compileCsdText(CSD.format(name=asked).replace("i 1 0 0.25", "i 1 0 100")) == 0
    cs.start()
    for _ in range(1000):
        assert cs.performKsmps() is False
    before = cs.link.ask(Call("engine.info"))
    os.kill(before["pid"], signal.SIGKILL)
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        with suppress(CsounddError):
            if cs.link.ask(Call("engine.info"))["epoch"] > before["epoch"] and not cs.performKsmps():
                break
    cs.destroy()
    assert samples(tmp_path / "long-1.wav")[0].nframes >= 50_000  # type: ignore[attr-defined]
    assert asked.is_file()
    assert "long-1.wav" in caplog.text
    assert not list(folder.glob("long*"))
