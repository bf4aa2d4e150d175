"""Opcodes that clients compute.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final, Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import RemoteOpcode
from csoundd_client.values import Timing

_REMOTE_OPCODE: Final = reader(RemoteOpcode)


class RemoteOpcodes(Namespace):
    """Opcodes that clients compute."""

    def define(self, name: str, outputs: str = "k", inputs: str = "k", **timing: Unpack[Timing]) -> Call[RemoteOpcode]:
        """Define a remote opcode. ``outputs`` and ``inputs`` have one letter a value: ``k`` a number, ``S`` a text.

        Answers with the names of its values, to push and to hear. Raises InvalidParams for a name that no opcode
        can have or other letters, EngineError where Csound does not take it.
        """
        return self._request("opcode.define", [name, outputs, inputs], timing, _REMOTE_OPCODE)
