"""Remote opcodes: opcodes whose inputs clients hear and whose outputs clients feed.

A remote opcode is a user-defined opcode over ``outvalue`` and ``invalue``. Its inputs arrive on the topic ``outvalue``
as ``<name>.in.1`` and so on; its outputs are what clients last pushed to the topic ``invalue`` as ``<name>.out.1``, and
0 or an empty text before that. The engine waits for nobody, so an answer is at least one network trip behind.
"""

from __future__ import annotations

from typing import ClassVar

from csoundd.api.declare import COMPILE_DEADLINE, Example, Family, method
from csoundd.api.records import RemoteOpcode

SHAPER: dict[str, object] = {"name": "shaper", "outputs": ["shaper.out.1"], "inputs": ["shaper.in.1", "shaper.in.2"]}


class RemoteOpcodes(Family):
    """Opcodes that clients compute."""

    namespace: ClassVar[str] = "opcode"

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"name": "shaper", "outputs": "k", "inputs": "kS"}, SHAPER),),
    )
    def define(self, name: str, outputs: str = "k", inputs: str = "k") -> RemoteOpcode:
        """Define a remote opcode. ``outputs`` and ``inputs`` have one letter a value: ``k`` a number, ``S`` a text.

        Answers with the names of its values, to push and to hear. Raises InvalidParams for a name that no opcode
        can have or other letters, EngineError where Csound does not take it.
        """
        ...
