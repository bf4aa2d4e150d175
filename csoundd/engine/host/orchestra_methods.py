"""``orc.compile`` and ``opcode.define``: the friendly methods for code."""

from __future__ import annotations

import re
from typing import Final

from csoundd.api.orchestra import OrcCompile, RemoteOpcodes
from csoundd.api.values import CompileReport, RemoteOpcode
from csoundd.engine.host.calls import Calls
from csoundd.engine.host.diagnostics import diagnose
from csoundd.engine.host.output import Output
from csoundd.errors import EngineError, InvalidParams
from csoundd.limits import COMPILATION_LINES, REMOTE_OPCODE_VALUES
from csoundd.syntax.includes import Read

OPCODE: Final = re.compile(r"[A-Za-z_]\w*\Z")
TYPES: Final = frozenset("kS")


class HostOrc(OrcCompile):
    """Compiling with diagnostics; ``read`` gives the files that code includes."""

    def __init__(self, calls: Calls, output: Output, read: Read) -> None:
        self._calls, self._output, self._read = calls, output, read

    def compile(self, code: str) -> CompileReport:
        self._output.tell_printed(0)
        returned = self._calls.invoke("csound.compileOrc", [code, True])
        printed = self._output.tell_printed(COMPILATION_LINES)
        return CompileReport(returned == 0, diagnose(code, printed, self._read), printed)


class HostRemoteOpcodes(RemoteOpcodes):
    """Writes a user-defined opcode and has it compiled."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def define(self, name: str, outputs: str = "k", inputs: str = "k") -> RemoteOpcode:
        if not OPCODE.match(name):
            raise InvalidParams(f"{name!r} is no name of an opcode")
        for letters in (outputs, inputs):
            if len(letters) > REMOTE_OPCODE_VALUES or not TYPES.issuperset(letters):
                raise InvalidParams(f"{letters!r} is not up to {REMOTE_OPCODE_VALUES} of the letters k and S")
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
