"""How a host says with its exit status that the embedded engine trapped: what the front tells clients."""

from __future__ import annotations

from typing import Final

FIRST_STATUS: Final = 96
"""Statuses from here on are wasmtime's trap codes; Python and shells use none of them."""

TRAPS: Final = {
    0: "calls nested too deeply (a recursion without end?)",
    1: "an access outside its memory",
    3: "an access outside a table",
    4: "a call of a function that is not there",
    5: "a call of a function of another kind",
    6: "a whole number too large",
    7: "a division of a whole number by zero",
    8: "a number that no whole number can hold",
    9: "Csound gave up (out of memory, or an error it cannot recover from)",
    10: "an interruption",
}
UNKNOWN: Final = 31


def status_of(code: int | None) -> int:
    """The exit status for a trap."""
    return FIRST_STATUS + (code if code in TRAPS else UNKNOWN)


def cause_of(status: int) -> str | None:
    """What a host's exit status says of a trap, None where it says nothing of one."""
    if not FIRST_STATUS <= status <= FIRST_STATUS + UNKNOWN:
        return None
    return f"the embedded engine trapped: {TRAPS.get(status - FIRST_STATUS, 'a fault without a name')}"
