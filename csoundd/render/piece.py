"""What is to be rendered: pieces, the files that come of them, and the variants of a sweep.

Everything that can be wrong before a render begins is found here.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Final

from csoundd.errors import EngineError, InvalidParams
from csoundd.render.formats import (
    FORMATS,
    NOT_WRITTEN,
    OPTIONS,
    SUFFIXES,
    Format,
    Kind,
    kind_of,
    names_a_file,
    options_by_name,
)
from csoundd.render.work import MIX
from csoundd.syntax import UNDECODED
from csoundd.syntax.csd import Csd, SectionKind, parse
from csoundd.syntax.score_length import score_seconds

ENDLESS_BEATS: Final = 1e7
"""A statement of a score that long is meant to have no end: ``z`` is 8e11, and 1e7 seconds are four months."""

_FOLDER_ENDS: Final = tuple(filter(None, (os.sep, os.altsep)))
"""How a name ends that is meant to be that of a folder."""

_STATEMENT: Final = re.compile(r"(?m)^[ \t]*(?:f[ \t]*0+[ \t]+(?P<pause>\S+)|[ie][ \t]*(?P<note>[^\n;]*))", re.ASCII)
_TEMPO: Final = re.compile(r"(?:^|\s)(?:-t|--tempo)")
"""An option that gives a score another tempo."""

_COMMENT: Final = re.compile(r'/\*(?s:.*?)\*/|(?:;|//)[^\n]*|("(?:\\.|[^"\\\n])*")')


_ENDS_ITSELF: Final = re.compile(r"exitnow|scoreline|readscore|\"e\"|midifile|(?:^|\s)-[FT]", re.MULTILINE)
"""What may end a performance whose score has nothing in it."""


def is_endless(csd: Csd) -> bool:
    """Whether a score has no end: ``f 0 z``, ``e z``, a note that lasts as long, or nothing at all.

    Csound waits for events where the score is empty, and writes silence meanwhile.
    """
    score = _COMMENT.sub(lambda found: found[1] or " ", csd.score)
    if not score.strip():
        return not (_ENDS_ITSELF.search(csd.orchestra) or _ENDS_ITSELF.search(csd.options))
    for found in _STATEMENT.finditer(score):
        if found["pause"] is not None:
            lengths = [found["pause"]]
        else:
            words = found["note"].split()
            is_note = found[0].lstrip().startswith("i")
            lengths = words[2:3] if is_note else words[:1]
        if any(_beats(word) > ENDLESS_BEATS for word in lengths):
            return True
    return False


def _beats(word: str) -> float:
    if word == "z":
        return float("inf")
    try:
        return float(word)
    except ValueError:
        return 0.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A CSD with the folder that it lies in; ``name`` is what people call it.

    ``beneath`` is the folder within that of the outputs where its own is to go, empty for one that was named itself.
    """

    name: str
    text: str
    folder: Path
    beneath: str = ""

    @classmethod
    def read(cls, path: Path) -> Piece:
        """The piece in a file. Raises OSError where it cannot be read, and EngineError where it is no CSD."""
        return cls.of(str(path), path.read_bytes(), path.resolve().parent)

    @classmethod
    def of(cls, name: str, data: bytes, folder: Path) -> Piece:
        """The piece in a text. Raises EngineError where that is no CSD, or not a whole one."""
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"<\0C\0s\0" in data:
            raise EngineError("it is no CSD that Csound can read, but in UTF-16", hint="save it as UTF-8")
        text = data.decode(errors=UNDECODED)
        csd = parse(text)
        if not csd.is_started:
            raise EngineError("it is no CSD", hint="a piece begins with <CsoundSynthesizer>, on a line of its own")
        if csd.last(SectionKind.INSTRUMENTS) is None:
            raise EngineError("it is no CSD that can be rendered", hint="it has no <CsInstruments>")
        for section in csd.sections:
            if not section.is_closed:
                raise EngineError(f"it is no whole CSD: there is no </{section.kind.value}>", hint="is it cut off?")
        return cls(name, text, folder)

    @property
    def stem(self) -> str:
        """The name of its output, without the end that says what it is."""
        return Path(self.name).stem if self.name != "-" else "stdin"

    @property
    def is_endless(self) -> bool:
        """Whether its score says that it has no end."""
        return is_endless(parse(self.text))

    @property
    def seconds(self) -> float | None:
        """The seconds of sound that its score asks for, None where it does not say so."""
        csd = parse(self.text)
        score = csd.last(SectionKind.SCORE)
        if score is None or score.attribute or _TEMPO.search(csd.options):
            return None
        return score_seconds(csd.score)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked of every render of a command."""

    channels: dict[str, float | str] = field(default_factory=dict)
    macros: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    format: Format | None = None
    max_seconds: float | None = None
    max_memory: int = 0
    stems: tuple[str, ...] = ()
    """Instruments and audio channels that become files of their own beside the mix."""

    def format_of(self, output: Path) -> Format | None:
        """The format of a file, None where the piece says it."""
        return self.format or SUFFIXES.get(output.suffix.lower())

    def kind_of(self, piece: Piece) -> Kind:
        """What a piece becomes in a file whose name says nothing."""
        return kind_of(parse(piece.text), (*self.options, *(OPTIONS[self.format] if self.format else ())))

    def suffix_of(self, piece: Piece) -> str:
        """The end of the name of an output that nobody has named."""
        return ".opus" if self.format == "opus" else self.kind_of(piece).suffix


@dataclass(frozen=True, slots=True)
class Render:
    """One piece to one file, with its settings."""

    piece: Piece
    output: Path
    settings: Settings
    variant: str = ""
    """The values that make it one of a sweep."""

    stems: dict[str, Path] = field(default_factory=dict)
    """The files of the stems by their names."""

    @property
    def name(self) -> str:
        """What it is called while it runs."""
        return f"{self.piece.stem}{self.variant}"

    @property
    def seconds(self) -> float | None:
        """About how long it will be, None where neither its score nor a setting says so."""
        known = [each for each in (self.settings.max_seconds, self.piece.seconds) if each is not None]
        return min(known, default=None)

    @property
    def options(self) -> tuple[str, ...]:
        """Csound's options that are given for it, with those that the name of its file asks for."""
        by_name = () if self.settings.format else options_by_name(self.output, self.settings.kind_of(self.piece))
        return (*self.settings.options, *by_name)

    @property
    def files(self) -> dict[str, Path]:
        """The files that come of it by their names, the mix first."""
        return {MIX: self.output} | self.stems


