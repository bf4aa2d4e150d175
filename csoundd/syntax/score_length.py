"""How long a score is, in seconds: what is left of a render is told by it.

An estimate: what an orchestra does (notes that it begins, releases, an end that it makes) is not in the score. Nothing
is said of a score that repeats or moves what stands in it (``r``, ``m``, ``n``, ``v``, ``{``), or has no end.
"""

from __future__ import annotations

import re
from typing import Final

from csoundd.syntax.score_lines import expression_value
from csoundd.syntax.score_macros import Broken, Unknown, expanded

LONGEST_SCORE: Final = 1 << 20
"""Characters: so many are read in 0.2 s."""

_COMMENT: Final = re.compile(r'/\*(?s:.*?)\*/|(?:;|//)[^\n]*|("(?:\\.|[^"\\\n])*")')
_STATEMENT: Final = re.compile(r"(?m)^[ \t]*([A-Za-z{}])([^\n]*)")
_FIELD: Final = re.compile(r'"[^"\n]*"|\[[^\]\n]*\]|[^\s\[\]"]+')
_MOVES: Final = frozenset("rmnvx{}BCb")
_MEANT: Final = 3
"""The p-fields of a note that say when it sounds: they are the first."""

_SECONDS_A_BEAT: Final = 60.0


class _Untold(Exception):
    """The score does not say it."""


def score_seconds(score: str) -> float | None:
    """The seconds of sound that a score asks for, None where it does not say so. Never raises."""
    if len(score) > LONGEST_SCORE:
        return None
    try:
        if "#" in score or "$" in score:
            score = expanded(score)
        return _seconds(_COMMENT.sub(lambda found: found[1] or " ", score).replace("\\\n", " "))
    except (Broken, Unknown, _Untold, ValueError, OverflowError, ZeroDivisionError):
        return None


def _seconds(score: str) -> float | None:
    total, section = 0.0, _Section()
    for letter, rest in _STATEMENT.findall(score):
        if letter in _MOVES:
            return None
        plain = letter == "i" and '"' not in rest and "[" not in rest
        fields = rest.split(None, _MEANT)[:_MEANT] if plain else _FIELD.findall(rest)
        if letter in "se":
            total += section.seconds(_number(fields[0]) if fields else 0.0)
            section = _Section()
            if letter == "e":
                return total
        else:
            section.add(letter, fields)
    return total + section.seconds(0.0)


class _Section:
    """A section of a score as it is read."""

    def __init__(self) -> None:
        self._end = 0.0
        self._left_out: list[tuple[float, float]] = []
        self._tempi: list[tuple[float, float]] = []
        self._last = ("", 0.0, 0.0)
        """The note before: its instrument, its beginning and its length, which a line carries on."""

    def add(self, letter: str, fields: list[str]) -> None:
        """Take in a statement."""
        if letter == "i" and fields:
            self._note(fields)
        elif letter == "f" and len(fields) > 1:
            self._end = max(self._end, _number(fields[1]))
        elif letter == "a" and len(fields) >= _MEANT:
            self._left_out.append((_number(fields[1]), _number(fields[2])))
        elif letter == "t":
            self._tempi = [(_number(at), _number(bpm)) for at, bpm in zip(fields[::2], fields[1::2], strict=False)]

    def _note(self, fields: list[str]) -> None:
        name, begin, length = self._last
        carries = fields[0] in {".", name}
        if not carries:
            name, begin, length = fields[0], 0.0, 0.0
        wanted = fields[1] if len(fields) > 1 else "."
        if wanted == "+":
            begin += length
        elif wanted.startswith("^"):
            begin += _number(wanted[1:])
        elif wanted != ".":
            begin = _number(wanted)
        if len(fields) >= _MEANT and fields[2] != ".":
            length = _number(fields[2])
        self._last = (name, begin, length)
        # A note that is held has no length of its own.
        self._end = max(self._end, begin + max(length, 0.0))

    def seconds(self, at_least: float) -> float:
        """Its length, up to the beat ``at_least`` where that is later."""
        left_out = sum(self._at(at + beats) - self._at(at) for at, beats in self._left_out)
        return self._at(max(self._end, at_least)) - left_out

    def _at(self, beat: float) -> float:
        """The second of a beat. Between two tempi the length of a beat goes straight from one to the other."""
        if not self._tempi:
            return beat
        found, (before, first) = 0.0, self._tempi[0]
        long = _SECONDS_A_BEAT / first
        for at, bpm in self._tempi[1:]:
            then = _SECONDS_A_BEAT / bpm
            if at >= beat:
                here = long + (then - long) * (beat - before) / max(at - before, 1e-9)
                return found + (beat - before) * (long + here) / 2
            found += (at - before) * (long + then) / 2
            before, long = at, then
        return found + (beat - before) * long


def _number(text: str) -> float:
    value = expression_value(text[1:-1], {}) if text.startswith("[") else float(text)
    if value is None:
        raise _Untold
    return value
