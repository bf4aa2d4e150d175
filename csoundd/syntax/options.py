"""Lines of options split into words as Csound splits them: in ``<CsOptions>``, in option files, on a command line.

A line of a CSD may begin with the name of the command, which is passed over whatever it is: ``csound -n``, but also
``nonsense -n``. Words stand apart by spaces and tabs, unless a backslash is before them; a word in quotation marks
holds spaces. ``;``, ``#`` and ``//`` at the beginning of a word begin a comment up to the end of the line, and ``/*``
one up to ``*/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from csoundd.syntax.csd import BLANKS, LINE_CHARACTERS

QUOTE_MARK: Final = "\x03"
"""What Csound puts in place of a quotation mark inside a word."""

REMOVED_MARK: Final = "\x18"
"""What Csound puts in place of a backslash that escapes inside of quotation marks."""

MOST_WORDS: Final = 100


@dataclass(frozen=True, slots=True)
class OptionLine:
    """One line of options: its ``words`` without a command's name, and its number, counted from 1."""

    words: tuple[str, ...]
    text: str
    line: int
    command: str = ""
    """What stands where the name of the command may stand, if it does not begin with ``-``."""


def lines_of(text: str) -> list[OptionLine]:
    """The lines of a ``<CsOptions>`` section or an option file that have words on them; never raises."""
    found: list[OptionLine] = []
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        for first in range(0, max(len(line), 1), LINE_CHARACTERS):
            stretch = line[first : first + LINE_CHARACTERS].strip(BLANKS)
            if stretch and not stretch.startswith((";", "#", "//")):
                command, words = _split(stretch)
                found.append(OptionLine(tuple(words), stretch, number, command))
    return found


def words_of(line: str) -> list[str]:
    """The words of one line, the first one among them; never raises."""
    command, words = _split(line.strip(BLANKS + "\r\n"))
    return [command, *words] if command else words


def _split(line: str) -> tuple[str, list[str]]:
    """The command's name, which every word that does not begin with ``-`` is at the beginning, and the other words."""
    words = [""]
    at = 0
    while at < len(line):
        mark = line[at]
        if mark in BLANKS and (at == 0 or line[at - 1] != "\\"):
            while at < len(line) and line[at] in BLANKS:
                at += 1
            if line.startswith('"', at):
                word, at = _quoted(line, at)
                words.append(word)
                continue
            if line.startswith((";", "#", "//"), at):
                break
            if line.startswith("/*", at):
                end = line.find("*/", at + 2)
                at = len(line) if end < 0 else end + 2
                continue
            if at < len(line):
                words.append("")
        elif mark == '"' and (at == 0 or line[at - 1] != "\\"):
            word, at = _quoted(line, at)
            words[-1] += word
        else:
            words[-1] += mark
            at += 1
    return ("", words) if line.startswith("-") else (words[0], words[1:])


def _quoted(line: str, at: int) -> tuple[str, int]:
    """What stands in the quotation marks that begin at ``at``, and the position behind them."""
    word, at = "", at + 1
    while at < len(line) and line[at] != '"':
        if line[at] == "\\" and at + 1 < len(line):
            at += 1
        word += line[at]
        at += 1
    return word, at + 1
