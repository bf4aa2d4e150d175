"""The engines that this machine has: what they are, where they are, and which of them ``auto`` takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from ctypes.util import find_library
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from csoundd.engine.embedded.build import Say
from csoundd.engine.embedded.cache import install, place, ready
from csoundd.errors import EngineUnavailable

ERRANDS: Final = "csoundd.engine.backends.native.errand"
PATIENCE: Final = 20.0
"""Seconds for a Csound with many plug-ins to list its opcodes."""

LIBRARIES: Final = ("csound64", "CsoundLib64")
"""What the library is called on Linux and Windows, and on macOS."""


@dataclass(frozen=True, slots=True)
class EngineFound:
    """One engine: ``version`` and ``path`` are empty where it is not installed, ``note`` says what there is to say."""

    engine: Literal["native", "wasm"]
    version: str
    path: str
    auto: bool
    note: str

    @property
    def installed(self) -> bool:
        """Whether it can be used."""
        return bool(self.version)


def native(*, auto: bool = True) -> EngineFound:
    """The Csound library of the system."""
    from csoundd.engine.backends.native.library import load  # noqa: PLC0415 - loading it loads the C library

    try:
        module = load()
    except EngineUnavailable as missing:
        return EngineFound("native", "", "", auto=False, note=missing.hint or missing.message)
    number = int(module.libcsound.csoundGetVersion())
    version = f"{number // 1000}.{number // 10 % 100}.{number % 10}"
    return EngineFound("native", version, str(vars(module.libcsound)["_name"]), auto, "runs in the system's Csound")


def embedded(*, auto: bool) -> EngineFound:
    """The Csound 7 that csoundd brings along."""
    found = ready()
    if found is None:
        there = "damaged" if place().module.exists() else "not installed"
        return EngineFound("wasm", "", "", auto=False, note=f"{there}: csoundd engine install wasm")
    card = "" if find_spec("sounddevice") else "; --drive device needs csoundd[audio]"
    return EngineFound("wasm", found.version, str(found.compiled), auto, f"runs in a sandbox{card}")


def engines() -> list[EngineFound]:
    """Both engines, the preferred one first."""
    first = native()
    return [first, embedded(auto=not first.installed)]


def ensure(name: str, say: Say) -> None:
    """Install the embedded engine if it is wanted and not there. Raises EngineUnavailable where that does not work."""
    instead = name == "auto" and not _has_library()
    if not (name == "wasm" or instead) or ready() is not None:
        return
    try:
        install(say)
    except EngineUnavailable as failure:
        if instead:
            failure.message = f"no Csound library was found on this system, and {failure.message}"
            failure.hint = f"install Csound (Debian: libcsound64-6.0); or {failure.hint}"
        raise


def _has_library() -> bool:
    """Whether there is a Csound library to be loaded, found without loading it."""
    return bool(os.environ.get("LIBCSOUNDPATH")) or any(map(find_library, LIBRARIES))


def opcode_names() -> list[str]:
    """The opcodes of the embedded engine. Raises EngineUnavailable where it is not installed."""
    from csoundd.engine.backends.wasm.opcodes import opcodes  # noqa: PLC0415 - wasmtime takes a while to load
    from csoundd.engine.backends.wasm.sandbox import Folders  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        return opcodes(Folders(Path(folder), Path(folder)))


def opcodes_lacking() -> list[str]:
    """The opcodes of a native engine that the embedded one has not: Debian's Csound 6.18, and what this machine has.

    Without the embedded engine, of this machine's plug-ins only those that are known.
    """
    from csoundd.engine.backends.wasm.opcodes import lacking, lacks  # noqa: PLC0415 - as above

    here = _native_opcodes()
    try:
        beyond = here - set(opcode_names())
    except EngineUnavailable:
        beyond = set(filter(lacks, here))
    return sorted(lacking() | beyond)


def _native_opcodes() -> set[str]:
    """The opcodes of this machine's Csound, asked in a throw-away process: plug-ins may crash. Empty without one."""
    told = json.dumps({"errand": "opcodes", "args": [], "parent": os.getpid()})
    command = [sys.executable, "-m", ERRANDS, told]
    with suppress(subprocess.TimeoutExpired, ValueError):
        done = subprocess.run(  # noqa: S603 - a module of our own
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
        return set(json.loads(done.stdout))
    return set()
