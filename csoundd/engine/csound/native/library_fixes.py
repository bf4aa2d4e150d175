"""Faults of loaded libraries that nothing from outside works around, mended in the memory of this process.

The first changes one byte of one build's code. This is a decision, taken on this evidence: the Csound 7.0.0 of the
package cycsound for Linux goes round for ever at the end of a section of a score, once it has had any event in real
time, an open MIDI input among them (docs/upstream-faults.md#csound7-sections; ``tests/upstream`` shows it on the bare
library). No call of the API and no option avoids that, and pieces with sections are ordinary. Csound keeps the code of
the section's end as if it came from an event of the moment, and ends the section again. Its jump back to the score
leads behind the instruction that sets this code to 0; here it leads to where the loop begins, which sets it. The file
stays what it is. The build is known by its name and by the bytes at both places; any other is left alone, and so is one
whose code the system does not let be written to. All of it goes with the first cycsound that carries a mended Csound.

The second keeps in memory what plug-ins pull in. A reset unloads the plug-ins, and with them the sound libraries they
depend on; they are loaded again with the engine (Csound 6.18) or when something is compiled (7.0.0). JACK's library
does not bear that: its start-up code takes three thread-local slots every time and never gives them back. A process has
1024, so that the 339th reset crashes (docs/upstream-faults.md#csound-reset-jack).
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from pathlib import Path
from typing import Final

LIBRARY: Final = "libcsound64-e55a4e17.so.7.0"
"""The name says which build it is; of the carried file the hash was checked as well (``carried.py``)."""

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


MAPS: Final = Path("/proc/self/maps")
PATH_FIELD: Final = 5
PLUGIN_FOLDER: Final = "plugins64"
"""Where a system's Csound has its plug-ins; a carried one says where."""

_held: set[str] = set()


def loaded(plugin_folders: tuple[str, ...]) -> set[str]:
    """The shared libraries of this process that are none of Csound's own plug-ins."""
    fields = (line.split(maxsplit=PATH_FIELD) for line in MAPS.read_text(errors="replace").splitlines())
    paths = {parts[PATH_FIELD] for parts in fields if len(parts) > PATH_FIELD}
    folders = (PLUGIN_FOLDER, *map(os.path.realpath, plugin_folders))
    return {path for path in paths if ".so" in Path(path).name and not any(folder in path for folder in folders)}


def keep_loaded(plugin_folders: tuple[str, ...]) -> None:
    """Hold every library that is loaded now, once and for all. Does nothing where the system has no such list."""
    if sys.platform != "linux" or not MAPS.exists():
        return
    for path in sorted(loaded(plugin_folders) - _held):
        _held.add(path)
        try:
            ctypes.CDLL(path, mode=os.RTLD_NOLOAD | os.RTLD_NODELETE | os.RTLD_LAZY)
        except OSError:
            continue
