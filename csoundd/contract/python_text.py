"""Python text as the formatter would have it: calls, signatures and docstrings within the width of a line."""

from __future__ import annotations

from textwrap import wrap
from typing import Final

NOTICE: Final = "Generated from csoundd's declared API by ``make protocol``; not to be edited."

WIDTH: Final = 120


def call(start: str, arguments: list[str], end: str, indent: int) -> list[str]:
    """A call or signature, in one line where it fits, else with the arguments in one or in a line each."""
    joined, inner = ", ".join(arguments), " " * (indent + 4)
    if len(start + joined + end) <= WIDTH:
        return [start + joined + end]
    if len(inner + joined) <= WIDTH:
        return [start, inner + joined, " " * indent + end]
    return [start, *(f"{inner}{argument}," for argument in arguments), " " * indent + end]


def docstring(text: str, indent: int) -> list[str]:
    """The lines of a docstring."""
    margin = " " * indent
    lines = [f"{margin}{line}".rstrip() for line in text.splitlines()]
    lines[0] = f'{margin}"""{lines[0].lstrip()}'
    return [*lines, f'{margin}"""'] if len(lines) > 1 else [f'{lines[0]}"""']


def summarised(summary: str, *paragraphs: str, indent: int) -> str:
    """The text of a docstring: the summary's first sentence in a line of its own, the rest wrapped."""
    first, _, rest = summary.partition(". ")
    wrapped = ["\n".join(wrap(part, WIDTH - indent)) for part in (rest, *paragraphs) if part]
    return "\n\n".join([first.rstrip(".") + ".", *wrapped])


def module_head(text: str) -> list[str]:
    """How every generated module begins."""
    return [*docstring(f"{text}\n\n{NOTICE}", 0), "", "from __future__ import annotations", ""]
