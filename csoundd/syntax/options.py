"""Lines of options split into words as Csound splits them: in ``<CsOptions>``, in option files, on a command line.

A line of a CSD may begin with the name of the command, which is passed over whatever it is: ``csound -n``, but also
``nonsense -n``. Words stand apart by spaces and tabs, unless a backslash is before them. A word may be in quotation
marks, behind which Csound reads one more, empty word; where they begin inside of a word the line ends with them. ``;``,
``#`` and ``//`` at the beginning of a word begin a comment up to the end of the line, ``/*`` one up to the end of the
line that has ``*/``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from csoundd.syntax.csd import BLANKS, LINE_CHARACTERS

QUOTE_MARK: Final = "\x03"
"""What Csound puts in place of a quotation mark that another word follows without a space."""

MOST_WORDS: Final = 99
_LINE: Final = re.compile(r"([^\r\n]*)(\r\n?|\n|\Z)")
_COMMENTS: Final = (";", "#", "//")


@dataclass(frozen=True, slots=True)
class OptionLine:
    """One line of options: its ``words`` without a command's name, and its number, counted from 1."""

    words: tuple[str, ...]
    text: str
    start: int
    """Where ``text`` stands in what was given."""

    line: int
    command: str = ""
    """What stands where the name of the command may stand, if it does not begin with ``-``."""

    problem: str = ""
    """What is wrong with the line, so that Csound would read past its end or never come to one."""


def lines_of(text: str) -> list[OptionLine]:
    """The lines of a ``<CsOptions>`` section or an option file that have words on them; never raises."""
    found: list[OptionLine] = []
    in_comment = False
    for number, start, line in _lines(text):
        if in_comment:
            in_comment = "*/" not in line
            continue
        stretch = line.strip(BLANKS)
        if not stretch or stretch.startswith(_COMMENTS):
            continue
        split = _Split(stretch)
        in_comment = split.in_comment
        at = start + line.index(stretch)
        found.append(OptionLine(tuple(split.words), stretch, at, number, split.command, split.problem))
    if in_comment:
        last = found[-1]
        found[-1] = OptionLine(last.words, last.text, last.start, last.line, last.command, "a comment has no end")
    return found


def words_of(line: str) -> list[str]:
    """The words of one option or of one line, whatever it begins with; never raises."""
    split = _Split(f"csound {line.strip()}")
    return [word for word in split.words if word]


def _lines(text: str) -> list[tuple[int, int, str]]:
    """The lines of ``text`` as Csound cuts them: their numbers, positions and texts."""
    found: list[tuple[int, int, str]] = []
    for number, match in enumerate(_LINE.finditer(text), 1):
        start, line = match.start(), match[1]
        found += [(number, start + at, line[at : at + LINE_CHARACTERS]) for at in range(0, len(line), LINE_CHARACTERS)]
    return found


class _Split:
    """One line taken apart."""

    def __init__(self, line: str) -> None:
        self.words: list[str] = []
        self.problem = ""
        self.in_comment = False
        self._line = line
        words = self._read()
        self.command = "" if line.startswith("-") else words.pop(0)
        self.words = words
        if len(words) > MOST_WORDS:
            self.problem = self.problem or f"more than {MOST_WORDS} options on one line"

    def _read(self) -> list[str]:
        line, words, at = self._line, [""], 0
        while at < len(line):
            mark = line[at]
            if mark in BLANKS and (at == 0 or line[at - 1] != "\\"):
                while at < len(line) and line[at] in BLANKS:
                    at += 1
                if line.startswith('"', at):
                    word, at = self._quoted(at)
                    words += [word, "" if at >= len(line) or line[at].isspace() else QUOTE_MARK]
                elif line.startswith(_COMMENTS, at):
                    break
                elif line.startswith("/*", at):
                    self.in_comment = "*/" not in line[at + 2 :]
                    break
                elif at < len(line):
                    words.append("")
            elif mark == '"' and (at == 0 or line[at - 1] != "\\"):
                word, at = self._quoted(at)
                words[-1] += word
                if at < len(line) and line[at].isspace():
                    break
            else:
                words[-1] += mark
                at += 1
        return words

    def _quoted(self, at: int) -> tuple[str, int]:
        """What stands in the quotation marks that begin at ``at``, and the position behind them."""
        line, word, at = self._line, "", at + 1
        while at < len(line) and line[at] != '"':
            if line[at] == "\\" and at + 1 < len(line):
                at += 1
            word += line[at]
            at += 1
        if at >= len(line):
            self.problem = "a quotation mark has no end"
        return word, at + 1
