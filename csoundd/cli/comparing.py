"""``csoundd compare``: whether two sound files are the same, and where not."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from csoundd.cli.program import USAGE, refuse, terminal
from csoundd.errors import EngineError
from csoundd.render.compare import Comparison, Place, compared

DIFFERENT: Final = 1
FLOOR_DB: Final = -144
"""The lowest level that a bar shows: that of the last bit of 24."""

BAR: Final = 36

File = Annotated[Path, typer.Argument(metavar="FILE", help="a sound file")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON, for programs")]


def compare(left: File, right: File, as_json: AsJson = False) -> None:
    """Compare two sound files, sample by sample.

    Exit status: 0 equal, 1 different, 2 where one cannot be read. How the samples are stored does not count: 0.5 is 0.5
    in 16 bits and in floats.
    """
    try:
        found = compared(left, right)
    except EngineError as error:
        refuse(error.message, USAGE)
    if as_json:
        print(json.dumps({"equal": found.equal} | asdict(found, dict_factory=_told)))
    else:
        console = terminal()
        for line in _lines(found):
            console.print(line, highlight=False, soft_wrap=True)
    if not found.equal:
        raise typer.Exit(DIFFERENT)


def _told(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The values of JSON, in which numbers that JSON does not know are written as the contract writes them."""
    return {
        name: {"$float": str(value)} if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in pairs
    }


def _lines(found: Comparison) -> list[str]:
    if found.equal:
        return [f"equal: {found.left.described()}"]
    lines = ["different"]
    if found.left != found.right:
        lines += [f"  the first has {found.left.described()}", f"  the second has {found.right.described()}"]
    if found.first is None or found.largest is None:
        both = min(found.left.frames, found.right.frames)
        return [*lines, f"  the {both} frames that both have are the same"] if found.comparable else lines
    samples = min(found.left.frames, found.right.frames) * found.left.nchnls
    apart = abs(found.largest.left - found.largest.right)
    level = "no number" if not math.isfinite(apart) else f"{20 * math.log10(apart):.1f} dBFS"
    lines += [
        f"  {found.differing} of {samples} samples differ",
        f"  the first at {_at(found.first, found.left.sr)}",
        f"  the largest difference, {level}, at {_at(found.largest, found.left.sr)}",
        f"  {'Hz':>6} {'first':>7} {'second':>7} {'difference':>10}  (dB)",
    ]
    for band in found.bands:
        shown = [f"{'-' if value is None else f'{value:.1f}':>7}" for value in (band.left, band.right)]
        size = 0 if band.difference is None else round(BAR * max(0.0, 1 - band.difference / FLOOR_DB))
        difference = "-" if band.difference is None else f"{band.difference:.1f}"
        lines.append(f"  {band.hz:>6.0f} {' '.join(shown)} {difference:>10}  {'#' * min(size, BAR)}")
    return lines


def _at(place: Place, sr: int) -> str:
    where = f"frame {place.frame} ({place.frame / sr:.4f} s), channel {place.channel}"
    return f"{where}: {place.left:.9g} and {place.right:.9g}"
