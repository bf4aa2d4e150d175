"""The daemon's sound on Csound 7.0.0 is, sample for sample, that of another program with the same library.

That program is the command line of the package cycsound, which renders in a process of its own.
"""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.live.daemon import ROOT, Daemon, environment, serving
from tests.live.engines import LONG, needed, take
from tests.live.foreign import Client, connected
from tests.live.pieces import csd

HEADER = "sr = 48000\nksmps = 64\nnchnls = 2\n0dbfs = 1\n"
EXAMPLES = ROOT / "examples"

PIECES = {
    "canon": (EXAMPLES / "canon.csd").read_text(),
    "lantern": (EXAMPLES / "lantern.csd").read_text().replace(" z\n", " 4\n"),
    "glasshouse": (EXAMPLES / "glasshouse.csd").read_text().replace(" z\n", " 4\n"),
    "filters": csd(
        HEADER
        + """
instr 1
  anoise = rand:a(0.4, 0.25)
  asaw = vco2(0.3, p4)
  alow = moogladder2(asaw, expon(4000, p3, 200), 0.6)
  aband = butterbp(anoise, p4 * 3, 60)
  ahigh = atone(K35_lpf(asaw + anoise, 900, 4), 400)
  out(alow + aband, ahigh + zdf_2pole(asaw, 1200, 3))
endin
""",
        "i1 0 2 110\ni1 0.5 1.5 330\n",
    ),
    "granular": csd(
        HEADER
        + """
gisource ftgen 1, 0, 65536, 10, 1, 0.5, 0.3, 0.2
giwindow ftgen 2, 0, 4096, 20, 2
instr 1
  asound = fog(0.3, line(20, p3, 90), 1, phasor:a(0.3), 0, 0, 0.01, 0.04, 0.01, 60, 1, 2, p3)
  agrain = syncgrain(0.2, 30, 2, 0.05, 0.5, 1, 2, 50)
  out(asound, agrain)
endin
""",
        "i1 0 2\n",
    ),
    "spectra": csd(
        HEADER
        + """
instr 1
  asource = vco2(0.4, linseg(110, p3, 440)) + rand:a(0.05, 0.5)
  fsource = pvsanal(asource, 1024, 256, 1024, 1)
  fblur = pvsblur(fsource, 0.2, 0.5)
  fscale = pvscale(fsource, 1.5)
  out(pvsynth(fblur), pvsynth(pvsmix(fscale, fblur)))
endin
""",
        "i1 0 2\n",
    ),
    "tables": csd(
        HEADER
        + """
gisine ftgen 1, 0, 8192, 10, 1
gibreaks ftgen 2, 0, 1024, 7, 0, 300, 1, 724, 0
gichebyshev ftgen 3, 0, 513, 13, 1, 1, 0, 5, 0, 3, 0, 1
girandom ftgen 4, 0, 64, 21, 1
gistored ftgen 5, 0, -1000, 2, 0
instr 1
  kindex = phasor:k(3) * 1000
  tablew(oscil:k(1, 5), kindex, 5)
  asound = tablei:a(0.5 + 0.5 * oscili:a(table:k(phasor:k(0.5), 2, 1), 220, 1), 3, 1)
  out(asound * 0.3, oscili:a(0.3, 200 + 100 * table3:k(kindex, 5) + 50 * table:k(timeinsts() * 4, 4, 0, 0, 1), 1))
endin
""",
        "i1 0 2\n",
    ),
    "long-score": csd(
        HEADER + "instr 1\n  out(poscil(0.05 * linen(1, 0.005, p3, 0.02), p4), pluck(0.04, p5, p5, 0, 1))\nendin\n",
        "t 0 90 4 180\n"
        + "".join(f"i1 {n / 40:.3f} 0.4 {200 + n % 37 * 20} {100 + n % 29 * 15}\n" for n in range(600)),
    ),
    "opcodes": csd(
        HEADER
        + """
opcode stack, a, iii
  ifreq, icount, ilevel xin
  asound = poscil(ilevel, ifreq)
  if icount > 1 then
    amore stack ifreq * 1.5, icount - 1, ilevel * 0.7
    asound += amore
  endif
  xout asound
endop
opcode slow, k, k
  setksmps 16
  kvalue xin
  xout port(kvalue, 0.05)
endop
instr 1
  kgates[] fillarray 1, 0, 0.5, 0.2
  kgate slow kgates[int(timeinsts() * 8) % 4]
  asound stack p4, 6, 0.2
  out(asound * kgate, asound * (1 - kgate))
endin
""",
        "i1 0 2 110\ni1 1 1 165\n",
    ),
    "random": csd(
        HEADER
        + """
seed 1234
instr 1
  kfreq = randomh:k(200, 800, 9)
  out(poscil(0.2, kfreq + gauss:k(20)), pinker() * 0.1 + dust(0.3, 40))
  if timeinstk() == 1 then
    schedulek(2, random:k(0.1, 0.4), 1, random:k(300, 600))
  endif
endin
instr 2
  out(fractalnoise(0.05, 1), vco2(0.1, p4 * birnd(1) + 500))
endin
""",
        "i1 0 2\ni1 0.7 1\n",
    ),
    "strings": csd(
        HEADER
        + """
instr 1
  Snote strget p4
  Snumber strsub Snote, 4, 7
  Sname sprintf "mix.%s", strsub(Snote, 0, 3)
  chnset strtod(Snumber) / 1000, Sname
  out(poscil(chnget:k(Sname), 220 + strlen(Sname) * 40), poscil(0.2, strtol("330")))
endin
""",
        'i1 0 1 "one:250"\ni1 1 1 "two:400"\n',
    ),
    "reverb": csd(
        HEADER.replace("0dbfs = 1\n", "0dbfs = 32768\n")
        + """
instr 1
  aclick = mpulse(12000, 0.5)
  aleft, aright reverbsc aclick, delay(aclick, 0.01), 0.85, 8000
  afree, afree2 freeverb aclick, aclick, 0.7, 0.4
  out(aleft + afree, aright + nreverb(aclick, 1.5, 0.3))
endin
""",
        "i1 0 3\n",
    ),
    "six-channels": csd(
        HEADER.replace("nchnls = 2", "nchnls = 6")
        + """
instr 1
  asound = vco2(0.3, p4, 10)
  a1, a2, a3, a4 pan asound, line(0, p3, 1), 0.3, 1, 1
  outc(a1, a2, a3, a4, asound * 0.1, butlp(asound, 100))
endin
giwarp ftgen 1, 0, 8192, 9, 0.25, 1, 0
""",
        "i1 0 2 150\n",
    ),
}
"""At least ten, of different kinds; each ends by itself."""

