"""Text that is not finished, or that nothing can be made of: what kills a Csound instead of being refused by it.

Csound leaves a preprocessor's error with a jump to where it was started, a place that is gone when a text comes over
its API: 6.18 and 7.0.0 die of a comment without an end, 6.18 of any error in a score, the embedded engine of a
``#ifdef`` without an ``#end``. None of what is refused here is legal anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from csoundd.syntax.lexer import Kind, Token, tokens


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and in which line, counted from 1."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


_NEED_NAME: Final = frozenset({"define", "undef", "ifdef", "ifndef", "include"})
"""Directives that the lexer did not recognize as such, as their names are missing."""

_SUSPECT: Final = re.compile(r"/\*|#")
_WHOLE_MACRO: Final = re.compile(r"#[ \t]*define[ \t]*\w+(?:\([^)]*\))?[^#]*#(?:\\.|[^\\#])*#\Z", re.DOTALL)


def orchestra_fault(code: str) -> Fault | None:
    """What keeps an orchestra from being read to its end, None where nothing does."""
    if not _SUSPECT.search(code):
        return None
    conditions: list[int] = []
    before = ""
    for token in tokens(code):
        if before == "#" and token.text in _NEED_NAME:
            return Fault(token.line, f"#{token.text} without a name")
        before = token.text
        if token.kind is Kind.EXIT:
            return None
        reason = _unfinished(token) or _unpaired(token, conditions)
        if reason is not None:
            return Fault(token.line, reason)
    return Fault(conditions[-1], "#ifdef without #end") if conditions else None


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
