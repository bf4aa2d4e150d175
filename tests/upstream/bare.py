"""The Csound libraries of this machine, and programs that use one through ctypes alone, without csoundd in between."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from ctypes.util import find_library
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

PATIENCE: Final = 60.0

PREAMBLE: Final = """
import ctypes, os, sys
c = ctypes.CDLL(sys.argv[1])
V, S, I, D = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_double
version = c.csoundGetVersion()
SEVEN = version >= 7000

def function(name, result, *arguments):
    found = getattr(c, name)
    found.restype, found.argtypes = result, arguments
    return found

def create():
    return function("csoundCreate", V, V, S)(None, None) if SEVEN else function("csoundCreate", V, V)(None)

def compile(code):
    code = "sr = 48000\\nksmps = 64\\nnchnls = 2\\n0dbfs = 1\\n" + code
    if SEVEN:
        return function("csoundCompileOrc", I, V, S, I)(cs, code.encode(), 0)
    return function("csoundCompileOrc", I, V, S)(cs, code.encode())

def send(line):
    if SEVEN:
        function("csoundEventString", None, V, S, I)(cs, line.encode(), 0)
    else:
        function("csoundInputMessage", None, V, S)(cs, line.encode())

option = function("csoundSetOption", I, V, S)
start = function("csoundStart", I, V)
perform = function("csoundPerformKsmps", I, V)
reset = function("csoundReset", None, V)
if "handlers" not in sys.argv:
    c.csoundInitialize(3)
cs = create()
for word in (b"-n", b"-d", b"-m0"):
    option(cs, word)
"""


@dataclass(frozen=True)
class Library:
    """A Csound library: its version as Csound counts, and what it needs in the environment."""

    version: int
    path: str
    environment: dict[str, str]


@dataclass(frozen=True)
class Ended:
    """The result of a program: a negative status is the signal that ended it."""

    status: int
    said: list[str]

    @property
    def crashed(self) -> bool:
        return self.status < 0


def system_library() -> Library | None:
    """Debian's Csound 6.18, or what else the system has."""
    name = find_library("csound64")
    return None if name is None else _asked(name, {})


def carried_library() -> Library | None:
    """The Csound 7 in the package cycsound, which is looked up and never imported."""
    spec = find_spec("cycsound")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    found = sorted((package.parent / "cycsound.libs").glob("libcsound64*"))
    return _asked(str(found[0]), {"OPCODE7DIR64": str(package / "plugins")}) if found else None


def _asked(path: str, environment: dict[str, str]) -> Library | None:
    code = "import ctypes, sys; print(ctypes.CDLL(sys.argv[1]).csoundGetVersion())"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    return Library(int(done.stdout), path, environment) if done.returncode == 0 else None


def needed(library: Library | None, version: int) -> Library:
    """``library`` where it is this version of Csound; elsewhere the test is skipped, as nothing is known of others."""
    if library is None or library.version // 10 != version // 10:
        pytest.skip(f"needs Csound {version / 1000:g}")
    return library


def run(library: Library, program: str, *words: str, typed: str = "") -> Ended:
    """Run a program after the preamble, in a process of its own; the lines that it printed with ``said``."""
    done = subprocess.run(
        [sys.executable, "-c", PREAMBLE + textwrap.dedent(program), library.path, *words],
        env=os.environ | library.environment,
        input=typed,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=PATIENCE,
        check=False,
    )
    return Ended(done.returncode, done.stdout.splitlines())
