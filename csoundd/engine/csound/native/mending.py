"""A fault of one build of Csound that nothing from outside works around, mended in this process's memory.

The Csound 7.0.0 of the package cycsound goes round for ever at the end of a section of a score, once it has had any
event in real time, an open MIDI input among them (docs/upstream-faults.md#csound7-sections). It keeps the code of the
section's end as if it came from an event of the moment, and ends the section again. Its jump back to the score leads
behind the instruction that sets this code to 0; here it leads to where the loop begins, which sets it. One byte of the
copy in memory is another one; the file stays what it is.
"""

from __future__ import annotations

import ctypes
import mmap
from pathlib import Path
from typing import Final

LIBRARY: Final = "libcsound64-e55a4e17.so.7.0"
"""The name says which build it is; that the file is that build is checked before it is opened."""

KNOWN: Final = "csoundPerformKsmps"
BEGINNING: Final = (0x44888, bytes.fromhex("498d9670420000 c745c800000000 4531ff 488955b8 4885c0"))
"""Where the loop begins, in bytes from the function KNOWN, and what stands there."""

JUMP: Final = (0x44FD8, bytes.fromhex("498b86800d0000 e9b9f8ffff"))
MENDED: Final = bytes.fromhex("498b86800d0000 e9a4f8ffff")

READ, WRITE, EXECUTE = 1, 2, 4


def mend(library: ctypes.CDLL, path: str) -> bool:
    """Mend ``library``, just loaded from ``path``: whether it is mended now. Another build is left alone."""
    if Path(path).name != LIBRARY:
        return False
    known = ctypes.cast(library[KNOWN], ctypes.c_void_p).value or 0
    if any(ctypes.string_at(known + offset, len(code)) != code for offset, code in (BEGINNING, JUMP)):
        return False
    address = known + JUMP[0]
    first = address - address % mmap.PAGESIZE
    size = address + len(MENDED) - first
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    protect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    if protect(first, size, READ | WRITE | EXECUTE) != 0:  # a system may forbid it
        return False
    ctypes.memmove(address, MENDED, len(MENDED))
    protect(first, size, READ | EXECUTE)
    return True
