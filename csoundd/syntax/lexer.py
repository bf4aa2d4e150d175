"""Tokens of an orchestra, with their positions, as Csound's preprocessor and its lexer see them.

:func:`tokens` takes any text: what is no Csound is a symbol or an unfinished token, never an error, and the time is
linear in the length of the text. The tokens cover the text without a gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple


class Kind(StrEnum):
    """The kinds of tokens."""

    SPACE = "space"
    NEWLINE = "newline"
    CONTINUATION = "continuation"
    """A backslash that joins the next line to this one; a comment may stand between it and the end of the line."""

    COMMENT = "comment"
    STRING = "string"
    RAW_STRING = "raw string"
    """Between ``{{`` and ``}}``, over as many lines as it takes."""

    NUMBER = "number"
    NAME = "name"
    MACRO = "macro"
    """The use of a macro: ``$NAME`` or ``$NAME.``; its arguments follow as tokens of their own."""

    DEFINE = "#define"
    UNDEF = "#undef"
    IFDEF = "#ifdef"
    IFNDEF = "#ifndef"
    ELSE = "#else"
    ENDIF = "#endif"
    INCLUDE = "#include"
    EXIT = "#exit"
    SYMBOL = "symbol"


INSIGNIFICANT: Final = frozenset({Kind.SPACE, Kind.CONTINUATION, Kind.COMMENT})
"""What stands between the tokens that have a meaning."""


class Token(NamedTuple):
    """A stretch of text: ``text[start:end]``, counted in characters; ``line`` counts from 1.

    A tuple, as there may be a million of them in a text: a dataclass takes three times as long to make.
    """

    kind: Kind
    text: str
    start: int
    end: int
    line: int

    @property
    def value(self) -> str:
        """The token's content: a string without its quotation marks, the name of a macro, the path of an include."""
        match self.kind:
            case Kind.STRING | Kind.RAW_STRING:
                width = 1 if self.kind is Kind.STRING else 2
                closed = len(self.text) >= 2 * width and self.text.endswith('"' if width == 1 else "}}")
                return self.text[width : -width if closed else None]
            case Kind.MACRO:
                return self.text[1:].rstrip(".")
            case Kind.DEFINE:
                return match[1] if (match := DEFINED_NAME.match(self.text)) else ""
            case Kind.UNDEF | Kind.IFDEF | Kind.IFNDEF:
                return self.text.split()[-1].lstrip("#") if len(self.text.split()) > 1 else ""
            case Kind.INCLUDE:
                return match[1] if (match := INCLUDED_PATH.match(self.text)) else ""
            case _:
                return self.text


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro as a ``#define`` gives it."""

    name: str
    parameters: tuple[str, ...]
    body: str


_NEWLINE: Final = r"(?:\r\n?|\n)"
_BLOCK: Final = r"/\*(?s:.*?)(?:\*/|\Z)"
_LINE: Final = r"(?:;|//)[^\r\n]*"
_JOIN: Final = rf"\\[ \t]*+(?:;[^\r\n]*+)?+(?:{_NEWLINE}|\Z)"
_IDENTIFIER: Final = "[A-Za-z_][A-Za-z0-9_]*"
_DEFINE_HEAD: Final = rf"\#[ \t]*+define[ \t]*+{_IDENTIFIER}(?:\([^)]{{0,2000}}+\))?+(?:\s|{_LINE}|{_BLOCK})*+"
_PATTERNS: Final = (
    (Kind.SPACE, r"[ \t\f\v]+|\ufeff"),
    (Kind.NEWLINE, _NEWLINE),
    (Kind.COMMENT, rf"{_BLOCK}|{_LINE}"),
    (Kind.RAW_STRING, r"\{\{(?s:.*?)(?:\}\}|\Z)"),
    (Kind.STRING, rf'"(?:{_JOIN}|\\.|[^"\\\r\n])*+"?'),
    (Kind.CONTINUATION, _JOIN),
    (
        Kind.DEFINE,
        rf"{_DEFINE_HEAD}(?:\#(?:\\(?s:.)|[^\\#])*+(?:\#|\\?\Z))?+",
    ),
    (Kind.UNDEF, rf"\#undef[ \t]+{_IDENTIFIER}"),
    (Kind.IFDEF, rf"\#ifdef[ \t]+{_IDENTIFIER}"),
    (Kind.IFNDEF, rf"\#ifndef[ \t]+{_IDENTIFIER}"),
    (Kind.ELSE, r"\#else\b"),
    (Kind.ENDIF, r"\#end(?:if)?\b"),
    (Kind.INCLUDE, r"\#include(?:str)?[ \t]*+(?P<mark>[^\s])(?:(?!(?P=mark))[^\r\n])*+(?P=mark)?"),
    (Kind.EXIT, r"\#exit\b"),
    (Kind.MACRO, r"\$`?[A-Za-z_][A-Za-z0-9_`]*\.?"),
    (Kind.NUMBER, r"0[xX][0-9a-fA-F]+|(?!0dbfs)(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"),
    (Kind.NAME, rf"0dbfs|{_IDENTIFIER}"),
    (Kind.SYMBOL, r"->|[!<>=+\-*/]=|&&|\|\||<<|>>|(?s:.)"),
)
_TOKEN: Final = re.compile("|".join(f"(?P<{kind.name}>{pattern})" for kind, pattern in _PATTERNS))
DEFINED_NAME: Final = re.compile(rf"#[ \t]*define[ \t]*({_IDENTIFIER})")
INCLUDED_PATH: Final = re.compile(r"#include(?:str)?[ \t]*[^\s]([^\r\n]*)[^\r\n]")
_DEFINITION: Final = re.compile(
    rf"#[ \t]*define[ \t]*({_IDENTIFIER})(\([^)]{{0,2000}}\))?(?:\s|{_LINE}|{_BLOCK})*+#(.*?)#?\Z", re.DOTALL
)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of ``text``, in order, spaces and comments among them."""
    line, end = 1, 0
    for match in _TOKEN.finditer(text):
        kind, found, start = _KINDS[match.lastgroup], match[0], end
        end += len(found)
        yield Token(kind, found, start, end, line)
        if kind in _OVER_LINES:
            line += found.count("\n") + found.count("\r") - found.count("\r\n")


_OVER_LINES: Final = frozenset(
    {Kind.NEWLINE, Kind.CONTINUATION, Kind.COMMENT, Kind.STRING, Kind.RAW_STRING, Kind.DEFINE}
)


_KINDS: Final[dict[str | None, Kind]] = {**{kind.name: kind for kind in Kind}, "mark": Kind.INCLUDE}
"""By the last group of the pattern: that of an include has one inside."""


def significant(text: str) -> Iterator[Token]:
    """The tokens of ``text`` without spaces, comments and continuations."""
    return (token for token in tokens(text) if token.kind not in INSIGNIFICANT)


def macro_of(token: Token) -> Macro | None:
    """The macro that a ``#define`` makes, None where it is unfinished."""
    found = _DEFINITION.match(token.text)
    if not found:
        return None
    parameters = re.split(r"['#]", found[2][1:-1]) if found[2] else []
    return Macro(found[1], tuple(name.strip() for name in parameters), found[3])


def without_comments(text: str) -> str:
    """``text`` with spaces in place of every comment: positions and lines stay what they were."""
    kept: list[str] = []
    for token in tokens(text):
        is_comment = token.kind is Kind.COMMENT
        kept.append("".join(c if c in "\r\n" else " " for c in token.text) if is_comment else token.text)
    return "".join(kept)
