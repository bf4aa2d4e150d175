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
_MISSING: Final = re.compile(
    r"(?:cannot|can't|could not|unable to|failed to) (?:open|load|read) (?!.*(?:library|plug-?in|device|module))",
    re.IGNORECASE,
)
_ANOTHER: Final = re.compile(r"ftable \d+:")
"""Csound goes on with this in the line of a file that is missing."""


def plain(text: str) -> str:
    """``text`` on one line, without the colours of a terminal."""
    return " ".join(_COLOURS.sub("", text).split())


def is_warning(line: str, attr: int) -> bool:
    """Whether a line, printed with the attribute ``attr``, tells of something that is not as it should be.

    Csound 7 gives the attribute of errors to most of what it prints, so that the words have to say it.
    """
    if _NO_ERRORS.search(line):
        return False
    return attr & MESSAGE_TYPE == WARNING or _WARNS.search(line) is not None


def is_missing_file(line: str) -> bool:
    """Whether a warning tells of a file that is not there, or cannot be read."""
    return _MISSING.search(line) is not None


def is_full_disk(line: str) -> bool:
    """Whether a warning tells that a file could not be written on."""
    return "disk may be full" in line


def said(line: str) -> str:
    """A warning as it is told as the reason of a failure."""
    return _ANOTHER.split(line)[0].rstrip(" .")
