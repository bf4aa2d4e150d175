"""Renders many pieces as Csound's own programs do, in each format: ``python -m tests.render [FOLDER...]``.

The pieces are the examples, those of ``tests/live/test_same_as_cycsound.py`` and those in the folders given, else in
those of Debian's ``csound-doc`` and ``csoundqt-examples`` where they are installed. With 6.18 the program is
``csound``, with 7.0.0 ``python -m cycsound render``. What the program itself cannot render, or not twice the same, is
passed over, and counted by its reason; whether csoundd renders that is told too. One without an end, or that takes
long, is cut by an instrument that is put into it, for both.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import numpy as np
import soundfile

from csoundd.errors import CsounddError
from csoundd.render.formats import Format
from csoundd.render.messages import is_missing_file, plain
from csoundd.render.piece import Piece
from tests.live.daemon import ROOT, environment
from tests.live.test_same_as_cycsound import PIECES
from tests.render.commands import samples
from tests.render.pools import Renders
from tests.render.test_same_as_csound import FORMATS

DEBIANS: Final = (Path("/usr/share/doc/csound-doc/html/examples"), Path("/usr/share/csoundqt/Examples"))
CARDS: Final = re.compile(
    rb"(?m)(?:(?<=[ \t])|^)(?:-o ?dac|-i ?adc)[^\s<]*|(?:(?<=[ \t])|^)-(?:M ?|Q ?|\+rt(?:midi|audio)=)[^\s<]*"
)
"""Sound cards and controllers, which are not here. A piece is rendered without them by both."""

CPU_SECONDS: Final = 8
"""Of CPU time: a piece that its program takes longer for is cut."""

WALL_SECONDS: Final = 90.0
FILE_BLOCKS: Final = 400_000
"""Of 512 bytes: a piece that writes a longer file is cut."""

CUT_SECONDS: Final = 3
ROUNDED_EVERY: Final = 8
"""One piece of so many, by its size, is compared in 16 and 24 bits as well as in floats."""

CUT: Final = 'instr 987\n  event_i "e", 0\nendin\n'
MOVED: Final = b"; %s\n" % (b"compilestr a comment moves what is in memory " * 60)
"""The first word of it has all plug-ins loaded."""

_REASONS: Final = {
    "it shows widgets or graphs": r"\bFL[a-z]\w+|fltk|display|graphics",
    "it plays or reads a device": r"midi|portaudio|alsa|jack|rtaudio|serial|wii|p5g|joystick|leap|kinect",
    "its program does not know an opcode of it": "unable to find opcode|no (?:legal )?opcode|opcode .*not found",
    "its program does not compile it": "syntax error|parsing failed|failed to compile|cannot compile|unexpected",
    "it uses the network": r"osc|socket|network|bind",
}


def pieces(folders: list[Path], made: Path, most: int) -> Iterator[Path]:
    """The pieces, each in a folder that may be written to; ``most`` of each folder, spread over it."""
    for name, text in PIECES.items():
        path = made / f"{name}.csd"
        path.write_text(text)
        yield path
    for number, folder in enumerate([ROOT / "examples", *folders]):
        copy = shutil.copytree(folder, made / str(number))
        for packed in copy.rglob("*.gz"):
            # As Debian packs what is large, samples too.
            packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        found = sorted(copy.rglob("*.csd"))
        for piece in found[:: max(1, len(found) // most)]:
            # cycsound lets a piece send its output to a sound card, whatever file it was asked for.
            piece.write_bytes(CARDS.sub(b"", piece.read_bytes()))
            yield piece


def reference(engine: str, piece: Path, output: Path, kind: Format) -> tuple[Literal["done", "long", "failed"], str]:
    """How the program of an engine comes to the end of a piece, and why not."""
    ours, theirs = FORMATS[kind]
    words = (
        ["csound", "-W", ours, "-o", str(output), piece.name]
        if engine == "native:6"
        else [sys.executable, "-m", "cycsound", "render", piece.name, "-o", str(output), "-f", theirs]
    )
    limits = f'ulimit -t {CPU_SECONDS}; ulimit -f {FILE_BLOCKS}; exec "$@"'
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            ["sh", "-c", limits, "sh", *words],
            cwd=piece.parent,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status: int | None = process.wait(WALL_SECONDS)
        except subprocess.TimeoutExpired:
            status = None
        os.killpg(process.pid, signal.SIGKILL) if status is None else None
        process.wait()
        printed.seek(0)
        told = printed.read(1 << 20).decode(errors="replace")
    if status in {None, -signal.SIGXCPU, -signal.SIGXFSZ, -signal.SIGKILL} or (
        output.exists() and output.stat().st_size >= FILE_BLOCKS * 500
    ):
        return "long", "it takes its program too long"
    if status == 0 and output.exists() and _frames(output):
        return "done", ""
    return "failed", _why(status or 0, told)


def _frames(path: Path) -> int:
    try:
        return int(soundfile.info(path).frames)
    except soundfile.LibsndfileError:
        return 0


def _why(status: int, told: str) -> str:
    if status < 0:
        return f"its program crashes ({signal.Signals(-status).name})"
    lines = [plain(line) for line in told.splitlines()]
    if any(is_missing_file(line) for line in lines):
        return "a file is missing"
    wrong = [line for line in lines if re.search("error|fail|cannot|unable|unexpected", line, re.IGNORECASE)]
    for reason, words in _REASONS.items():
        if any(re.search(words, line, re.IGNORECASE) for line in wrong):
            return reason
    return "its program writes nothing" if status == 0 else "its program gives up"


def cut(piece: Path) -> None:
    """Put an instrument into a piece that ends it."""
    data = piece.read_bytes()
    data = re.sub(rb"(?i)</CsInstruments>", CUT.encode() + rb"\g<0>", data, count=1)
    start = b"\ni 987 %d 0.1\n" % CUT_SECONDS
    data = re.sub(rb"(?i)<CsScore>", lambda found: found[0] + start, data, count=1)
    piece.write_bytes(data)


def _equal(left: Path, right: Path) -> bool:
    first, second = soundfile.info(left), soundfile.info(right)
    form = [(each.samplerate, each.channels, each.format, each.subtype) for each in (first, second)]
    one, other = samples(left), samples(right)
    return form[0] == form[1] and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def compared(engine: str, renders: Renders, piece: Path, made: Path) -> str:  # noqa: C901, PLR0911, PLR0912 - one for each end
    """What came of a piece: ``same``, why it is passed over, or what is wrong."""
    first, second, ours = (made / f"{name}.wav" for name in ("first", "second", "ours"))
    try:
        if is_cut := Piece.read(piece).is_endless:
            cut(piece)
        how, why = reference(engine, piece, first, "wav32f")
        if how == "long" and not is_cut:
            is_cut = True
            cut(piece)
            how, why = reference(engine, piece, first, "wav32f")
        if how != "done":
            try:
                seconds = float(CUT_SECONDS) if how == "long" else None
                renders.render(piece, ours, format="wav32f", seconds=WALL_SECONDS, max_seconds=seconds)
            except CsounddError as failure:
                return f"passed over: {why} (and csoundd: {failure.message[:160]})"
            return f"passed over: {why} (but csoundd renders it)"
        kinds: list[Format] = ["wav32f"]
        if piece.stat().st_size % ROUNDED_EVERY == 0:
            kinds += ["wav16", "wav24"]
        for kind in kinds:
            if kind != "wav32f" and reference(engine, piece, first, kind)[0] != "done":
                return f"passed over: its program does not render it in {kind}"
            try:
                renders.render(piece, ours, format=kind, seconds=WALL_SECONDS)
            except CsounddError as failure:
                if is_missing_file(failure.message) or " missing" in failure.message:
                    return "passed over: a file is missing, and its program goes on without a note"
                return f"FAILED: {failure.message}"
            if not _equal(first, ours):
                reference(engine, piece, second, kind)
                if not _equal(first, second):
                    return "passed over: it is not twice the same"
                data = piece.read_bytes()
                piece.write_bytes(data.replace(b"<CsInstruments>", b"<CsInstruments>\n" + MOVED, 1))
                reference(engine, piece, second, kind)
                moved = renders.render(piece, made / "moved.wav", format=kind, seconds=WALL_SECONDS).output
                piece.write_bytes(data)
                if not (_equal(first, second) and _equal(ours, moved)):
                    return "passed over: a comment changes it, as it reads memory that nobody has written"
                return f"DIFFERENT in {kind}"
        silent = not samples(first).any()
    except CsounddError:
        return "passed over: it is no CSD"
    except soundfile.LibsndfileError as failure:
        return f"FAILED: {failure}"
    finally:
        for file in (first, second, ours, made / "moved.wav"):
            file.unlink(missing_ok=True)
    return f"same{', cut' if is_cut else ''}{', silent' if silent else ''}"


def main() -> int:
    """Compare, and say what came of each."""
    parser = argparse.ArgumentParser(prog="python -m tests.render")
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--engine", action="append", choices=("native:6", "native:7"))
    parser.add_argument("--most", type=int, default=40, help="pieces of each folder")
    parser.add_argument("--only", default="", help="a regular expression that the names of the pieces fit")
    parser.add_argument("--after", default="", help="go on after the piece of that name")
    asked = parser.parse_args()
    folders = asked.folders or list(filter(Path.exists, DEBIANS))
    wrong = 0
    for engine in asked.engine or ("native:6", "native:7"):
        counts: Counter[str] = Counter()
        waits = bool(asked.after)
        with tempfile.TemporaryDirectory() as made, Renders(engine) as renders:
            for piece in pieces(folders, Path(made), asked.most):
                name = str(piece.relative_to(made))
                if waits or not re.search(asked.only, name):
                    waits = waits and name != asked.after
                    continue
                outcome = compared(engine, renders, piece, Path(made))
                kind = outcome.partition(" (")[0]
                counts[kind] += 1
                wrong += not kind.startswith(("same", "passed over"))
                print(f"{engine} {name}: {outcome}", flush=True)
        for outcome, count in sorted(counts.items()):
            print(f"{engine}: {count} {outcome}")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
