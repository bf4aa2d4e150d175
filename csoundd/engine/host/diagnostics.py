"""Reads what Csound prints about code as diagnostics: line, column, message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from csoundd.api.values import Diagnostic

SYNTAX: Final = re.compile(
    r"error:\s*(?P<message>[^\n]*?)\s*(?:\(token \"(?P<token>[^\"]*)\"\))?\s*\n\s*line (?P<line>\d+)"
    r"(?:[^\n]*\n >>> (?P<seen>[^\n]*) <<<)?"
)
"""Csound 6, which shows the line as far as it came."""

SEMANTIC: Final = re.compile(r"error:\s+(?P<message>[^\n]+)\n(?:(?!error:)[^\n]*\n)*?\s*Line:? (?P<line>\d+)")
CSOUND_7: Final = re.compile(
    r"syntax error, (?P<message>[^\n]+?(?:\n  with matching argument types)?)\s*(?:\(token \"(?P<token>[^\"]*)\"\))?"
    r",\s+line (?P<line>\d+)(?:,? columns? (?P<column>\d+)[-,]\d+)?"
)
INIT: Final = re.compile(
    r"INIT ERROR in instr \S+ \(opcode (?P<token>[^).]+)[^)]*\) line (?P<line>\d+): (?P<message>[^\n]*)"
)
WARNING: Final = re.compile(r"WARNING: (?P<message>[^\n]+)")
INCLUDE: Final = re.compile(r"(?P<message>Cannot open #include'd file (?P<token>\S+))")
QUOTED: Final = re.compile(r"'([^']+)'")


def diagnose(code: str, printed: list[str]) -> list[Diagnostic]:
    """What ``printed`` says is wrong with ``code``; lines and columns count from 1, 0 where none is named."""
    text = "".join(printed)
    lines = code.splitlines()
    errors = [*_found(SYNTAX, text, lines), *_found(SEMANTIC, text, lines), *_found(INIT, text, lines)]
    errors += [*_found(INCLUDE, text, lines), *_found(CSOUND_7, text, lines)]
    warnings = [Diagnostic(0, 0, match["message"].strip(), "warning") for match in WARNING.finditer(text)]
    seen: set[tuple[int, str]] = set()
    unique = [e for e in errors if (e.line, e.message) not in seen and not seen.add((e.line, e.message))]  # type: ignore[func-returns-value]
    return sorted(unique, key=lambda error: error.line) + warnings


def _found(pattern: re.Pattern[str], text: str, lines: list[str]) -> Iterator[Diagnostic]:
    for match in pattern.finditer(text):
        groups = match.groupdict()
        message = " ".join(groups["message"].split()).rstrip(":")
        token = (groups.get("token") or next(iter(QUOTED.findall(message)), "")).strip()
        line, column = int(groups.get("line") or 0), int(groups.get("column") or 0)
        if not column:
            line, column = _place(token, line, groups.get("seen") or "", lines)
        yield Diagnostic(line, column, message if token in message else f"{message} ({token})", "error")


def _place(token: str, line: int, seen: str, lines: list[str]) -> tuple[int, int]:
    """Where ``token`` is: at the end of what Csound has seen of its line, else where it first is from ``line`` on.

    Csound 6 counts the line before for what it only finds out at the end of an instrument
    (docs/upstream-faults.md#csound6-error-line).
    """
    if not token:
        return line, 0
    if token in seen:
        return line, seen.rindex(token) + 1
    word = re.compile(rf"(?<!\w){re.escape(token)}(?!\w)")
    places = ((number, word.search(text)) for number, text in enumerate(lines, 1) if number >= line)
    return next(((number, found.start() + 1) for number, found in places if found), (line, 0))
