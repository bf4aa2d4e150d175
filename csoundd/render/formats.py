"""What kind of sound file a render becomes: by ``--format``, by the name of the file, else by what the piece says.

Csound writes WAV of 16 bits unless an option says otherwise, whatever the file is called.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from csoundd.syntax.csd import Csd
from csoundd.syntax.options import lines_of

Format = Literal["wav16", "wav24", "wav32f", "flac", "ogg", "opus"]
FORMATS: Final = get_args(Format)

OPTIONS: Final[dict[Format, tuple[str, ...]]] = {
    "wav16": ("-W", "-s"),
    "wav24": ("-W", "-3"),
    "wav32f": ("-W", "-f"),
    "flac": ("--format=flac:24bit",),
    "ogg": ("--format=ogg:vorbis",),
    "opus": ("-W", "-f"),
}
"""Csound's options for each format; what it does not know is made of floats."""

SUFFIXES: Final[dict[str, Format]] = {".flac": "flac", ".ogg": "ogg", ".oga": "ogg", ".opus": "opus"}
"""Names that say all of what is in the file."""

_CONTAINERS: Final = {
    ".wav": "WAV",
    ".aif": "AIFF",
    ".aiff": "AIFF",
    ".au": "AU",
    ".caf": "CAF",
    ".rf64": "RF64",
    ".w64": "W64",
}
"""Names that say what the samples are in, and not how many bits they have."""

_ALIKE: Final = {"WAV", "WAVEX", "RF64"}
"""What is in a file ``.wav``."""

NOT_WRITTEN: Final = frozenset({".aac", ".ac3", ".m4a", ".mp2", ".mp3", ".mp4", ".webm", ".wma"})
"""Names of sound files that no option makes."""

_LETTERS: Final = {"A": "AIFF", "J": "IRCAM", "W": "WAV", "h": "RAW"}
_SAMPLES: Final = {
    "8": "PCM_U8",
    "3": "PCM_24",
    "a": "ALAW",
    "c": "PCM_S8",
    "e": "FLOAT",
    "f": "FLOAT",
    "l": "PCM_32",
    "s": "PCM_16",
    "u": "ULAW",
}
_ALONE: Final = frozenset("CDGKNRTUdgn")
"""Letters of options without a value, which others may follow in one word."""

_LONG: Final[dict[str, tuple[str, str]]] = {
    "--aiff": ("AIFF", ""),
    "--au": ("AU", ""),
    "--ircam": ("IRCAM", ""),
    "--mpeg": ("MP3", "MPEG_LAYER_III"),
    "--noheader": ("RAW", ""),
    "--ogg": ("OGG", "VORBIS"),
    "--wave": ("WAV", ""),
}
_NAMED_SAMPLES: Final = {
    "24bit": "PCM_24",
    "alaw": "ALAW",
    "double": "DOUBLE",
    "float": "FLOAT",
    "long": "PCM_32",
    "schar": "PCM_S8",
    "short": "PCM_16",
    "uchar": "PCM_U8",
    "ulaw": "ULAW",
    "vorbis": "VORBIS",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sound file, in libsndfile's names."""

    container: str = "WAV"
    subtype: str = "PCM_16"

    @property
    def suffix(self) -> str:
        """The end of the name of such a file."""
        return ".wav" if self.container in _ALIKE else f".{self.container.lower()}"


def kind_of(csd: Csd, words: Iterable[str]) -> Kind:
    """What Csound writes of a piece, with the options ``words`` beside its own."""
    container, subtype = Kind().container, Kind().subtype
    for word in [*(word for line in lines_of(csd.options) for word in line.words), *words]:
        for name, samples in _said(word):
            container, subtype = name or container, samples or subtype
    return Kind(container, subtype)


def _said(word: str) -> Iterable[tuple[str, str]]:
    """What one option says of the container and of the samples; empty where it says nothing."""
    if word.startswith("--format="):
        for part in word.removeprefix("--format=").split(":"):
            found = _NAMED_SAMPLES.get(part, "")
            yield ("" if found else "MP3" if part == "mpeg" else part.upper()), found
    elif word.startswith("--"):
        yield _LONG.get(word, ("", ""))
    elif word.startswith("-"):
        for letter in word[1:]:
            if letter not in _LETTERS and letter not in _SAMPLES and letter not in _ALONE:
                return
            yield _LETTERS.get(letter, ""), _SAMPLES.get(letter, "")


def options_by_name(output: Path, kind: Kind) -> tuple[str, ...]:
    """Csound's options that make a file of ``kind`` what its name says; none where that is so, or says nothing."""
    container = _CONTAINERS.get(output.suffix.lower())
    if container is None or container == kind.container or {container, kind.container} <= _ALIKE - {"RF64"}:
        return ()
    samples = (":short",) if kind.subtype in {"VORBIS", "MPEG_LAYER_III"} else ()
    return (f"--format={container.lower()}{''.join(samples)}",)


def names_a_file(path: Path) -> bool:
    """Whether a name is that of a sound file, and not of a folder."""
    return path.suffix.lower() in {*SUFFIXES, *_CONTAINERS, *NOT_WRITTEN}
