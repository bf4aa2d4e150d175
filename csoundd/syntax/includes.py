"""The files that an orchestra includes, found in the order in which Csound looks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from csoundd.limits import INCLUDED_FILES, INCLUDES_NESTED
from csoundd.syntax.lexer import Kind, tokens

Read = Callable[[str], str | None]
"""The text of a file by its name, None where there is none or it cannot be read."""

LONGEST_NAME: Final = 99
"""Bytes of a name in ``#include``: 6.18, 7.0.0 and the embedded engine copy it into 100 without a look at its end."""


@dataclass(frozen=True, slots=True)
class Source:
    """One text of an orchestra: the code itself, or a file that it includes."""

    text: str
    name: str = ""
    """The file's name, by which it was found; of the code itself none."""

    chain: tuple[str, ...] = ()
    """The names as they stand in ``#include``, the innermost first, as Csound prints them."""


def found(read: Read, folder: str, name: str) -> tuple[str, str] | None:
    """A file that is included as ``name``, its name and its text; ``folder`` is where Csound looks first."""
    candidates = (f"{folder}/{name}", name) if folder and not name.startswith("/") else (name,)
    texts = ((candidate, read(candidate)) for candidate in candidates)
    return next(((candidate, text) for candidate, text in texts if text is not None), None)


def folder_within(folder: str, name: str) -> str:
    """Where Csound looks first for what a file includes that was included as ``name`` by one with ``folder``.

    It takes the name as it stands, even where that was found in another folder.
    """
    return name.rpartition("/")[0] or folder


def sources(code: str, read: Read) -> Iterator[Source]:
    """``code`` and all that it includes, whatever conditions say, each file as often as it is included."""
    left = INCLUDED_FILES
    waiting = [(Source(code), "")]
    while waiting:
        source, folder = waiting.pop()
        yield source
        if len(source.chain) >= INCLUDES_NESTED or "#include" not in source.text:
            continue
        for token in tokens(source.text):
            if token.kind is not Kind.INCLUDE or left <= 0:
                continue
            there = found(read, folder, token.value)
            if there is not None:
                left -= 1
                name, text = there
                inner = Source(text, name, (token.value, *source.chain))
                waiting.append((inner, folder_within(folder, token.value)))
