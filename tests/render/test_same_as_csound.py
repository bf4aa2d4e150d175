"""A render is, sample for sample, what Csound's own programs write, in each format."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from csoundd.render.formats import Format
from tests.live.daemon import ROOT, environment
from tests.live.engines import needed
from tests.live.pieces import csd
from tests.render.commands import HEADER, LONG, SINE, render, same, samples
from tests.render.pools import Renders

FORMATS: dict[Format, tuple[str, str]] = {"wav16": ("-s", "short"), "wav24": ("-3", "24bit"), "wav32f": ("-f", "float")}
"""Ours, the command's, and cycsound's."""

PIECES = {
    "canon": (ROOT / "examples/canon.csd").read_text(),
    "loud": csd(SINE, "i1 0 0.2 1.7"),
    "old": csd(
        """sr = 44100
kr = 4410
ksmps = 10
nchnls = 1
instr 1
  aclick mpulse 30000, 0.05
  arev reverb aclick, 0.6
  asample soundin "sounds/noise.wav"
  out arev + asample + gauss(2000) * linen(1, 0.1, p3, 0.1)
endin
""",
        "i1 0 0.7\ns\ni1 0 0.3\n",
    ),
    "included": csd(
        HEADER.replace("nchnls = 2", "nchnls = 6")
        + """
#include "more/voice.inc"
instr 1
  asound = voice(p4)
  outc(asound, asound * 0.5, butlp(asound, 100), vco2(0.1, 90), asound * 0.1, oscili(0.2, 330, 1))
endin
""",
        'f1 0 65536 1 "sounds/noise.wav" 0 0 0\ni1 0 0.5 150\n',
    ),
}

CASES: list[tuple[str, Format]] = [
    ("canon", "wav16"),
    ("loud", "wav16"),
    ("loud", "wav24"),
    ("loud", "wav32f"),
    ("old", "wav24"),
    ("included", "wav32f"),
]
"""All pieces of several folders, in all formats, are compared by ``make same-as-csound``."""

pytestmark = pytest.mark.native


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pieces, with what they read beside them."""
    made = tmp_path_factory.mktemp("same")
    for name in ("pieces/sounds", "pieces/more"):
        (made / name).mkdir(parents=True)
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, 44100)
    soundfile.write(made / "pieces/sounds/noise.wav", noise, 44100)
    (made / "pieces/more/voice.inc").write_text(
        "opcode voice, a, i\n  ifreq xin\n  xout(vco2(0.4, ifreq) + poscil(0.2, 2 * ifreq))\nendop\n"
    )
    for name, text in PIECES.items():
        (made / f"pieces/{name}.csd").write_text(text)
    return made


def ran(*words: str, folder: Path) -> None:
    done = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, timeout=LONG, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_it_is_what_the_command_writes(folder: Path, renders6: Renders, name: str, kind: Format) -> None:
    if shutil.which("csound") is None:
        pytest.skip("the csound command is not installed here")
    piece, theirs, ours = (
        folder / f"pieces/{name}.csd",
        folder / f"{name}-{kind}.6.wav",
        folder / f"{name}-{kind}.6r.wav",
    )
    ran("csound", FORMATS[kind][0], "-W", "-o", str(theirs), piece.name, folder=piece.parent)
    renders6.render(piece, ours, format=kind)
    assert same(theirs, ours)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_it_is_what_cycsound_writes(folder: Path, renders7: Renders, name: str, kind: Format) -> None:
    piece, theirs, ours = (
        folder / f"pieces/{name}.csd",
        folder / f"{name}-{kind}.7.wav",
        folder / f"{name}-{kind}.7r.wav",
    )
    words = ("-m", "cycsound", "render", piece.name, "-o", str(theirs), "-f", FORMATS[kind][1])
    ran(sys.executable, *words, folder=piece.parent)
    renders7.render(piece, ours, format=kind)
    assert same(theirs, ours)


FREED, NEW = 0xC0, 0x3F
"""What glibc is told to fill memory with, once that is given back, and as it is given out (mallopt(3), ``M_PERTURB``).

As a float the one is -8577, the other 0.0005.
"""


def test_an_audio_variable_that_nobody_has_set_has_nothing_in_it_that_somebody_left(folder: Path) -> None:
    piece = folder / "pieces/unset.csd"
    instruments = "instr 1\n  gaset = poscil(0.2, 440)\nendin\ninstr 2\n  out(gaset, gaset)\nendin\n"
    # A block of 64 samples would come from memory that Csound has cleared.
    piece.write_text(csd(HEADER.replace("ksmps = 64", "ksmps = 32") + instruments, "i2 0 0.2\ni1 1 0.1"))
    words = (piece, "-o", "unset.wav", "--format", "wav32f", "--no-cache", "--engine", needed("native:7"))
    assert FREED ^ NEW == 0xFF
    assert render(*words, folder=folder, extra={"MALLOC_PERTURB_": str(FREED)}).status == 0
    assert np.abs(samples(folder / "unset.wav")[:9600]).max() < 0.001
