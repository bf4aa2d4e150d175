"""``python -m tests.dropin.local ENGINE SCRIPT``: runs a script with libcsound, in the script's own process."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib
import os
import runpy
import sys
from typing import Any, Final

from csoundd.engine.csound.native.libraries import chosen
from csoundd.engine.csound.native.plugins import plugin_variables

THREADS: Final = ctypes.util.find_library("csnd6")
"""The library of libcsound's performance thread on Csound 6, None where the system has none."""


class _NoFunction:
    """Stands for a C function that is never called: its types may be declared."""

    argtypes: object = None
    restype: object = None


class _NoThreads:
    """Stands for the library of the threads."""

    def __getattr__(self, name: str) -> _NoFunction:
        function = _NoFunction()
        setattr(self, name, function)
        return function


class _Loader(ctypes.CDLL):
    """``ctypes.CDLL`` that finds that library also where nobody has installed it for development, or does without."""

    def __new__(cls, name: str | None = None, *_args: Any, **_options: Any) -> Any:
        if name is not None and "csnd6" in name and THREADS is None:
            return _NoThreads()
        return super().__new__(cls)

    def __init__(self, name: str | None, *args: Any, **options: Any) -> None:
        super().__init__(THREADS if name == "libcsnd6.so" else name, *args, **options)


def prepare(engine: str) -> None:
    """Load libcsound over the library that ``engine`` means."""
    library = chosen(engine)
    os.environ |= plugin_variables(library, os.environ, "")
    os.environ |= {"LIBCSOUND_INSTALL": "0", "LIBCSOUNDPATH": library.path}
    ctypes.CDLL = _Loader  # type: ignore[misc]
    importlib.import_module("libcsound").csoundInitialize(signalHandler=False, atExitHandler=False)


def main() -> None:
    """Run the script with libcsound."""
    prepare(sys.argv[1])
    runpy.run_path(sys.argv[2], run_name="__main__")


if __name__ == "__main__":
    main()
