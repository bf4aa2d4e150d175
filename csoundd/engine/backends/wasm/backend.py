"""The wasm backend: its families, and the calls of the performance loop."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from csoundd.api.declare import Family
from csoundd.api.lacking import WASM
from csoundd.engine.backends.backend import BackendOptions, Reading
from csoundd.engine.backends.buffers import RingBuffers
from csoundd.engine.backends.references import References
from csoundd.engine.backends.surroundings import Surroundings
from csoundd.engine.backends.wasm.arrays import WasmArrays
from csoundd.engine.backends.wasm.callbacks import FileCallbacks, KeyCallbacks, ValueCallbacks
from csoundd.engine.backends.wasm.channels import WasmBus, WasmChannels, listed
from csoundd.engine.backends.wasm.compiling import WasmCompiling
from csoundd.engine.backends.wasm.cycles import Cycles
from csoundd.engine.backends.wasm.graphs import WasmGraphs
from csoundd.engine.backends.wasm.identity import WasmDevices, WasmFigures, WasmInstance, WasmOptions
from csoundd.engine.backends.wasm.instance import Instance
from csoundd.engine.backends.wasm.midi import MidiDriver
from csoundd.engine.backends.wasm.pointers import Pointers
from csoundd.engine.backends.wasm.score import WasmScore
from csoundd.engine.backends.wasm.spectra import Spectra, WasmPvs
from csoundd.engine.backends.wasm.tables import WasmAudio, WasmMessages, WasmTables
from csoundd.engine.backends.wasm.traps import can_forbid
from csoundd.messages import Frames, Seconds


class WasmBackend:
    """One Csound 7 in a sandbox, on the performance thread."""

    name = "wasm"
    opens_devices = False

    def __init__(self, options: BackendOptions, surroundings: Surroundings) -> None:
        workspace, handles = surroundings.workspace, surroundings.handles
        self._instance = instance = Instance(options, surroundings)
        self._pointers = pointers = Pointers(instance)
        self._score, self._tables = WasmScore(instance), WasmTables(instance)
        references, spectra = References(pointers, handles), Spectra(instance, pointers)
        self.version = instance.version
        self.families: tuple[Family, ...] = (
            WasmInstance(instance, workspace),
            WasmOptions(instance),
            WasmDevices(options.drive),
            WasmFigures(instance),
            WasmCompiling(instance, workspace, spectra),
            self._score,
            WasmChannels(instance, pointers),
            WasmBus(instance, pointers, references),
            WasmArrays(instance, pointers, references),
            WasmPvs(instance, spectra, references),
            RingBuffers(handles),
            self._tables,
            WasmAudio(instance),
            WasmMessages(instance),
            WasmGraphs(instance, surroundings),
        )
        self._callbacks = (
            ValueCallbacks(instance, surroundings),
            KeyCallbacks(instance, surroundings),
            FileCallbacks(instance, surroundings),
            MidiDriver(instance, surroundings),
        )
        self.reasons = WASM
        cycles = Cycles(instance)
        self.cycle, self.burst = cycles.one, cycles.burst
        self.interrupt = instance.machine.interrupt if can_forbid() else None

    @property
    def sr(self) -> float:
        return self._instance.sr

    @property
    def ksmps(self) -> int:
        return self._instance.ksmps

    @property
    def nchnls(self) -> int:
        return self._instance.nchnls

    @property
    def zerodbfs(self) -> float:
        return self._instance.zerodbfs

    @property
    def started(self) -> bool:
        return self._instance.started

    def start(self) -> int:
        return self._instance.start()

    def spout(self) -> npt.NDArray[np.float64]:
        return self._instance.spout()

    def spin(self) -> npt.NDArray[np.float64]:
        return self._instance.spin()

    def table(self, number: int) -> npt.NDArray[np.float64] | None:
        return self._tables.view(number)

    def score_time(self) -> Seconds:
        return self._instance.score_time()

    def samples(self) -> Frames:
        return self._instance.samples()

    def printed(self) -> list[tuple[str, int]]:
        return self._instance.printed()

    def names(self) -> list[str]:
        return [channel.name for channel in listed(self._instance)]

    def kind(self, name: str) -> str:
        return self._pointers.kind(name)

    def reading(self, name: str) -> Reading | None:
        return self._pointers.reading(name)

    def modules(self) -> dict[str, str]:
        return {"audio": "", "midi": ""}

    def silence(self) -> None:
        if self._instance.started:
            self._score.silence()

    def reset(self) -> None:
        self._instance.reset()

    def close(self) -> None:
        self._instance.close()