def stems_beside(output: Path, names: Iterable[str]) -> dict[str, Path]:
    """The files of stems beside that of the mix: its name, and theirs."""
    return {name: output.with_name(f"{output.stem}-{_in_path(name)}{output.suffix}") for name in names}


def _in_path(name: str) -> str:
    return re.sub(r"[/\\\0]", "_", name)


def sweeps(settings: Settings, values: Mapping[str, Sequence[float | str]]) -> list[tuple[str, Settings]]:
    """The settings of every combination of ``values``, with a name for each. A name with $ is a macro's."""
    found = []
    for chosen in product(*values.values()):
        pairs = dict(zip(values, chosen, strict=True))
        channels = {name: value for name, value in pairs.items() if not name.startswith("$")}
        macros = {name[1:]: _number(value) for name, value in pairs.items() if name.startswith("$")}
        called = "".join(f"-{name.lstrip('$')}={_number(value)}" for name, value in pairs.items())
        variant = replace(settings, channels=settings.channels | channels, macros=settings.macros | macros)
        found.append((_in_path(called), variant))
    return found


def _number(value: float | str) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def renders(  # noqa: C901 - whatever can be wrong, one after the other
    pieces: Sequence[Piece],
    output: str | None,
    settings: Settings,
    values: Mapping[str, Sequence[float | str]],
    here: Path,
) -> list[Render]:
    """The renders of a command. Raises InvalidParams for what cannot be so, as where two would be one file.

    One piece goes to the file ``output``, into it where it is a folder or ends with ``/``. Several, and those of a
    sweep, go there under their own names, and so does what was found in a folder or in a list. Without ``output`` they
    go to ``here``.
    """
    many = any(piece.beneath for piece in pieces) or len(pieces) > 1 or bool(values)
    folder = here if output is None else Path(output)
    named = output is not None and not many and not folder.is_dir() and not output.endswith(_FOLDER_ENDS)
    if not named and folder.exists() and not folder.is_dir():
        raise InvalidParams(f"{folder} is no folder", hint="several renders go to -o DIR, under their own names")
    if (
        many
        and output is not None
        and not folder.exists()
        and not output.endswith(_FOLDER_ENDS)
        and names_a_file(folder)
    ):
        raise InvalidParams(
            f"{folder} is the name of a file", hint="several renders go to -o DIR, under their own names"
        )
    found: list[Render] = []
    taken: dict[Path, str] = {}
    read = {Path(piece.name).resolve() for piece in pieces if piece.name != "-"}
    for piece in pieces:
        for variant, wanted in sweeps(settings, values):
            path = folder if named else folder / piece.beneath / f"{piece.stem}{variant}{wanted.suffix_of(piece)}"
            path = path.absolute()
            if path.suffix.lower() in NOT_WRITTEN and not wanted.format and wanted.kind_of(piece).container != "MP3":
                raise InvalidParams(
                    f"{path.name}: csoundd writes no {path.suffix[1:]}", hint=f"it writes {', '.join(FORMATS)}"
                )
            render = Render(piece, path, wanted, variant, stems_beside(path, wanted.stems))
            for name, file in render.files.items():
                called = piece.name if name == MIX else f"the stem {name} of {piece.name}"
                if file.resolve() in read:
                    raise InvalidParams(f"{file} is a piece, which a render would replace", hint="give another name")
                if file.resolve() in taken:
                    raise InvalidParams(
                        f"{taken[file.resolve()]} and {called} would both become {file}", hint="render them apart"
                    )
                taken[file.resolve()] = called
            found.append(render)
    for piece in pieces:
        if piece.is_endless and settings.max_seconds is None:
            raise InvalidParams(f"the score of {piece.name} has no end", hint="--max-duration says how long it may be")
    return found
