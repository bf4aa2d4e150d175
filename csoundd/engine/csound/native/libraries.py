"""The native Csound libraries of this machine: which there are, which of them a name means, and their plug-ins.

Nothing here loads a library into this process. Each is loaded once by a throw-away process that says what it is. What
one that loads has said is kept in the user's cache folder: to ask two of them again takes 90 ms of processor time.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from csoundd.engine.csound.library import NativeLibrary, Origin
from csoundd.engine.csound.native import probe
from csoundd.engine.csound.native.carried import CSOUND_VERSION, carried
from csoundd.errors import EngineUnavailable
from csoundd.limits import LIBRARY_LOAD_SECONDS
from csoundd.whole_file import write_whole

VARIABLE: Final = "LIBCSOUNDPATH"
"""Names a library, for csoundd as for every program that uses libcsound."""

OLDEST: Final = 6180
DOUBLE: Final = 8


@dataclass(frozen=True, slots=True)
class Refusal:
    """A library that was found and is not used, and why."""

    path: str
    origin: Origin
    reason: str
    hint: str


def found() -> list[NativeLibrary | Refusal]:
    """The libraries of this machine, in the order of preference: what LIBCSOUNDPATH names, then the newest first."""
    return list(_found(os.environ.get(VARIABLE, ""), os.environ.get("LD_LIBRARY_PATH", "")))


def forget() -> None:
    """Look again at the next question: something was installed or removed."""
    _found.cache_clear()


@cache
def _found(named: str, _searched: str) -> tuple[NativeLibrary | Refusal, ...]:
    with ThreadPoolExecutor() as pool:
        own = pool.submit(_carried)
        first = pool.submit(examined, named, "LIBCSOUNDPATH") if named else None
        others = pool.map(lambda path: examined(path, "system"), system_paths())
        rest = sorted([own.result(), *others], key=_newest)
        candidates = [*([first.result()] if first else []), *rest]
    seen: set[str] = set()
    once = [c for c in candidates if (key := os.path.realpath(c.path)) not in seen and not seen.add(key)]  # type: ignore[func-returns-value]
    return tuple(_named(once))


def _newest(candidate: NativeLibrary | Refusal) -> tuple[int, ...]:
    return tuple(-part for part in candidate.number) if isinstance(candidate, NativeLibrary) else (1,)


def _named(candidates: list[NativeLibrary | Refusal]) -> Iterator[NativeLibrary | Refusal]:
    """The first library of each major version by its short name."""
    taken: set[int] = set()
    for candidate in candidates:
        if isinstance(candidate, NativeLibrary) and candidate.major not in taken:
            taken.add(candidate.major)
            yield replace(candidate, name=f"native:{candidate.major}")
        else:
            yield candidate


def named() -> bool:
    """Whether the environment names a library: then it is that one or none."""
    return bool(os.environ.get(VARIABLE))


def chosen(name: str = "native") -> NativeLibrary:
    """The library that ``name`` means.

    ``native`` and ``auto``: what LIBCSOUNDPATH names, else the newest that loads. ``native:7``, ``native:6``: the first
    of that major version. Anything else is the path of a library. Raises EngineUnavailable, saying what else there is.
    """
    if name in ("auto", "native"):
        return _best()
    if name.startswith("native:"):
        return _of_major(name)
    return _usable(examined(name, "path"))


def _best() -> NativeLibrary:
    candidates = found()
    first = candidates[0] if candidates else None
    if isinstance(first, Refusal) and first.origin == "LIBCSOUNDPATH":
        return _usable(first)
    library = next((c for c in candidates if isinstance(c, NativeLibrary)), None)
    if library is None:
        raise _nothing("no Csound library was found on this system", candidates)
    return library


def _of_major(name: str) -> NativeLibrary:
    candidates = found()
    library = next((c for c in candidates if isinstance(c, NativeLibrary) and c.name == name), None)
    if library is None:
        raise _nothing(f"no library of Csound {name.partition(':')[2]} was found on this system", candidates)
    return library


def _nothing(problem: str, candidates: list[NativeLibrary | Refusal]) -> EngineUnavailable:
    """Why there is none: what was found and refused, and what else there is."""
    refusals = [c for c in candidates if isinstance(c, Refusal)]
    reasons = "".join(f"; {refusal.reason}" for refusal in refusals)
    hints = [refusal.hint for refusal in refusals if refusal.hint] or ["install Csound (Debian: libcsound64-6.0)"]
    return EngineUnavailable(problem + reasons, hint="; or ".join([*dict.fromkeys(hints), *_offers()]))


def _usable(candidate: NativeLibrary | Refusal) -> NativeLibrary:
    if isinstance(candidate, NativeLibrary):
        return candidate
    offers = _offers()
    unset = [f"unset {VARIABLE}"] if candidate.origin == "LIBCSOUNDPATH" else []
    raise EngineUnavailable(
        candidate.reason, hint="; or ".join([candidate.hint, *unset, *offers]).removeprefix("; or ")
    )


def _offers() -> list[str]:
    """The engines that do work here, by the flags that choose them."""
    libraries = [c for c in found() if isinstance(c, NativeLibrary)]
    return [f"--engine {library.name} is {library.described()}" for library in libraries]


def examined(path: str, origin: Origin) -> NativeLibrary | Refusal:
    """The library at ``path``, or why it is refused: a process of its own finds out by loading it."""
    source = f"{VARIABLE} names {path}, which" if origin == "LIBCSOUNDPATH" else f"the library {path}"
    real = Path(path).expanduser().absolute()

    def refusal(why: str, hint: str = "") -> Refusal:
        return Refusal(str(real), origin, f"{source} {why}", hint)

    if not real.exists():
        return refusal("does not exist")
    if not real.is_file():
        return refusal("is no file", "name the library itself, not its folder")
    told = _probed(str(real.resolve()))
    if "problem" in told:
        return refusal(f"cannot be loaded: {told['problem']}")
    version, size = int(str(told["version"])), told["size"]
    if version < OLDEST:
        return refusal(f"is Csound {_text(version)}, and csoundd needs 6.18 or later")
    if size != DOUBLE:
        return refusal("computes in single precision, and csoundd needs double")
    folders = told["folders"]
    assert isinstance(folders, list)
    return NativeLibrary(str(real), str(real), _text(version), tuple(filter(os.path.isdir, folders)), origin)


def _text(version: int) -> str:
    return f"{version // 1000}.{version // 10 % 100}.{version % 10}"


LOADER_CACHE: Final = "/etc/ld.so.cache"
"""It changes with the libraries of the system, among them those that a Csound needs."""


def _probed(path: str) -> dict[str, object]:
    """What the library at ``path`` says of itself, or the problem with it."""
    place = _place(path)
    if place is not None:
        with suppress(OSError, ValueError):
            kept: dict[str, object] = json.loads(place.read_bytes())
            if kept.keys() >= {"version", "size", "folders"}:
                return kept
    told = _asked(path)
    if place is not None and "problem" not in told:
        with suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            write_whole(place, json.dumps(told).encode())
    return told


def _place(path: str) -> Path | None:
    """Where is kept what a library has said: under another name once it, or what it may need, is another one."""
    told: list[object] = [probe.FORMAT, path, os.environ.get("LD_LIBRARY_PATH", "")]
    try:
        for file in (path, *filter(os.path.exists, [LOADER_CACHE])):
            found = os.stat(file)  # noqa: PTH116 - a path as the loader is given it
            told.append([found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns])
        folder = user_cache_path("csoundd", appauthor=False)
    except (OSError, RuntimeError):
        return None
    return folder / "libraries" / hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def _asked(path: str) -> dict[str, object]:
    command = [sys.executable, "-I", "-S", str(probe.__file__), path]
    environment = os.environ | {"CS_LANG": "none"}
    try:
        done = subprocess.run(  # noqa: S603 - a module of our own
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIBRARY_LOAD_SECONDS,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"problem": f"it took longer than {LIBRARY_LOAD_SECONDS:g} s"}
    try:
        told: dict[str, object] = json.loads(done.stdout)
    except ValueError:
        return {"problem": f"the process that loaded it ended with status {done.returncode}"}
    return told


def _carried() -> NativeLibrary | Refusal:
    try:
        place = carried()
    except EngineUnavailable as unusable:
        return Refusal("", "cycsound", unusable.message, unusable.hint or "")
    library = examined(str(place.library), "cycsound")
    if isinstance(library, Refusal):
        return library
    if library.version != CSOUND_VERSION:
        return Refusal(library.path, "cycsound", f"{library.path} says it is Csound {library.version}", "")
    return replace(library, plugin_folders=(str(place.plugins),))


def system_paths() -> list[str]:
    """The files that may be a Csound library of the system's: each exists, and each once."""
    candidates: list[Path] = []
    home = Path.home()
    if sys.platform == "darwin":
        frameworks = (Path("/Library/Frameworks"), home / "Library/Frameworks", Path("/Applications/Csound"))
        candidates += [folder / "CsoundLib64.framework/CsoundLib64" for folder in frameworks]
        candidates += [Path(prefix, "lib/libcsound64.dylib") for prefix in ("/opt/homebrew", "/usr/local")]
    elif sys.platform == "win32":
        folders = [*os.environ.get("PATH", "").split(os.pathsep)]
        folders += [
            str(Path(os.environ.get("PROGRAMFILES", r"C:\Program Files"), name, "bin"))
            for name in ("Csound6_x64", "Csound7", "csound")
        ]
        candidates += [Path(folder, "csound64.dll") for folder in folders if folder]
    else:
        candidates += map(Path, _cached_by_the_loader())
        searched = [
            *filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(":")),
            "/usr/local/lib",
            "/usr/lib",
            "/usr/lib64",
        ]
        folders = [*searched, *map(str, Path("/usr/lib").glob("*-linux-*")), str(home / ".local/lib")]
        candidates += [path for folder in folders for path in sorted(Path(folder).glob("libcsound64.so*"))]
    existing = {os.path.realpath(path): str(path) for path in reversed(candidates) if path.is_file()}
    return list(reversed(existing.values()))


def _cached_by_the_loader() -> list[str]:
    """The Csound libraries in the cache of the dynamic loader, wherever its configuration sends it."""
    try:
        listed = subprocess.run(
            ["/sbin/ldconfig", "-p"], capture_output=True, text=True, timeout=LIBRARY_LOAD_SECONDS, check=False
        )
    except (FileNotFoundError, PermissionError, subprocess.TimeoutExpired):
        return []
    lines = (line.rpartition(" => ") for line in listed.stdout.splitlines())
    return [path for name, _, path in lines if name.strip().startswith("libcsound64.so")]
