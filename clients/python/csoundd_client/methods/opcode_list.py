"""The opcodes that there are.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

import builtins
from typing import Final, Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import OpcodeInfo
from csoundd_client.values import Timing

_LIST_OPCODE_INFO: Final = reader(list[OpcodeInfo])


class OpcodeList(Namespace):
    """The opcodes that there are."""

    def list(self, **timing: Unpack[Timing]) -> Call[builtins.list[OpcodeInfo]]:
        """Every opcode of this engine, in each of its forms: one that takes several types is there several times.

        Among them are those of plug-ins, which Csound 7 loads when it first compiles. Opcodes that an orchestra
        defines are not.
        """
        return self._request("opcode.list", [], timing, _LIST_OPCODE_INFO)
