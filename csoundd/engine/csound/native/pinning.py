"""Keeps in memory what Csound's plug-ins pull in.

A reset unloads the plug-ins, and with them the sound libraries they depend on; they are loaded again with the engine
(Csound 6.18) or when something is compiled (7.0.0). JACK's library does not bear that: its start-up code takes three
thread-local slots every time and never gives them back. A process has 1024, so that the 339th reset crashes
(docs/upstream-faults.md#csound-reset-jack).
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

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
