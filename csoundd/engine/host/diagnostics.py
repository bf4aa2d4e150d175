"""Csound's messages over code, read as diagnostics: each with its place in the code or in a file that it includes.

Csound counts the lines of an orchestra after its preprocessor, and miscounts: what is behind an ``#include``, a
``#ifdef`` or a comment over several lines is one line off, behind a macro over several lines several, and 6.18 names
the line before for what it finds out at the end of an instrument (docs/upstream-faults.md#csound-error-lines). So the
token that a message names is looked for in the text, near the line that it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from csoundd.api.values import Diagnostic
from csoundd.syntax.includes import Read, Source, sources
from csoundd.syntax.lexer import INSIGNIFICANT, Kind, tokens

_CHAIN: Final = r"(?P<chain>(?:\s*from file [^\n]*?\(\d+\),?)*)"
"""The files that lead to the place, the innermost first."""

_PATTERNS: Final = (
    # Csound 6, which shows the line as far as it came.
    re.compile(
        r"error:\s*(?P<message>[^\n]*?)\s*(?:\(token \"(?P<token>[^\"]*)\"\))?\s*\n" + _CHAIN + r"\s*line (?P<line>\d+)"
        r"(?:[^\n]*\n >>> (?P<seen>[^\n]*) <<<)?"
    ),
    re.compile(
        r"error:\s+(?P<message>[^\n]+)\n(?:(?!error:)[^\n]*\n)*?\s*Line:? (?P<line>\d+)\s*" + _CHAIN,
    ),
    re.compile(
        r"INIT ERROR in instr \S+ \(opcode (?P<token>[^).]+)[^)]*\) line (?P<line>\d+): (?P<message>[^\n]*)\n?" + _CHAIN
    ),
    re.compile(r"(?P<message>Cannot open #include'd file (?P<token>\S+))"),
    # Csound 7
    re.compile(
        r"syntax error, (?P<message>[^\n]+?(?:\n  with matching argument types)?)"
        r"\s*(?:\(token \"(?P<token>[^\"]*)\"\))?,\s+line (?P<line>\d+)(?:,? columns? (?P<column>\d+)[-,]\d+)?\n?"
        + _CHAIN
    ),
)
_WARNING: Final = re.compile(r"WARNING: (?P<message>[^\n]+)")
_REFUSED: Final = re.compile(r"error: (?P<message>[^\n]+), line (?P<line>\d+)(?: of (?P<file>[^\n]+))?\n")
"""What csoundd itself says of code that Csound must not have (csound/compiling.py)."""

_FILE: Final = re.compile(r"from file ([^\n]*?) *\(\d+\)")
_QUOTED: Final = re.compile(r"'([^']+)'|(?<=Variable type for )(\w+)")
_UNTOLD: Final = re.compile(r"unable to find opcode (?:entry for|with name:) '?(\w+)")
"""An opcode that Csound 7 tells no file of."""


def diagnose(code: str, printed: Sequence[str], read: Read) -> list[Diagnostic]:
    """The diagnostics of ``code`` in ``printed``, in order; ``read`` gives the files that it includes.

    Lines and columns count from 1, 0 where none is named.
    """
    text = "".join(printed)
    looked = [_Looked(source) for source in sources(code, read)]
    refused = [_of_refusal(match, looked) for match in _REFUSED.finditer(text)]
    errors = refused + [error for pattern in _PATTERNS for error in _found(pattern, text, looked)]
    unique = {(error.file, error.line, error.message): error for error in reversed(errors)}
    warnings = [Diagnostic(0, 0, match["message"].strip(), "warning") for match in _WARNING.finditer(text)]
    return sorted(unique.values(), key=lambda error: (error.file, error.line)) + warnings


def _of_refusal(match: re.Match[str], looked: list[_Looked]) -> Diagnostic:
    file, line, column = match["file"] or "", int(match["line"]), 0
    named = _QUOTED.search(match["message"])
    source = next((source for source in looked if source.name == file), None)
    if named is not None and source is not None and source.has(place := _Place(named[1] or "", line, 0, "")):
        line, column = source.at(place)
    return Diagnostic(line, column, match["message"], "error", file)


def _found(pattern: re.Pattern[str], text: str, looked: list[_Looked]) -> Iterator[Diagnostic]:
    for match in pattern.finditer(text):
        groups = match.groupdict()
        message = " ".join(groups["message"].split()).rstrip(":")
        untold = _UNTOLD.search(message)
        named = untold or _QUOTED.search(message)
        token = (groups.get("token") or (named[named.lastindex or 0] if named else "")).strip()
        if token not in message:
            message = f"{message} ({token})"
        place = _Place(token, int(groups.get("line") or 0), int(groups.get("column") or 0), groups.get("seen") or "")
        chain = tuple(_FILE.findall(groups.get("chain") or ""))
        if chain:
            # A piece that was compiled as a file is the last of the chain.
            sources_meant = [source for source in looked if source.chain and source.chain == chain[: len(source.chain)]]
            if not sources_meant:
                yield Diagnostic(place.line, place.column, message, "error", chain[0])
                continue
        elif untold is not None or not place.line:
            sources_meant = [source for source in looked if source.has(place)] or looked[:1]
        else:
            sources_meant = looked[:1]
        for source in sources_meant if untold is not None else sources_meant[-1:]:
            line, column = source.at(place)
            yield Diagnostic(line, column, message, "error", source.name)


@dataclass(frozen=True, slots=True)
class _Place:
    """The place that a message names; ``seen`` is the line as far as Csound 6 had read it."""

    token: str
    line: int
    column: int
    seen: str


class _Looked:
    """A source in which places are looked for."""

    def __init__(self, source: Source) -> None:
        self.name, self.chain = source.name, source.chain
        self._text = source.text

    @cached_property
    def _lines(self) -> list[str]:
        return self._text.splitlines()

    @cached_property
    def _tokens(self) -> dict[str, list[tuple[int, int]]]:
        """The line and column of each token."""
        places: dict[str, list[tuple[int, int]]] = {}
        line_start, line = 0, 1
        for token in tokens(self._text):
            if token.line != line:
                line, line_start = token.line, max(self._text.rfind(mark, 0, token.start) for mark in "\r\n") + 1
            if token.kind not in INSIGNIFICANT and token.kind is not Kind.NEWLINE:
                column = token.start - line_start + 1
                places.setdefault(token.text, []).append((token.line, column))
                if token.kind is Kind.INCLUDE:
                    mark = token.text.find(token.value)
                    places.setdefault(token.value, []).append((token.line, column + max(mark, 0)))
        return places

    def has(self, place: _Place) -> bool:
        """Whether the token of ``place`` stands in there, at its line and column as far as these are known."""
        return any(
            (not place.line or abs(line - place.line) <= 1) and (not place.column or column == place.column)
            for line, column in self._tokens.get(place.token, ())
        )

    def at(self, place: _Place) -> tuple[int, int]:
        """The line and the column of ``place``: those of its token that fit best, else as they were told."""
        found = self._tokens.get(place.token, [])
        if not found and place.token and place.column:
            # Csound takes some marks together that are tokens of their own here.
            at = place.column - 1
            found = [(line, at + 1) for line, text in enumerate(self._lines, 1) if text.startswith(place.token, at)]
        if not found:
            return min(place.line, max(len(self._lines), 1)), place.column
        seen = "".join(place.seen.split())

        def misfit(at: tuple[int, int]) -> tuple[bool, int, bool]:
            line, column = at
            text = self._lines[line - 1] if line <= len(self._lines) else ""
            if place.column:
                is_other = column != place.column
            else:
                is_other = bool(seen) and "".join(text[: column - 1 + len(place.token)].split()) != seen
            distance = line - place.line if place.line else line
            return is_other, abs(distance), distance < 0

        return min(found, key=misfit)
