"""An orchestra with a statement put in front of the code of each of its instruments."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from csoundd.syntax.includes import Read
from csoundd.syntax.lexer import Kind, Macro, Token, significant
from csoundd.syntax.orchestra import PartKind, expanded_tokens, split

_COMPILES: Final = frozenset({"compileorc", "compilecsd", "compilestr", "evalstr"})
_MAKE_TEXTS: Final = ("spr", "str", "chnget", "S")
"""How the opcodes begin that make texts, and the variables that hold them: S is a p-field or a channel, too."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An orchestra whose instruments all begin with a statement, which is a line of its own."""

    text: str
    names: frozenset[str]
    """The names and numbers of its instruments."""

    unseen: str
    """Why there may be an instrument that does not begin so; empty where all do."""

    texts: frozenset[str] | None
    """The texts in it, None where some are made at run time."""

    lines: tuple[int, ...]
    """The lines of ``text`` that were put in, counted from 1."""

    def line_before(self, line: int) -> int:
        """The number that a line of ``text`` had before."""
        return line - bisect_left(self.lines, line)


def begun_with(orchestra: str, statement: str, macros: Mapping[str, str], read: Read) -> Begun:
    """``orchestra`` with ``statement`` in front of the code of each instrument.

    ``macros`` are those of the command line; ``read`` gives the text of a file that is included.
    """
    known = {name: Macro(name, (), value) for name, value in macros.items()}
    pieces: list[str] = []
    lines: list[int] = []
    heads: set[int] = set()
    at, is_head, last = 0, False, ""
    for token in significant(orchestra):
        if token.kind is Kind.NEWLINE:
            if is_head and last != ",":
                pieces += [orchestra[at : token.end], statement, "\n"]
                at, is_head = token.end, False
                lines.append(token.line + token.text.count("\n") + len(lines))
            last = "" if last != "," else last
            continue
        if token.kind is Kind.NAME and token.text == "instr" and not last:
            is_head = True
            heads.add(token.start)
        last = token.text
    pieces.append(orchestra[at:])
    unseen, last_token = "", None
    texts: set[str] = set()
    is_made = False
    for token in expanded_tokens(orchestra, known, read):
        if token.kind is Kind.STRING:
            texts.add(token.value)
        is_made = is_made or (token.kind is Kind.NAME and token.text.startswith(_MAKE_TEXTS))
        if token.kind is Kind.NAME and token.text in _COMPILES:
            unseen = f"{token.text} compiles more while it plays"
        elif _begins_instrument(token, last_token) and token.start not in heads:
            unseen = "a macro or an included file holds an instrument"
        last_token = token
    parts = split(orchestra, known, read=read)
    names = frozenset(name for part in parts if part.kind is PartKind.INSTRUMENT for name in part.names)
    return Begun("".join(pieces), names, unseen, None if is_made or unseen else frozenset(texts), tuple(lines))


def _begins_instrument(token: Token, last: Token | None) -> bool:
    return token.kind is Kind.NAME and token.text == "instr" and (last is None or last.kind is Kind.NEWLINE)
