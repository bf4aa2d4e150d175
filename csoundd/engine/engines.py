"""The engines that this machine has: what they are, where they are, and which of them ``auto`` takes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from csoundd.api.lacking import CSOUND_6, EVERYWHERE, WASM
from csoundd.engine.csound.backend import NativeLibrary, Origin
from csoundd.engine.csound.native.libraries import Refusal, chosen, found, named
from csoundd.engine.csound.native.plugins import user_folders
from csoundd.engine.csound.wasm.build.cache import install, place, ready
from csoundd.engine.csound.wasm.build.making import Say
from csoundd.errors import EngineUnavailable

CSOUND_6_MAJOR: Final = 6

ORIGINS: Final[dict[Origin, str]] = {
    "LIBCSOUNDPATH": "named by LIBCSOUNDPATH",
    "cycsound": "carried by the package cycsound",
    "system": "installed on this system",
    "path": "named by its path",
}


@dataclass(frozen=True, slots=True)
class EngineFound:
    """One engine: ``version`` and ``path`` are empty where it cannot be used, ``note`` says what there is to say.

    ``plugin_folders`` are all that Csound searches, the user's too; ``lacks`` are the methods that it cannot serve, and
    why.
    """

    engine: str
    version: str
    path: str
    plugin_folders: tuple[str, ...]
    lacks: dict[str, str]
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
        return EngineFound("native", "", each.path, (), {}, auto=False, note=note)
    folders = (*each.plugin_folders, *user_folders(each, os.environ))
    lacks = CSOUND_6 if each.major == CSOUND_6_MAJOR else EVERYWHERE
    return EngineFound(each.name, each.version, each.path, folders, lacks, each == best, ORIGINS[each.origin])


def embedded(*, auto: bool) -> EngineFound:
    """The Csound 7 in a sandbox."""
    there = ready()
    if there is None:
        missing = "damaged" if place().module.exists() else "not installed"
        return EngineFound("wasm", "", "", (), {}, auto=False, note=f"{missing}: csoundd engine install wasm")
    card = "" if find_spec("sounddevice") else "; --drive device needs csoundd[audio]"
    return EngineFound("wasm", there.version, str(there.compiled), (), WASM, auto, f"runs in a sandbox{card}")


def engines() -> list[EngineFound]:
    """All engines, in the order of preference."""
    libraries = native()
    return [*libraries, embedded(auto=not any(each.installed for each in libraries))]


def ensure(name: str, say: Say) -> None:
    """Install the embedded engine if it is wanted and not there. Raises EngineUnavailable where that does not work."""
    missing = _missing() if name == "auto" and not named() else None
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
