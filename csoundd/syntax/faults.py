"""Text that is not finished, or that nothing can be made of: what kills a Csound instead of being refused by it.

Csound leaves a preprocessor's error with a jump to where it was started, a place that is gone when a text comes over
its API: 6.18 and 7.0.0 die of a comment without an end, 6.18 of any error in a score, the embedded engine of a
``#ifdef`` without an ``#end``. None of what is refused here is legal anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from csoundd.syntax import UNDECODED
from csoundd.syntax.includes import LONGEST_NAME, MOST_FILES, Read, folder_within, found
from csoundd.syntax.lexer import Kind, Token, tokens


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and its line, counted from 1, in the code or in a ``file`` that it includes."""

    line: int
    reason: str
    file: str = ""

    def __str__(self) -> str:
        return f"{self.file + ', ' if self.file else ''}line {self.line}: {self.reason}"


_NEED_NAME: Final = frozenset({"define", "undef", "ifdef", "ifndef", "include"})
"""Directives that the lexer did not recognize as such, as their names are missing."""

_SUSPECT: Final = re.compile(r"/\*|#")
_WHOLE_MACRO: Final = re.compile(r"#[ \t]*define[ \t]*\w+(?:\([^)]*\))?[^#]*#(?:\\.|[^\\#])*#\Z", re.DOTALL)


def orchestra_fault(code: str, read: Read | None = None) -> Fault | None:
    """What keeps an orchestra from being read to its end, None where nothing does.

    With ``read`` the files are looked at that it includes, but for those that a condition may leave out.
    """
    return _Orchestra(read).fault_in(code) if _SUSPECT.search(code) else None


class _Orchestra:
    """Looks through an orchestra and what it includes."""

    def __init__(self, read: Read | None) -> None:
        self._read = read
        self._left = MOST_FILES

    def fault_in(self, text: str, file: str = "", folder: str = "", around: tuple[str, ...] = ()) -> Fault | None:
        """What is wrong with ``text``, that of ``file``, which stands in the files ``around`` it."""
        conditions: list[int] = []
        before = ""
        for token in tokens(text):
            if before == "#" and token.text in _NEED_NAME:
                return Fault(token.line, f"#{token.text} without a name", file)
            before = token.text
            if token.kind is Kind.EXIT:
                return None
            reason = _unfinished(token) or _unpaired(token, conditions)
            if token.kind is Kind.INCLUDE and not conditions:
                name = token.value
                if file and "\n" not in text[token.end :]:
                    # The end of the line is looked for behind the end of the file: every engine died of it.
                    reason = "an #include in the last line of a file, which has no end"
                elif name in around:
                    reason = f"{name!r} includes itself"
                elif len(name.encode(errors=UNDECODED)) > LONGEST_NAME:
                    reason = f"the name of an included file has more than {LONGEST_NAME} bytes"
                else:
                    inside = self._fault_in_file(name, folder, around)
                    if inside is not None:
                        return inside
            if reason is not None:
                return Fault(token.line, reason, file)
        return Fault(conditions[-1], "#ifdef without #end", file) if conditions else None

    def _fault_in_file(self, name: str, folder: str, around: tuple[str, ...]) -> Fault | None:
        there = found(self._read, folder, name) if self._read is not None and self._left > 0 else None
        if there is None:
            return None
        self._left -= 1
        file, text = there
        return self.fault_in(text, file, folder_within(folder, name), (*around, name))


def _unfinished(token: Token) -> str | None:
    if token.kind is Kind.COMMENT and token.text.startswith("/*"):
        closed = len(token.text) >= len("/**/") and token.text.endswith("*/")
        return None if closed else "a comment that has no end"
    if token.kind is Kind.DEFINE and not _WHOLE_MACRO.match(token.text):
        return "a macro that has no end"
    return None


def _unpaired(token: Token, conditions: list[int]) -> str | None:
    """What is wrong with a ``#ifdef``, ``#else`` or ``#end``; ``conditions`` are the lines of those that are open."""
    if token.kind in {Kind.IFDEF, Kind.IFNDEF}:
        conditions.append(token.line)
    elif token.kind in {Kind.ELSE, Kind.ENDIF} and not conditions:
        return f"{token.text} without #ifdef"
    elif token.kind is Kind.ENDIF:
        conditions.pop()
    return None
