"""Renders many pieces as Csound's own programs do, in each format: ``python -m tests.render [FOLDER...]``.

The pieces are the examples, those of ``tests/live/test_same_as_cycsound.py`` and those in the folders given, else in
those of Debian's ``csound-doc`` and ``csoundqt-examples`` where they are installed. What the program
itself cannot render, or not twice the same, is passed over and counted. With 6.18 the program is ``csound``, with 7.0.0
``python -m cycsound render``.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import soundfile

from csoundd.errors import CsounddError
from csoundd.render.formats import Format
from csoundd.render.messages import is_missing_file
from csoundd.render.piece import Piece
from tests.live.daemon import ROOT, environment
from tests.live.test_same_as_cycsound import PIECES
from tests.render.commands import same, samples
from tests.render.pools import Renders
from tests.render.test_same_as_csound import FORMATS

DEBIANS: Final = (Path("/usr/share/doc/csound-doc/html/examples"), Path("/usr/share/csoundqt/Examples"))
TO_CARD: Final = re.compile(rb"(?m)(?<=[ \t])-o ?dac\w*|^-o ?dac\w*")
SECONDS: Final = 20.0
"""A piece that its program takes longer for is passed over."""


def pieces(folders: list[Path], made: Path, most: int) -> Iterator[Path]:
    """The pieces, each in a folder that may be written to; ``most`` of each folder, spread over it."""
    for name, text in PIECES.items():
        path = made / f"{name}.csd"
        path.write_text(text)
        yield path
    for number, folder in enumerate([ROOT / "examples", *folders]):
        copy = shutil.copytree(folder, made / str(number))
        found = sorted(copy.rglob("*.csd"))
        for piece in found[:: max(1, len(found) // most)]:
            # cycsound lets a piece send its output to a sound card, whatever file it was asked for.
            piece.write_bytes(TO_CARD.sub(b"", piece.read_bytes()))
            yield piece


def reference(engine: str, piece: Path, output: Path, kind: Format) -> bool:
    """Whether the program of an engine renders a piece."""
    ours, theirs = FORMATS[kind]
    words = (
        ["csound", "-W", ours, "-o", str(output), piece.name]
        if engine == "native:6"
        else [sys.executable, "-m", "cycsound", "render", piece.name, "-o", str(output), "-f", theirs]
    )
    try:
        done = subprocess.run(
            words,
            cwd=piece.parent,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and output.exists() and len(samples(output)) > 0


def compared(engine: str, renders: Renders, piece: Path, made: Path) -> str:  # noqa: C901, PLR0911 - one for each end
    """What came of a piece: ``same``, why it is passed over, or what is wrong."""
    try:
        if Piece.read(piece).is_endless:
            return "passed over: it has no end"
    except CsounddError:
        return "passed over: it is no CSD"
    first, second, ours = (made / f"{name}.wav" for name in ("first", "second", "ours"))
    try:
        if not (reference(engine, piece, first, "wav32f") and reference(engine, piece, second, "wav32f")):
            return "passed over: its program does not render it"
        if not same(first, second):
            return "passed over: it is silent, or not twice the same"
        for kind in FORMATS:
            if kind != "wav32f" and not reference(engine, piece, first, kind):
                return f"passed over: its program does not render it in {kind}"
            renders.render(piece, ours, format=kind, seconds=3 * SECONDS)
            if not same(second if kind == "wav32f" else first, ours):
                return f"DIFFERENT in {kind}"
    except CsounddError as failure:
        if is_missing_file(failure.message):
            return "passed over: a file is missing, and its program goes on without a note"
        return f"FAILED: {failure.message}"
    except soundfile.LibsndfileError:
        return "passed over: its program writes no sound file"
    finally:
        for file in (first, second, ours):
            file.unlink(missing_ok=True)
    return "same"


def main() -> int:
    """Compare, and say what came of each."""
    parser = argparse.ArgumentParser(prog="python -m tests.render")
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--engine", action="append", choices=("native:6", "native:7"))
    parser.add_argument("--most", type=int, default=40, help="pieces of each folder")
    asked = parser.parse_args()
    folders = asked.folders or list(filter(Path.exists, DEBIANS))
    wrong = 0
    for engine in asked.engine or ("native:6", "native:7"):
        counts: Counter[str] = Counter()
        with tempfile.TemporaryDirectory() as made, Renders(engine) as renders:
            for piece in pieces(folders, Path(made), asked.most):
                outcome = compared(engine, renders, piece, Path(made))
                counts[outcome] += 1
                print(f"{engine} {piece.relative_to(made)}: {outcome}", flush=True)
        for outcome, count in sorted(counts.items()):
            print(f"{engine}: {count} {outcome}")
        wrong += (
            sum(count for outcome, count in counts.items() if outcome.split(":")[0] != "passed over") - counts["same"]
        )
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
