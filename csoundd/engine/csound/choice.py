"""The engine that the front has chosen, made in this process."""

from __future__ import annotations

from contextlib import suppress

from csoundd.engine.csound.backend import Backend, BackendOptions
from csoundd.engine.csound.portaudio import check_sound_card
from csoundd.engine.csound.surroundings import Surroundings
from csoundd.errors import EngineUnavailable


def made(options: BackendOptions, surroundings: Surroundings) -> Backend:
    """A Csound of the library in ``options``, without one the embedded engine.

    Raises EngineUnavailable where it cannot run here.
    """
    if options.library is not None:
        from csoundd.engine.csound.native.backend import NativeBackend  # noqa: PLC0415 - needed by half of the hosts

        return NativeBackend(options, surroundings)
    from csoundd.engine.csound.wasm.backend import WasmBackend  # noqa: PLC0415 - wasmtime takes a while to load

    if options.drive == "device":
        check_sound_card()
    return WasmBackend(options, surroundings)


def preload(library: str) -> None:
    """Load what an engine of the library at that path is made of, of the embedded engine where it is empty."""
    with suppress(EngineUnavailable):
        if library:
            from csoundd.engine.csound.native.backend import NativeBackend  # noqa: F401, PLC0415 - as above
            from csoundd.engine.csound.native.binding import open_library  # noqa: PLC0415

            open_library(library)
        else:
            from csoundd.engine.csound.wasm.backend import WasmBackend  # noqa: F401, PLC0415 - as above
            from csoundd.engine.csound.wasm.engine import loaded  # noqa: PLC0415

            loaded()
