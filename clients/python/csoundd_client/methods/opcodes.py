"""Adding to the language.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import StreamRef, Timing


class Opcodes(Namespace):
    """Adding to the language."""

    def appendOpcode(
        self,
        opname: str,
        dsblksiz: int,
        flags: int,
        outypes: str,
        intypes: str,
        initfunc: StreamRef | None,
        perffunc: StreamRef | None,
        deinitfunc: StreamRef | None = None,
        **timing: Unpack[Timing],
    ) -> Call[int]:
        """Raises Unsupported on every engine: C functions cannot travel. In the API it returns 0 on success.

        What it is wanted for is done otherwise: an opcode written in Csound's own language (``opcode`` and
        ``endop`` in code that is compiled), or a plug-in with ``csound.loadPlugins``.
        """
        return self._request(
            "csound.appendOpcode", [opname, dsblksiz, flags, outypes, intypes, initfunc, perffunc, deinitfunc], timing
        )
