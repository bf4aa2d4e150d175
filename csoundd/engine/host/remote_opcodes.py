"""``opcode.define``: opcodes whose values travel, the same over every backend."""

from __future__ import annotations

import re
from typing import Final

from csoundd.api.opcodes import RemoteOpcodes
from csoundd.api.values import RemoteOpcode
from csoundd.engine.host.calls import Calls
from csoundd.errors import EngineError, InvalidParams

NAME: Final = re.compile(r"[A-Za-z_]\w*\Z")
LETTERS: Final = frozenset("kS")
MOST: Final = 8
"""Values in each direction."""


class HostRemoteOpcodes(RemoteOpcodes):
    """Writes a user-defined opcode and has it compiled."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def define(self, name: str, outputs: str = "k", inputs: str = "k") -> RemoteOpcode:
        if not NAME.match(name):
            raise InvalidParams(f"{name!r} is no name of an opcode")
        for letters in (outputs, inputs):
            if len(letters) > MOST or not LETTERS.issuperset(letters):
                raise InvalidParams(f"{letters!r} is not up to {MOST} of the letters k and S")
        made = RemoteOpcode(name, named(name, "out", outputs), named(name, "in", inputs))
        if self._calls.invoke("csound.compileOrc", [definition(made, outputs, inputs), True]) != 0:
            raise EngineError(f"Csound did not take the opcode {name}")
        return made


def named(name: str, direction: str, letters: str) -> list[str]:
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
