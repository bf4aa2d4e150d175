"""Opcodes that come from outside Csound, and remote opcodes, which clients compute.

A remote opcode is a user-defined opcode over ``outvalue`` and ``invalue``. Its inputs arrive on the topic
``outvalue`` as ``<name>.in.1`` and so on; its outputs are what clients last pushed to the topic ``invalue`` as
``<name>.out.1``, and 0 or an empty text before that. The engine waits for nobody, so an answer is at least one
network trip behind.
"""

from __future__ import annotations

from typing import ClassVar

from csoundd.api.declare import COMPILE_DEADLINE, Example, MethodGroup, method
from csoundd.api.values import Callback, CInt, RemoteOpcode


class Opcodes(MethodGroup):
    """Adding to the language."""

    @method(
        scope="admin",
        examples=(
            Example(
                {
                    "opname": "follow",
                    "dsblksiz": 64,
                    "flags": 0,
                    "outypes": "k",
                    "intypes": "k",
                    "initfunc": None,
                    "perffunc": None,
                },
                0,
                exact=False,
            ),
        ),
    )
    def appendOpcode(
        self,
        opname: str,
        dsblksiz: CInt,
        flags: CInt,
        outypes: str,
        intypes: str,
        initfunc: Callback,
        perffunc: Callback,
        deinitfunc: Callback = None,
    ) -> int:
        """Raises Unsupported on every engine: C functions cannot travel. In the API it returns 0 on success.

        What it is wanted for is done otherwise: an opcode written in Csound's own language (``opcode`` and
        ``endop`` in code that is compiled), or a plug-in with ``csound.loadPlugins``.
        """
        ...


SHAPER: dict[str, object] = {"name": "shaper", "outputs": ["shaper.out.1"], "inputs": ["shaper.in.1", "shaper.in.2"]}


class RemoteOpcodes(MethodGroup):
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
