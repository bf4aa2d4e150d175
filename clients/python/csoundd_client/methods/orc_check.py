"""Trying code out.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import CompileReport

_COMPILE_REPORT: Final = reader(CompileReport)


class OrcCheck(Namespace):
    """Trying code out."""

    def check(self, code: str) -> Call[CompileReport]:
        """Compile code in a throw-away engine and say what is wrong with it. Nothing that plays is touched.

        That engine has compiled what the live one has, so code may refer to it; no note is played. Files that the
        code reads are found in the workspace, files with relative paths that it writes are not kept. Code that
        crashes Csound is reported as not ``ok``. Raises Timeout for code that does not come to an end.
        """
        return self._request("orc.check", [code], UNTIMED, _COMPILE_REPORT)
