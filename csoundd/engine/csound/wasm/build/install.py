"""Installs the embedded engine: two npm packages become the module that wasmtime runs, kept in the user's cache.

npm is only asked for the two archives that its lock file pins: what they depend on in a browser is never installed,
and nothing of theirs runs but binaryen's converter. It is needed because wasmtime knows only WebAssembly's final
exceptions, and the module was built with their predecessor.

The module and what this machine's compiler made of it are checked by hash whenever they are used, so a damaged file is
made again and never run. The names say which versions they are of, so another version of csoundd or wasmtime finds its
own beside them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from csoundd.engine.csound.spec import Say
from csoundd.engine.csound.wasm.build.binary import embedded, opened
from csoundd.errors import EngineUnavailable
from csoundd.limits import CONVERSION_SECONDS, NPM_SECONDS
from csoundd.whole_file import write_whole

if TYPE_CHECKING:
    import wasmtime


CSOUND: Final = "@csound/browser"
BINARYEN: Final = "binaryen"

MODULE_SHA256: Final = "11414df6df7c3c44c4382cce4ffdd84b29beb44c48dc80ffcc4460ef6c74dc2e"
"""Of the converted module: the packages are pinned and every step is deterministic, so it is the same everywhere."""


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package as the lock file pins it; ``integrity`` is ``sha512-`` and the hash in base64."""

    name: str
    version: str
    integrity: str

    @property
    def spec(self) -> str:
        """Its name for npm."""
        return f"{self.name}@{self.version}"


def pinned(name: str) -> Package:
    """The package ``name`` of the lock file."""
    lock = json.loads((files(__package__) / "npm" / "package-lock.json").read_text(encoding="utf-8"))
    entry = lock["packages"][f"node_modules/{name}"]
    return Package(name, entry["version"], entry["integrity"])


def program(name: str) -> str:
    """The path of one of Node.js's programs. Raises EngineUnavailable where it is not installed."""
    path = shutil.which(name)
    if path is None:
        raise EngineUnavailable(
            f"the embedded engine is made with {name}, which was not found",
            hint="install Node.js 20 or later with npm (Debian: apt-get install nodejs npm), "
            "then run csoundd engine install wasm",
        )
    return path


def fetched(package: Package, folder: Path) -> Path:
    """The archive of ``package``, in ``folder``.

    Raises EngineUnavailable where npm cannot get it, or where it is not what the lock file says.
    """
    options = ["--loglevel=error", "--ignore-scripts", "--pack-destination", str(folder)]
    command = [program("npm"), "pack", package.spec, *options]
    try:
        result = subprocess.run(  # noqa: S603 - npm, with a name and a version of our own
            command, cwd=folder, capture_output=True, text=True, timeout=NPM_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise EngineUnavailable(f"npm did not fetch {package.spec} within {NPM_SECONDS:g} s") from None
    if result.returncode != 0:
        raise EngineUnavailable(f"npm could not fetch {package.spec}", hint=_last_lines(result.stderr))
    archive = folder / result.stdout.split()[-1]
    _check(archive, package)
    return archive


def _last_lines(text: str) -> str:
    return " ".join(text.strip().splitlines()[-3:]) or "npm gave no reason"


def _check(archive: Path, package: Package) -> None:
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{found}" != package.integrity:
        archive.unlink()
        raise EngineUnavailable(f"npm's {package.spec} is not the one that the lock file pins: it was not used")


def extracted(archive: Path, member: str, folder: Path) -> Path:
    """One file of an archive, written to ``folder`` under its own name."""
    with tarfile.open(archive) as opened:
        source = opened.extractfile(f"package/{member}")
        if source is None:
            raise EngineUnavailable(f"{archive.name} has no {member}")
        target = folder / Path(member).name
        target.write_bytes(source.read())
    return target


CONVERSION: Final = ("-all", "--disable-compact-imports", "--translate-to-exnref", "-g")


def built(folder: Path, say: Say) -> Path:
    """The module, made in ``folder``. Raises EngineUnavailable where a step fails."""
    node = program("node")
    csound, binaryen = pinned(CSOUND), pinned(BINARYEN)
    say(f"fetching {csound.spec} and {binaryen.spec}")
    archive = fetched(csound, folder)
    script = extracted(archive, "dist/csound.js", folder)
    tools = fetched(binaryen, folder)
    converter = extracted(tools, "bin/wasm-opt", folder)
    extracted(tools, "bin/package.json", folder)
    say("converting the module")
    raw = folder / "opened.wasm"
    raw.write_bytes(opened(embedded(script.read_text(encoding="utf-8"))))
    return _converted(node, converter, raw, folder / "converted.wasm")


def _converted(node: str, converter: Path, raw: Path, target: Path) -> Path:
    command = [node, str(converter), *CONVERSION, str(raw), "-o", str(target)]
    try:
        result = subprocess.run(  # noqa: S603 - a program whose hash was checked
            command, capture_output=True, text=True, timeout=CONVERSION_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise EngineUnavailable(f"binaryen did not convert the module within {CONVERSION_SECONDS:g} s") from None
    if result.returncode != 0 or not target.exists():
        raise EngineUnavailable("binaryen could not convert the module", hint=result.stderr.strip()[-300:] or None)
    return target


MACHINE: Final = f"{sys.platform}-{platform.machine().lower()}"
STACK_BYTES: Final = 1024 * 1024
"""How deep calls inside the module may nest; a page past it is a trap, not a crash."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The files of the engine, and its version."""

    version: str
    module: Path
    compiled: Path


def cache_folder() -> Path:
    """Csoundd's folder in the user's cache."""
    given = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else None)
    return Path(given or Path.home() / ".cache") / "csoundd"


def place() -> Installed:
    """The files of the engine of these versions, whether they are there or not."""
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
    write_whole(where.compiled, bytes(machine_code))
    write_whole(_hash_file(where.compiled), hashlib.sha256(machine_code).hexdigest().encode())


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
