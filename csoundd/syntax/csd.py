"""The sections of a CSD, found as Csound 6.18 and 7.0 find them (their readers are the same).

A tag counts at the beginning of a line, with nothing but spaces and tabs before it; what follows it on its line is
passed over. Each section ends by a rule of its own: an orchestra knows strings, ``{{ }}`` and comments over several
lines, a score strings and such comments, options only the line that begins with their end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class SectionKind(StrEnum):
    """The kinds of sections, by their tags."""

    OPTIONS = "CsOptions"
    INSTRUMENTS = "CsInstruments"
    SCORE = "CsScore"
    MIDI_FILE = "CsMidifileB"
    SAMPLE = "CsSampleB"
    BINARY_FILE = "CsFileB"
    TEXT_FILE = "CsFile"
    VERSION = "CsVersion"
    LICENCE = "CsLicence"
    SHORT_LICENCE = "CsShortLicence"


@dataclass(frozen=True, slots=True)
class Section:
    """One section: ``text[start:end]`` is what it holds, from the line after its tag to the line of its end.

    Positions count in what was given, characters of a str or bytes of bytes; ``line`` is that of the first line
    inside, counted from 1. ``attribute`` is the file's name or the score's program, where the tag has one.
    """

    kind: SectionKind
    text: str
    start: int
    end: int
    line: int
    attribute: str = ""
    is_closed: bool = True


@dataclass(frozen=True, slots=True)
class Csd:
    """A CSD as Csound reads it."""

    sections: tuple[Section, ...]
    is_started: bool
    """Whether there is a ``<CsoundSynthesizer>`` or ``<CsoundSynthesiser>``, without which Csound refuses it."""

    unknown_tags: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    """Where Csound stops reading: behind the line of ``</CsoundSynthesizer>``, or at the end of the text."""

    def text_of(self, kind: SectionKind) -> str:
        """All sections of ``kind``, one after the other."""
        return "".join(section.text for section in self.sections if section.kind is kind)

    def last(self, kind: SectionKind) -> Section | None:
        """The last section of ``kind``, None where there is none."""
        return next((section for section in reversed(self.sections) if section.kind is kind), None)

    @property
    def options(self) -> str:
        """The text of ``<CsOptions>``."""
        return self.text_of(SectionKind.OPTIONS)

    @property
    def orchestra(self) -> str:
        """The text of ``<CsInstruments>``: the last section, as Csound keeps only that."""
        found = self.last(SectionKind.INSTRUMENTS)
        return "" if found is None else found.text

    @property
    def score(self) -> str:
        """The text of ``<CsScore>``."""
        return self.text_of(SectionKind.SCORE)


LINE_CHARACTERS: Final = 4095
"""Csound reads a CSD in lines of at most this many bytes: what is longer goes on as a further line."""

BLANKS: Final = " \t"
_OPENING: Final = (
    ("<CsOptions>", SectionKind.OPTIONS),
    ("<CsInstruments>", SectionKind.INSTRUMENTS),
    ("<CsScore", SectionKind.SCORE),
    ("<CsMidifileB>", SectionKind.MIDI_FILE),
    ("<CsSampleB filename=", SectionKind.SAMPLE),
    ("<CsFileB filename=", SectionKind.BINARY_FILE),
    ("<CsFile filename=", SectionKind.TEXT_FILE),
    ("<CsVersion>", SectionKind.VERSION),
    ("<CsLicence>", SectionKind.LICENCE),
    ("<CsLicense>", SectionKind.LICENCE),
    ("<CsShortLicence>", SectionKind.SHORT_LICENCE),
    ("<CsSortLicense>", SectionKind.SHORT_LICENCE),  # so it is written in Csound
)
_ANYWHERE: Final = {
    SectionKind.VERSION: ("</CsVersion>",),
    SectionKind.LICENCE: ("</CsLicence>", "</CsLicense>"),
    SectionKind.SHORT_LICENCE: ("</CsShortLicence>", "</CsShortLicense>"),
}
"""Sections that end on a line with their end anywhere in it."""


_MARKS: Final = ("\ufeff", "\ufeff".encode().decode("latin-1"))
"""A byte order mark at the beginning of a text, and of one whose characters are bytes."""


def parse(text: str) -> Csd:
    """The sections of a CSD; never raises. What stands before the first tag and between sections is passed over."""
    return _Reader(text, next((len(mark) for mark in _MARKS if text.startswith(mark)), 0)).csd()


def parse_bytes(data: bytes) -> Csd:
    """As :func:`parse`, for the bytes of a file: the positions count bytes."""
    return parse(data.decode("latin-1"))


_END_OF_SCORE: Final = re.compile(r"(?m)((?:^|(?<=\r))[ \t]*)<(?=/CsScore>)")


def ends_hidden(text: str) -> str:
    """``text`` without what looks like the end of its score in a comment: Csound 7 takes it for the end.

    It dies of the comment that is left open then (docs/upstream-faults.md#csound7-csd-end).
    """
    for section in reversed(parse(text).sections):
        if section.kind is SectionKind.SCORE:
            inside = _END_OF_SCORE.sub(r"\1 ", section.text)
            text = text[: section.start] + inside + text[section.end :]
    return text


_NO_BASE64: Final = re.compile(r"[^A-Za-z0-9+/]")
_DIGITS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def base64_fault(text: str) -> str | None:
    """Why Csound gives up on ``text`` as the bytes of a file in a CSD, None where it does not.

    It reads up to the first ``=`` or ``<``.
    """
    digits = "".join(re.split("[=<]", text, maxsplit=1)[0].split())
    if wrong := _NO_BASE64.search(digits):
        return f"{wrong[0]!r} is no base64"
    left = 6 * len(digits) % 8
    return "the last byte is not whole" if left and _DIGITS.index(digits[-1]) % (1 << left) else None


_VERSION: Final = re.compile(r"\s*([-+]?\d+)(?:\.([-+]?\d+))?")


def unmet_version(csd: Csd, version: int) -> str | None:
    """The first line of ``<CsVersion>`` that a Csound of ``version`` (6180 is 6.18) does not meet, None where it does.

    Of a line that names no number the last one before it counts, as Csound has it.
    """
    wanted = 0
    for line in csd.text_of(SectionKind.VERSION).splitlines():
        words = line.strip(BLANKS)
        relation = next((each for each in ("Before", "After", "Later") if each in words), "")
        number = _VERSION.match(words.removeprefix(relation))
        if number:
            wanted = int(number[1]) * 1000 + int(number[2] or 0) * 10
        match relation:
            case "Before":
                unmet = version >= wanted
            case "Later":
                unmet = version < wanted
            case "After":
                unmet = version <= wanted
            case _:
                unmet = number is not None and number[2] is not None and version <= wanted
        if unmet:
            return words
    return None


@dataclass(slots=True)
class _Reader:
    text: str
    at: int = 0
    line: int = 1
    sections: list[Section] = field(default_factory=list)

    def _lines(self) -> Iterator[tuple[int, str]]:
        """The lines from here on, each with its position and, whatever ended it, one line feed at its end."""
        while (found := self._line()) is not None:
            yield found

    def _line(self) -> tuple[int, str] | None:
        if self.at >= len(self.text):
            return None
        start = self.at
        limit = start + LINE_CHARACTERS
        feed = self.text.find("\n", start, limit)
        carriage = self.text.find("\r", start, limit if feed < 0 else feed)
        if feed < 0 and carriage < 0:
            self.at = min(limit, len(self.text))
            return start, self.text[start : self.at]
        stop = carriage if carriage >= 0 else feed
        self.at = stop + (2 if self.text.startswith("\r\n", stop) else 1)
        self.line += 1
        return start, self.text[start:stop] + "\n"

    def csd(self) -> Csd:
        is_started = False
        begins = 0
        unknown: list[str] = []
        for start, line in self._lines():
            tag = line.lstrip(BLANKS)
            if tag.startswith(("<CsoundSynthesizer>", "<CsoundSynthesiser>")):
                is_started, begins = True, start
            elif tag.startswith(("</CsoundSynthesizer>", "</CsoundSynthesiser>")):
                break
            elif (kind := next((kind for opening, kind in _OPENING if tag.startswith(opening)), None)) is not None:
                self._section(kind, tag)
            elif is_started and line.startswith("<"):
                unknown.append(line.rstrip())
        return Csd(tuple(self.sections), is_started, tuple(unknown), begins, self.at)

    def _section(self, kind: SectionKind, tag: str) -> None:
        start, first = self.at, self.line
        end, closed = self._end_of(kind)
        self.sections.append(Section(kind, self.text[start:end], start, end, first, _attribute(tag), closed))

    def _end_of(self, kind: SectionKind) -> tuple[int, bool]:
        """Where the section that begins here ends, and whether it has its end; the reader is behind it then."""
        if kind in (SectionKind.INSTRUMENTS, SectionKind.SCORE):
            return self._end_of_code(f"</{kind}>", has_raw_strings=kind is SectionKind.INSTRUMENTS)
        ends = _ANYWHERE.get(kind)
        for start, line in self._lines():
            if any(end in line for end in ends) if ends else line.lstrip(BLANKS).startswith(f"</{kind}>"):
                return start, True
        return len(self.text), False

    def _end_of_code(self, closing: str, *, has_raw_strings: bool) -> tuple[int, bool]:
        """Outside of strings and comments the section ends on a line that begins with its end."""
        inside = ""
        for start, line in self._lines():
            if not inside and line.lstrip(BLANKS).startswith(closing):
                return start, True
            inside = _inside_after(line, inside, has_raw_strings=has_raw_strings)
            if inside == '"':
                # Csound gives up on a string that its line does not end.
                return self.at, False
        return len(self.text), False


_ENDS: Final = {"/*": "*/", "{{": "}}"}


def _inside_after(line: str, inside: str, *, has_raw_strings: bool) -> str:
    """What the end of ``line`` is inside of: ``"``, ``/*``, ``{{`` or nothing, ``inside`` being so at its beginning.

    A string goes on in the next line only behind a backslash, which is then given back in place of the quotation mark.
    """
    at = 0
    while at < len(line):
        if inside in _ENDS:
            end = line.find(_ENDS[inside], at)
            if end < 0:
                return inside
            at, inside = end + 2, ""
        elif inside:
            found = _IN_STRING.search(line, at)
            if not found:
                return '"'
            at, inside = found.end(), '"' if found[0] != '"' else ""
            if inside and at >= len(line):
                return "\\"
        else:
            found = _OUTSIDE.search(line, at)
            if not found or found[0] in (";", "//"):
                return ""
            at, inside = found.end(), found[0]
            if inside == "{{" and not has_raw_strings:
                inside = ""
    return inside


_IN_STRING: Final = re.compile(r'\\(?s:.)|"')
_OUTSIDE: Final = re.compile(r'"|;|//|/\*|\{\{')


def _attribute(tag: str) -> str:
    """The value in a tag such as ``<CsFileB filename="a.wav">`` or ``<CsScore bin="program">``."""
    _before, found, value = tag.partition("=")
    if not found or ">" in _before:
        return ""
    if value.startswith('"'):
        return value[1:].partition('"')[0].rstrip("\n")
    return value.partition(">")[0].rstrip("\n")
