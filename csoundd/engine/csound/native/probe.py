"""A throw-away process that loads one library and says what it is: ``python -I -S probe.py LIBRARY``.

A broken or foreign library may crash whoever loads it. This is a script and imports nothing of csoundd's, so that it
starts in some hundredths of a second.
"""

from __future__ import annotations

import ctypes
import json
import re
import sys
from pathlib import Path

PLUGIN_FOLDER = re.compile(rb"\0(/[\x21-\x7e]*csound/plugins64[\x21-\x7e]*)\0")
"""The folder that was compiled into a library for its plug-ins."""


FORMAT = 1
"""Raised whenever it says something else of the same library."""


def main() -> None:
    """Write what the library is to standard output, as JSON: its version, or why it cannot be used."""
    path = sys.argv[1]
    sys.stdout.write(json.dumps(_description(path)))


def _description(path: str) -> dict[str, object]:
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        return {"problem": str(error)}
    try:
        version, size = library.csoundGetVersion, library.csoundGetSizeOfMYFLT
    except AttributeError:
        return {"problem": "it is no Csound library"}
    folders = [match.decode() for match in PLUGIN_FOLDER.findall(Path(path).read_bytes())]
    return {"version": int(version()), "size": int(size()), "folders": folders}


if __name__ == "__main__":
    main()
