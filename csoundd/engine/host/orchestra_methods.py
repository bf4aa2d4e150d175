"""``orc.compile`` and ``opcode.define``: the friendly methods for code, and Csound's messages read as diagnostics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from csoundd.api.opcodes import RemoteOpcodes
from csoundd.api.orc import OrcCompile
from csoundd.api.values import CompileReport, Diagnostic, RemoteOpcode
from csoundd.engine.host.calls import Calls
from csoundd.engine.host.output import OWN_LINES, Output
from csoundd.errors import EngineError, InvalidParams

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

OPCODE: Final = re.compile(r"[A-Za-z_]\w*\Z")
TYPES: Final = frozenset("kS")
MOST_VALUES: Final = 8
"""Values of a remote opcode in each direction."""


class HostOrc(OrcCompile):
    """Compiling with diagnostics."""

    def __init__(self, calls: Calls, output: Output) -> None:
        self._calls, self._output = calls, output

    def compile(self, code: str) -> CompileReport:
        self._output.tell_printed(0)
        returned = self._calls.invoke("csound.compileOrc", [code, True])
        printed = self._output.tell_printed(OWN_LINES)
        return CompileReport(returned == 0, diagnose(code, printed), printed)


class HostRemoteOpcodes(RemoteOpcodes):
    """Writes a user-defined opcode and has it compiled."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def define(self, name: str, outputs: str = "k", inputs: str = "k") -> RemoteOpcode:
        if not OPCODE.match(name):
            raise InvalidParams(f"{name!r} is no name of an opcode")
        for letters in (outputs, inputs):
            if len(letters) > MOST_VALUES or not TYPES.issuperset(letters):
                raise InvalidParams(f"{letters!r} is not up to {MOST_VALUES} of the letters k and S")
        made = RemoteOpcode(name, value_names(name, "out", outputs), value_names(name, "in", inputs))
        if self._calls.invoke("csound.compileOrc", [definition(made, outputs, inputs), True]) != 0:
            raise EngineError(f"Csound did not take the opcode {name}")
        return made


def value_names(name: str, direction: str, letters: str) -> list[str]:
    """The names that the values of one direction go by."""
    return [f"{name}.{direction}.{number}" for number in range(1, len(letters) + 1)]


def definition(made: RemoteOpcode, outputs: str, inputs: str) -> str:
    """The opcode as orchestra code."""
    taken = [f"{letter}in{number}" for number, letter in enumerate(inputs, 1)]
    given = [f"{letter}out{number}" for number, letter in enumerate(outputs, 1)]
    lines = [f"opcode {made.name}, {outputs or '0'}, {inputs or '0'}"]
    if taken:
        lines.append(f"  {', '.join(taken)} xin")
    lines += [f'  outvalue "{value}", {variable}' for value, variable in zip(made.inputs, taken, strict=True)]
    lines += [f'  {variable} invalue "{value}"' for value, variable in zip(made.outputs, given, strict=True)]
    if given:
        lines.append(f"  xout {', '.join(given)}")
    return "\n".join([*lines, "endop", ""])


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
