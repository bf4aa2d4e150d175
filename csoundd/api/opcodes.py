"""Opcodes that come from outside Csound."""

from __future__ import annotations

from csoundd.api.declare import Example, Family, method
from csoundd.api.values import Callback, CInt


class Opcodes(Family):
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
