"""The engines that this machine has: what they are, where they are, and which of them ``auto`` takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from csoundd.engine.backends.backend import NativeLibrary
from csoundd.engine.backends.native.libraries import Refusal, chosen, found
from csoundd.engine.embedded.build import Say
from csoundd.engine.embedded.cache import install, place, ready
from csoundd.engine.options import HostOptions
from csoundd.engine.process.launching import environment
from csoundd.errors import EngineUnavailable

ERRANDS: Final = "csoundd.engine.backends.native.errand"
PATIENCE: Final = 20.0
"""Seconds for a Csound with many plug-ins to list its opcodes."""


@dataclass(frozen=True, slots=True)
class EngineFound:
    """One engine: ``version`` and ``path`` are empty where it cannot be used, ``note`` says what there is to say."""

    engine: str
    version: str
    path: str
    plugin_folders: tuple[str, ...]
    auto: bool
    note: str

    @property
    def installed(self) -> bool:
        """Whether it can be used."""
        return bool(self.version)


def native() -> list[EngineFound]:
    """The Csound libraries of this machine, the preferred one first."""
    try:
        best = chosen()
    except EngineUnavailable:
        best = None
    return [_native(each, best) for each in found()]


def _native(each: NativeLibrary | Refusal, best: NativeLibrary | None) -> EngineFound:
    if isinstance(each, Refusal):
        note = f"{each.reason}: {each.hint}" if each.hint else each.reason
        return EngineFound("native", "", each.path, (), auto=False, note=note)
    where = {"cycsound": "carried by cycsound", "LIBCSOUNDPATH": "named by LIBCSOUNDPATH"}
    note = where.get(each.origin, "the system's")
    return EngineFound(each.name, each.version, each.path, each.plugin_folders, each == best, note)


def embedded(*, auto: bool) -> EngineFound:
    """The Csound 7 in a sandbox."""
    there = ready()
    if there is None:
        missing = "damaged" if place().module.exists() else "not installed"
        return EngineFound("wasm", "", "", (), auto=False, note=f"{missing}: csoundd engine install wasm")
    card = "" if find_spec("sounddevice") else "; --drive device needs csoundd[audio]"
    return EngineFound("wasm", there.version, str(there.compiled), (), auto, f"runs in a sandbox{card}")


def engines() -> list[EngineFound]:
    """All engines, in the order of preference."""
    libraries = native()
    return [*libraries, embedded(auto=not any(each.installed for each in libraries))]


def ensure(name: str, say: Say) -> None:
    """Install the embedded engine if it is wanted and not there. Raises EngineUnavailable where that does not work."""
    missing = _missing() if name == "auto" else None
    if not (name == "wasm" or missing is not None) or ready() is not None:
        return
    try:
        install(say)
    except EngineUnavailable as failure:
        if missing is not None:
            failure.message = f"{missing.message}, and {failure.message}"
            failure.hint = f"{missing.hint}; or {failure.hint}"
        raise


def _missing() -> EngineUnavailable | None:
    """Why there is no native engine, None where there is one."""
    try:
        chosen()
    except EngineUnavailable as missing:
        return missing
    return None


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
    with suppress(EngineUnavailable, subprocess.TimeoutExpired, ValueError):
        whole = environment(HostOptions(library=chosen()))
        done = subprocess.run(  # noqa: S603 - a module of our own
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, env=whole, check=False
        )
        return set(json.loads(done.stdout))
    return set()
