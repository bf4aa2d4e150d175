"""Traps of the module: what they say of their cause, and how one is brought about from outside.

That takes the place of wasmtime's own interruptions, which slow all code down
(docs/upstream-faults.md#wasmtime-epochs).
"""

from __future__ import annotations

import ctypes
import os
from typing import Final

import wasmtime

TRAPS: Final = {
    wasmtime.TrapCode.STACK_OVERFLOW: "calls nested too deeply (a recursion without end?)",
    wasmtime.TrapCode.MEMORY_OUT_OF_BOUNDS: "an access outside its memory (a recursion without end?)",
    wasmtime.TrapCode.TABLE_OUT_OF_BOUNDS: "an access outside a table",
    wasmtime.TrapCode.INDIRECT_CALL_TO_NULL: "a call of a function that is not there",
    wasmtime.TrapCode.BAD_SIGNATURE: "a call of a function of another kind",
    wasmtime.TrapCode.INTEGER_OVERFLOW: "a whole number too large",
    wasmtime.TrapCode.INTEGER_DIVISION_BY_ZERO: "a division of a whole number by zero",
    wasmtime.TrapCode.BAD_CONVERSION_TO_INTEGER: "a number that no whole number can hold",
    wasmtime.TrapCode.UNREACHABLE: "Csound gave up (out of memory, or an error it cannot recover from)",
}


def cause_of(trap: wasmtime.Trap) -> str:
    """What a trap says of why the module ended."""
    code = trap.trap_code
    return f"the embedded engine trapped: {TRAPS.get(code, 'a fault without a name') if code else trap.message}"


def can_forbid() -> bool:
    """Whether this system has what :func:`forbid` needs."""
    return os.name == "posix"


def forbid(address: int, size: int) -> None:
    """Make so many bytes of memory inaccessible, for good; wasmtime turns what the module then meets into a trap."""
    ctypes.CDLL(None).mprotect(ctypes.c_void_p(address), ctypes.c_size_t(size), 0)
