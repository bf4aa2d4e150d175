"""What the embedded engine costs against the ``csound`` command, and how far their sound is apart.

Five pieces, each at three cycle sizes. Starting and compiling are left out on both sides: each performs a long and a
short score and the difference of the user CPU time counts. The sides take turns; the median of the rounds is shown.
The goals are 1.8 times the command's time at ksmps 64 and 256 (2.3 for the granular piece) and 2.7 times at ksmps 10.
Run as ``python -m benchmarks.wasm [ROUNDS [SECONDS [PIECE ...]]]``.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import numpy.typing as npt

ROUNDS: Final = 5
SECONDS: Final = 20.0
SHORT: Final = 0.5
BURST: Final = 4096
"""Frames performed at a time, as in drive free."""

CYCLES: Final = (10, 64, 256)
GOALS: Final = {10: 2.7, 64: 1.8, 256: 1.8}
GRANULAR_GOAL: Final = 2.3

FILTERS: Final = """
instr 1
  kenv linseg 0, 0.1, 1, p3 - 0.2, 1, 0.1, 0
  a1 vco2 0.05 * kenv, p4
  a2 moogladder a1, 400 + 1600 * kenv, 0.4
  a3 butterhp a2, 60
  out a3, a3
endin
"""
REVERB: Final = """
instr 1
  aimp mpulse 0.5, 0.25
  a0 reson aimp, p4, 50, 1
  aL, aR reverbsc a0, a0, 0.85, 9000
  aF, aG freeverb a0, a0, 0.8, 0.4
  out aL + aF, aR + aG
endin
"""
SPECTRAL: Final = """
instr 1
  a1 vco2 0.1, p4
  f1 pvsanal a1, 1024, 256, 1024, 1
  f2 pvscale f1, 1.25
  f3 pvsblur f2, 0.1, 0.2
  a2 pvsynth f3
  out a2, a2
endin
"""
GRANULAR: Final = """
giwave ftgen 1, 0, 8192, 10, 1, 0.5, 0.3
giwin ftgen 2, 0, 8192, 20, 2
instr 1
  a1 syncgrain 0.02, 40, p4 / 220, 0.18, 1, 1, 2, 8
  a2 syncgrain 0.02, 90, p4 / 330, 0.16, 1, 1, 2, 16
  a3 sndwarp 0.02, 1, p4 / 220, 1, 0, 2000, 0, 10, 2, 0
  aL sum a1, a2, a3
  out aL, aL
endin
"""
SCORE: Final = """
instr 1
  kenv expon 0.1, p3, 0.001
  amod poscil p4 * 2, p4 * 1.4, 1
  a1 poscil kenv, p4 + amod, 1
  aL, aR pan2 a1, p5
  out aL, aR
endin
"""
"""Opcodes that count their phase in whole numbers (``oscili``, ``foscili``, ``grain``, ``fof``) are left out: Csound 7
counts finer than 6.18, and after a second they are 1e-5 apart. ``poscil``, ``syncgrain`` and ``sndwarp`` count in
floating point. The streams of ``syncgrain`` are as many as the grains that overlap.
"""

PITCHES: Final = tuple(110 * 1.25**number for number in range(8))


def held(seconds: float) -> str:
    """Eight notes as long as the piece."""
    return "".join(f"i 1 0 {seconds:g} {pitch:g}\n" for pitch in PITCHES)


def dense(seconds: float) -> str:
    """A hundred and fifty notes a second, each beginning where a cycle of any size does.

    Csound 7 begins a note at its own sample, 6.18 at the cycle that holds it.
    """
    starts = (start / 37.5 for start in range(int(seconds * 37.5)) for _ in range(4))
    notes = (f"i 1 {at:.17g} 0.8 {PITCHES[n * 5 % 8]:g} {n % 9 / 8:g}\n" for n, at in enumerate(starts))
    return "f 1 0 8192 10 1\n" + "".join(notes)


PIECES: Final[dict[str, tuple[str, Callable[[float], str]]]] = {
    "filters": (FILTERS, held),
    "reverb": (REVERB, held),
    "spectral": (SPECTRAL, held),
    "granular": (GRANULAR, held),
    "score": (SCORE, dense),
}


def csd(piece: str, ksmps: int, seconds: float) -> str:
    """The text of a piece of so many seconds."""
    orchestra, score = PIECES[piece]
    return (
        "<CsoundSynthesizer>\n<CsInstruments>\n"
        f"sr = 48000\nksmps = {ksmps}\nnchnls = 2\n0dbfs = 1\n{orchestra}</CsInstruments>\n"
        f"<CsScore>\n{score(seconds)}e\n</CsScore>\n</CsoundSynthesizer>\n"
    )


def by_command(piece: Path, sound: Path) -> list[str]:
    """The command line that renders with the system's Csound, 64-bit floats without a header."""
    return ["csound", "-d", "-m0", "-h", "--format=double", "-o", str(sound), str(piece)]