SMALLEST = float(np.finfo(np.float32).tiny)
"""Below it, at -759 dB, one of the two rounds to zero and the other does not."""

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon on the Csound 7 that cycsound carries, which plays as fast as it can."""
    engine, folder = needed("native:7"), tmp_path_factory.mktemp("same")
    for name, text in PIECES.items():
        (folder / f"{name}.csd").write_text(text)
    with serving(folder, "--engine", engine, "--drive", "free") as daemon:
        yield daemon


@pytest.fixture
async def client(served: Daemon) -> AsyncIterator[Client]:
    async with connected(served.url) as connection:
        yield connection


def rendered(folder: Path, name: str) -> npt.NDArray[np.float32]:
    """What ``python -m cycsound render`` makes of a piece, in 32-bit floats."""
    target = folder / f"{name}.cycsound.wav"
    command = [sys.executable, "-m", "cycsound", "render", f"{name}.csd", "-o", str(target), "-f", "float"]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=LONG, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    data, at = target.read_bytes(), 12
    nchnls = 0
    while True:
        kind, size = struct.unpack("<4sI", data[at : at + 8])
        if kind == b"fmt ":
            tag, nchnls = struct.unpack("<HH", data[at + 8 : at + 12])
            assert tag in {3, 0xFFFE}
        elif kind == b"data":
            return np.frombuffer(data[at + 8 : at + 8 + size], "<f4").reshape(-1, nchnls).copy()
        at += 8 + size + size % 2


@pytest.mark.parametrize("name", PIECES)
async def test_it_is_the_same_to_the_last_bit(served: Daemon, client: Client, name: str) -> None:
    expected = rendered(served.folder, name)
    heard = (await take(client, served.folder, f"{name}.csd")).astype(np.float32)
    for samples in (expected, heard):
        samples[np.abs(samples) < SMALLEST] = 0

    assert np.abs(expected).max() > 0.01
    assert heard.shape == expected.shape
    assert np.array_equal(heard, expected)


def test_there_are_ten() -> None:
    assert len(PIECES) >= 10
