"""The installed engine in the user's cache directory: the module, and what this machine's compiler made of it.

Both are checked by hash whenever they are used, so a damaged file is made again and never run. The names say which
versions they are of, so another version of csoundd or wasmtime finds its own beside them.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from csoundd.engine.csound.spec import Say
from csoundd.engine.csound.wasm.build.making import built
from csoundd.engine.csound.wasm.build.pins import CSOUND, MODULE_SHA256, pinned
from csoundd.errors import EngineUnavailable

if TYPE_CHECKING:
    import wasmtime

MACHINE: Final = f"{sys.platform}-{platform.machine().lower()}"
STACK_BYTES: Final = 1024 * 1024
"""How deep calls inside the module may nest; a page past it is a trap, not a crash."""


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the engine is, and of which versions."""

    version: str
    module: Path
    compiled: Path


def cache_folder() -> Path:
    """Csoundd's folder in the user's cache."""
    given = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else None)
    return Path(given or Path.home() / ".cache") / "csoundd"


def place() -> Installed:
    """Where the engine of these versions belongs, whether it is there or not."""
    csound = pinned(CSOUND).version
    folder = cache_folder() / f"wasm-{csound}-{MODULE_SHA256[:8]}"
    return Installed(csound, folder / "csound.wasm", folder / f"csound-wasmtime-{version('wasmtime')}-{MACHINE}.cwasm")


def compiler() -> wasmtime.Engine:
    """The compiler and its settings, which what it compiled is bound to."""
    import wasmtime  # noqa: PLC0415 - it takes a while to load, and whoever only looks for the engine has no use for it

    config = wasmtime.Config()
    config.wasm_exceptions = True
    config.max_wasm_stack = STACK_BYTES
    config.memory_may_move = False
    return wasmtime.Engine(config)


def install(say: Say) -> Installed:
    """Make whatever is not there or is damaged. Raises EngineUnavailable where that does not work."""
    where = place()
    where.module.parent.mkdir(parents=True, exist_ok=True)
    if digest(where.module) != MODULE_SHA256:
        with tempfile.TemporaryDirectory(dir=where.module.parent) as folder:
            module = built(Path(folder), say)
            if digest(module) != MODULE_SHA256:
                raise EngineUnavailable("the module that was made is not the one that was expected: it was not used")
            module.replace(where.module)
    if not _whole(where.compiled):
        say("compiling the module for this machine")
        _compile(where)
    return where


def _compile(where: Installed) -> None:
    import wasmtime  # noqa: PLC0415 - as above

    machine_code = wasmtime.Module.from_file(compiler(), str(where.module)).serialize()
    _write(where.compiled, bytes(machine_code))
    _write(_hash_file(where.compiled), hashlib.sha256(machine_code).hexdigest().encode())


def _write(path: Path, data: bytes) -> None:
    """Write a file at once: another process sees the old one or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(name).replace(path)


def _hash_file(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def digest(path: Path) -> str:
    """The SHA-256 of a file, empty where it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _whole(compiled: Path) -> bool:
    try:
        return digest(compiled) == _hash_file(compiled).read_text(encoding="ascii")
    except OSError:
        return False


def ready() -> Installed | None:
    """The engine, if it can be used at once: the compiled module is there and undamaged."""
    where = place()
    return where if _whole(where.compiled) else None


def usable() -> Installed:
    """The engine, compiled anew if only that is missing or damaged.

    Raises EngineUnavailable where it is not installed.
    """
    where = ready() or place()
    if _whole(where.compiled):
        return where
    if digest(where.module) != MODULE_SHA256:
        problem = "is damaged" if where.module.exists() else "is not installed"
        raise EngineUnavailable(f"the embedded engine {problem}", hint="run csoundd engine install wasm")
    _compile(where)
    return where
