"""The last look at a call before the library has it: sizes that it has no room for, and code that it dies of."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from csoundd.engine.csound.limits import Limits, check
from csoundd.syntax.faults import orchestra_fault

ERROR: Final = 0x1000
"""The type of an error in a message's attribute, as Csound has it."""

FAILED: Final = -1
CODE: Final[dict[str, object]] = {
    "csound.compileOrc": FAILED,
    "csound.compileOrcAsync": FAILED,
    "csound.evalCode": math.nan,
}
"""The methods that take code, and what the API answers where it does not compile."""

Say = Callable[[int, str], None]
"""Prints a text, with its attribute, among Csound's messages."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The call is not for the library: its result."""

    result: object


class Edge:
    """Stands between the table of calls and one library."""

    def __init__(self, limits: Limits, say: Say) -> None:
        self._limits, self._say = limits, say

    def passes(self, method: str, args: Sequence[object]) -> Answered | None:
        """None where the call may go to the library, else its answer. Raises LimitExceeded."""
        check(self._limits, method, args)
        code = args[0] if method in CODE else None
        fault = orchestra_fault(code) if isinstance(code, str) else None
        if fault is None:
            return None
        self._say(ERROR, f"error: {fault.reason}, line {fault.line}\n")
        return Answered(CODE[method])
