"""What Csound's messages say of a render: warnings, and files that are missing."""

from __future__ import annotations

import re
from typing import Final

from csoundd.messages import MESSAGE_TYPE, WARNING

_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
_WARNS: Final = re.compile(
    r"^(?:(?:warning|(?:init|perf|user|command|csound command) error|error|fterror)\b|\*\*\*)"
    r"|note (?:aborted|deleted)|\berror:|memory allocate failure|soundfile write returned|soundin cannot open",
    re.IGNORECASE,
)
_NO_ERRORS: Final = re.compile(r"^0 (?:syntax )?errors?\b")
_COUNTS: Final = re.compile(r"^(?:warning: )?\d+ (?:syntax )?errors?\b", re.IGNORECASE)
_UNMADE: Final = re.compile(r"sfinit: cannot open .*\.part[\w.]*\s+(.+)")
_MISSING: Final = re.compile(
    r"(?:(?:cannot|can't|could not|unable to|failed to) (?:open|load|read)|error (?:opening|loading|reading)) "
    r"(?!.*(?:library|plug-?in|device|module|director))",
    re.IGNORECASE,
)
_NAMES: Final = (
    re.compile(r"diskin2: (?P<name>.+?): failed to open file"),
    re.compile(
        r"(?:open|load|read)(?:ing)? "
        r"(?:(?:the|#include'd|included|input|sound|SoundFont|ASCII|text|sample|MIDI|pvoc-ex|infile|file|-):? )*"
        r"['\"]?(?P<name>[^'\":\s][^'\":]*?)['\"]?(?=:| --| \(|,|'|\"|\.?$)",
        re.IGNORECASE,
    ),
)
"""How Csound's opcodes name a file that they cannot open, each in words of its own."""

_REACHED: Final = re.compile(r"B *[\d.]+ *\.\. *[\d.]+ T *([\d.]+)")
_ANOTHER: Final = re.compile(r"ftable \d+:")
"""Csound goes on with this in the line of a file that is missing."""


def plain(text: str) -> str:
    """``text`` on one line, without the colours of a terminal."""
    return " ".join(_COLOURS.sub("", text).split())


def is_warning(line: str, attr: int) -> bool:
    """Whether a line, printed with the attribute ``attr``, tells of something that is not as it should be.

    Csound 7 gives the attribute of errors to most of what it prints, so that the words have to say it.
    """
    if not line or _NO_ERRORS.search(line):
        return False
    return attr & MESSAGE_TYPE == WARNING or _WARNS.search(line) is not None


def is_only_warning(line: str) -> bool:
    """Whether a line that :func:`is_warning` calls itself a warning, as of an opcode that has a newer name."""
    return line.lower().startswith("warning")


def reached(line: str) -> float | None:
    """The seconds of the score that Csound tells it has come to, None in any other line."""
    found = _REACHED.match(line)
    return None if found is None else float(found[1])


def is_missing_file(line: str) -> bool:
    """Whether a warning tells of a file that is not there, or cannot be read."""
    return _MISSING.search(line) is not None


def missing_name(line: str) -> str:
    """The name of the file in a warning that tells of one that is not there, else the whole warning."""
    return next((found["name"] for each in _NAMES if (found := each.search(line))), said(line))


def why_unmade(line: str) -> str:
    """Why Csound could not make the sound file, in the line that tells of it; empty for any other line."""
    found = _UNMADE.match(line)
    return "" if found is None else found[1].removeprefix("Error : ").rstrip(".")


def counts_errors(line: str) -> bool:
    """Whether a line says how many errors there were, and not which."""
    return _COUNTS.search(line) is not None


def is_full_disk(line: str) -> bool:
    """Whether a warning tells that a file could not be written on."""
    return "disk may be full" in line


def said(line: str) -> str:
    """A warning as it is told as the reason of a failure."""
    return _ANOTHER.split(line)[0].rstrip(" .")
