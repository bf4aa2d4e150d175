"""The embedded engine's spec: Csound 7 in a sandbox, made by ``csoundd engine install wasm``."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from csoundd.engine.csound.spec import AUTO, Capabilities, EngineFound, EngineSpec, Say
from csoundd.engine.csound.wasm.build.install import install, place, ready
from csoundd.errors import EngineUnavailable

if TYPE_CHECKING:
    from csoundd.engine.csound.backend import Backend, BackendContext, BackendOptions

INSTALL: Final = "csoundd engine install wasm"
LISTS_OPCODES: Final = "csoundd.engine.csound.wasm.opcodes"


class WasmSpec(EngineSpec):
    """The Csound 7 that wasmtime runs."""

    name = "wasm"
    # The machine code reports a trap by the signals of a crash: docs/upstream-faults.md#wasmtime-outside-faults.
    capabilities = Capabilities(installable=True, traps_by_signals=True)

    def chosen(self, name: str) -> None:
        if name == AUTO and not place().module.exists():
            raise EngineUnavailable("the embedded engine is not installed", hint=f"run {INSTALL}")

    def offer(self) -> str:
        return "--engine wasm is Csound 7 in a sandbox" if place().module.exists() else f"run {INSTALL}"

    def found(self) -> list[EngineFound]:
        there = ready()
        if there is None:
            missing = "damaged" if place().module.exists() else "not installed"
            return [EngineFound(self.name, "", note=f"{missing}: {INSTALL}")]
        card = "" if find_spec("sounddevice") else "; --drive device needs csoundd[audio]"
        path, note = str(there.compiled), f"runs in a sandbox{card}"
        return [EngineFound(self.name, there.version, path, note=note)]

    def lacks(self, found: EngineFound) -> Mapping[str, str]:
        from csoundd.api import UNSUPPORTED_BY_WASM  # noqa: PLC0415 - to find the engine takes no API

        return UNSUPPORTED_BY_WASM if found.installed else {}

    def install(self, say: Say) -> EngineFound:
        install(say)
        return self.found()[0]

    def lists_opcodes_by(self) -> list[str]:
        return [LISTS_OPCODES]

    def preload(self, library: str) -> None:
        with suppress(EngineUnavailable):
            from csoundd.engine.csound.wasm.backend import WasmBackend  # noqa: F401, PLC0415 - as below
            from csoundd.engine.csound.wasm.sandbox import loaded  # noqa: PLC0415

            loaded()

    def backend(self, options: BackendOptions, context: BackendContext) -> Backend:
        from csoundd.engine.csound.wasm.backend import WasmBackend  # noqa: PLC0415 - wasmtime takes a while to load

        if options.drive == "device":
            from csoundd.engine.csound.portaudio import check_sound_card  # noqa: PLC0415 - as above

            check_sound_card()
        return WasmBackend(options, context)


SPEC: Final = WasmSpec()
