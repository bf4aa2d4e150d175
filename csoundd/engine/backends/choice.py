"""Which engine it is to be: the one that was named, or the best that this machine has."""

from __future__ import annotations

from csoundd.engine.backends.backend import Backend, BackendOptions
from csoundd.engine.backends.native.backend import NativeBackend
from csoundd.engine.backends.portaudio import check_sound_card
from csoundd.engine.backends.surroundings import Surroundings
from csoundd.errors import EngineUnavailable


def chosen(name: str, options: BackendOptions, surroundings: Surroundings) -> Backend:
    """The backend ``name``; ``auto`` is native where the system has a Csound library, else the embedded engine.

    Raises EngineUnavailable where it cannot run here.
    """
    if name == "native":
        return NativeBackend(options, surroundings)
    if name == "wasm":
        return _embedded(options, surroundings)
    try:
        return NativeBackend(options, surroundings)
    except EngineUnavailable as no_library:
        return _instead(no_library, options, surroundings)


def _embedded(options: BackendOptions, surroundings: Surroundings) -> Backend:
    from csoundd.engine.backends.wasm.backend import WasmBackend  # noqa: PLC0415 - wasmtime takes a while to load

    if options.drive == "device":
        check_sound_card()
    return WasmBackend(options, surroundings)


def _instead(no_library: EngineUnavailable, options: BackendOptions, surroundings: Surroundings) -> Backend:
    try:
        return _embedded(options, surroundings)
    except EngineUnavailable as not_installed:
        raise EngineUnavailable(
            f"{no_library.message}, and {not_installed.message}",
            hint=f"{no_library.hint}; or {not_installed.hint}",
        ) from not_installed
