"""``python -m tests.dropin.local SCRIPT``: runs a script on the Csound of this machine, in the script's own process."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib
import os
import runpy
import sys
from typing import Any, Final

from csoundd.engine.backends.native.libraries import chosen
from csoundd.engine.backends.native.library import load

THREADS: Final = ctypes.util.find_library("csnd6")
"""The library of libcsound's performance thread, None where the system has none."""


class _Loader(ctypes.CDLL):
    """``ctypes.CDLL`` that finds that library also where nobody has installed it for development."""

    def __init__(self, name: str | None, *args: Any, **options: Any) -> None:
        super().__init__(THREADS if name == "libcsnd6.so" else name, *args, **options)


def prepare() -> None:
    """Load libcsound; without the library of its threads it has the rest."""
    os.environ["LIBCSOUND_INSTALL"] = "0"
    if THREADS is None:
        load(chosen().path)
        return
    ctypes.CDLL = _Loader  # type: ignore[misc]
    importlib.import_module("libcsound").csoundInitialize(signalHandler=False, atExitHandler=False)


def main() -> None:
    """Run the script with libcsound."""
    prepare()
    runpy.run_path(sys.argv[1], run_name="__main__")


if __name__ == "__main__":
    main()
