"""Loads a Csound library through libcsound, and mends what is wrong with loading it.

libcsound must never install anything, wants a second library that the performance thread of ours has no
use for, and lets Csound's own signal handler turn a crash into an exit: all three are set right here,
before the first call.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from csoundd.errors import EngineUnavailable

THREAD_LIBRARY: Final = "csnd6"
"""Holds the C++ performance thread of Csound 6. The engine host runs its own loop."""

NO_SIGNAL_HANDLER: Final = 1
NO_ATEXIT: Final = 2


class _NoFunction:
    """Stands for a C function that is never called: its types may be declared."""

    argtypes: object = None
    restype: object = None


class _NoLibrary:
    """Stands for the library of the C++ performance thread."""

    def __getattr__(self, name: str) -> _NoFunction:
        function = _NoFunction()
        setattr(self, name, function)
        return function


class _Loader(ctypes.CDLL):
    """``ctypes.CDLL``, except for the library that is not needed."""

    def __new__(cls, name: str | None = None, *_args: object, **_options: object) -> Any:
        if name is not None and THREAD_LIBRARY in Path(name).name:
            return _NoLibrary()
        return super().__new__(cls)


@cache
def load(path: str) -> ModuleType:
    """The module ``libcsound`` over the library at ``path``, initialised so that a crash stays a crash.

    Raises EngineUnavailable where it does not load.
    """
    os.environ["LIBCSOUND_INSTALL"] = "0"
    os.environ["LIBCSOUNDPATH"] = path
    original = ctypes.CDLL
    ctypes.CDLL = _Loader  # type: ignore[misc]
    try:
        import libcsound  # noqa: PLC0415 - loading the package loads the C library
    except (ImportError, OSError) as error:
        raise EngineUnavailable(f"the library {path} cannot be loaded: {error}") from error
    finally:
        ctypes.CDLL = original  # type: ignore[misc]
    c = libcsound.libcsound
    # The two APIs declare these for different pointers; here each takes any.
    c.csoundGetChannelPtr.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    c.csoundGetStringChannel.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    c.csoundInitialize(NO_SIGNAL_HANDLER | NO_ATEXIT)
    module: ModuleType = libcsound
    return module
