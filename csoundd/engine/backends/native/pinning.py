"""Keeps in memory what Csound's plug-ins pull in.

Each reset unloads and loads the plug-ins, and with them the sound libraries they depend on. JACK's does not bear
that: its start-up code takes a thread-local slot every time and never gives one back, so that after some hundred
resets the next one crashes.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from pathlib import Path
from typing import Final

MAPS: Final = Path("/proc/self/maps")
PATH_FIELD: Final = 5
PLUGIN_FOLDER: Final = "plugins64"


def loaded() -> set[str]:
    """The shared libraries of this process that are none of Csound's own plug-ins."""
    fields = (line.split(maxsplit=PATH_FIELD) for line in MAPS.read_text(errors="replace").splitlines())
    paths = {parts[PATH_FIELD] for parts in fields if len(parts) > PATH_FIELD}
    return {path for path in paths if ".so" in Path(path).name and PLUGIN_FOLDER not in path}


@cache
def keep_loaded() -> None:
    """Hold every library that is loaded now, once and for all. Does nothing where the system has no such list."""
    if sys.platform != "linux" or not MAPS.exists():
        return
    for path in sorted(loaded()):
        try:
            ctypes.CDLL(path, mode=os.RTLD_NOLOAD | os.RTLD_NODELETE | os.RTLD_LAZY)
        except OSError:
            continue
