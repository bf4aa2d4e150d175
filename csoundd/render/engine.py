"""What an engine is, as far as a render depends on it: its version, and the content of its library and its plug-ins."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from csoundd import __version__
from csoundd.engine.csound.registry import spec_at
from csoundd.engine.csound.spec import EngineFound
from csoundd.engine.options import HostOptions
from csoundd.render.inputs import Hashes

RENDER_VERSION: Final = 1
"""Raised whenever csoundd makes something else of the same piece."""


@dataclass(frozen=True, slots=True)
class EngineIdentity:
    """An engine with all that makes it sound as it does. Two that are equal render the same."""

    name: str
    version: str
    library: str
    """The hash of what it runs."""

    plugins: tuple[tuple[str, str], ...]
    """The names and hashes of its plug-ins."""

    system: tuple[str, ...]
    """The processor and the C library: their mathematics differ in the last bit."""

    csoundd: tuple[str, ...]
    """csoundd and the libraries with which it writes files."""

    def values(self) -> dict[str, object]:
        """It as values of JSON."""
        return asdict(self)


def identity_of(engine: HostOptions, hashes: Hashes) -> EngineIdentity | None:
    """The identity of an engine that is placed, None for one that does not say which file it is."""
    spec = spec_at(engine.place)
    found = next((each for each in spec.found() if each.library == engine.library), None)
    if found is None and engine.library is not None:
        own = engine.library
        found = EngineFound(own.name, own.version, own.path, own.plugin_folders)
    path = hashes.of(Path(found.path)) if found is not None and found.path else None
    if found is None or path is None:
        return None
    folders = [*found.plugin_folders, *([engine.opcode_dir] if engine.opcode_dir else [])]
    plugins = []
    for folder in dict.fromkeys(map(Path, folders)):
        files = sorted(each for each in folder.iterdir() if each.is_file()) if folder.is_dir() else []
        plugins += [(file.name, hashes.of(file) or "") for file in files]
    return EngineIdentity(
        name=spec.name,
        version=found.version,
        library=path,
        plugins=tuple(plugins),
        system=(platform.system(), platform.machine(), *platform.libc_ver()),
        csoundd=(__version__, str(RENDER_VERSION), *_writers()),
    )


def _writers() -> tuple[str, str]:
    """The versions of what writes files: libsndfile and the resampler."""
    # To import the two takes numpy, and 0.1 s of processor time that nothing else in this process needs.
    from importlib.metadata import version  # noqa: PLC0415 - most commands need no cache

    if find_spec("_soundfile_data") is not None:
        # The wheel carries libsndfile, so its own version says which that is.
        return f"soundfile {version('soundfile')}", version("soxr")
    import soundfile  # noqa: PLC0415 - the system's libsndfile tells its version only when it is loaded

    return soundfile.__libsndfile_version__, version("soxr")