def by_wasm(piece: Path, sound: Path) -> list[str]:
    """The command line that renders with the embedded engine."""
    return [sys.executable, "-m", "benchmarks.wasm", "--render", str(piece), str(sound)]


def render(piece: Path, sound: Path) -> None:
    """What :func:`by_wasm` runs: the whole performance, its output as 64-bit floats."""
    from csoundd.engine.csound.backend import BackendContext, BackendOptions  # noqa: PLC0415
    from csoundd.engine.csound.handles import Handles  # noqa: PLC0415
    from csoundd.engine.csound.wasm.backend import WasmBackend  # noqa: PLC0415
    from csoundd.engine.workspace import Workspace  # noqa: PLC0415

    backend = WasmBackend(
        BackendOptions("free"), BackendContext(Workspace(piece.parent), Handles(1), lambda _topic, _data: None)
    )
    compiling = next(group for group in backend.groups if hasattr(group, "compileCsdText"))
    assert compiling.compileCsdText(piece.read_text()) == 0
    assert backend.start() == 0
    cycles = max(1, BURST // backend.ksmps)
    output = np.empty((cycles * backend.ksmps, backend.nchnls))
    with sound.open("wb") as file:
        done = cycles
        while done == cycles:
            done, _ = backend.burst(cycles, output)
            file.write(output[: done * backend.ksmps].tobytes())
    backend.close()


def user_cpu(command: list[str]) -> float:
    """Seconds of user CPU time that ``command`` takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def spent(by: Callable[[Path, Path], list[str]], files: dict[float, Path], sound: Path) -> float:
    """User CPU seconds of performing alone: a long score's less a short one's."""
    short, long = sorted(files)
    less = user_cpu(by(files[short], sound))
    return user_cpu(by(files[long], sound)) - less


def apart(first: Path, second: Path) -> str:
    """The greatest difference of two sounds, and where they first differ audibly."""
    one, two = (np.fromfile(sound, "<f8") for sound in (first, second))
    size = min(len(one), len(two))
    difference: npt.NDArray[np.float64] = np.abs(one[:size] - two[:size])
    return f"{difference.max():.1e}" + ("" if len(one) == len(two) else f" ({len(one) - len(two):+d} samples)")


def compare(piece: str, ksmps: int, rounds: int, seconds: float, folder: Path) -> bool:
    """Print one line of the table; whether the goal is met."""
    files = {length: folder / f"{piece}-{ksmps}-{length:g}.csd" for length in (SHORT, seconds)}
    for length, file in files.items():
        file.write_text(csd(piece, ksmps, length))
    sounds = folder / "native.raw", folder / "wasm.raw"
    pairs = [(spent(by_command, files, sounds[0]), spent(by_wasm, files, sounds[1])) for _ in range(rounds)]
    ratio = median(wasm / native for native, wasm in pairs)
    goal = max(GOALS[ksmps], GRANULAR_GOAL) if piece == "granular" else GOALS[ksmps]
    native, wasm = (median(side) for side in zip(*pairs, strict=True))
    met = "" if ratio <= goal else f"  above {goal}"
    print(f"{piece:9} {ksmps:5} {native:8.2f} {wasm:8.2f} {ratio:7.2f}  {apart(*sounds)}{met}", flush=True)
    return ratio <= goal


def main() -> int:
    """Print the table."""
    if sys.argv[1:2] == ["--render"]:
        render(Path(sys.argv[2]), Path(sys.argv[3]))
        return 0
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    pieces = sys.argv[3:] or list(PIECES)
    print(f"{'piece':9} {'ksmps':>5} {'native s':>8} {'wasm s':>8} {'times':>7}  apart")
    with TemporaryDirectory() as folder:
        results = [compare(p, k, rounds, seconds, Path(folder)) for p in pieces for k in CYCLES]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
