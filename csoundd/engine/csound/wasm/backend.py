"""The wasm backend: its families, and the calls of the performance loop."""

from __future__ import annotations

from csoundd.api.declare import MethodGroup
from csoundd.api.lacking import WASM
from csoundd.engine.csound.backend import BackendOptions, Sounding
from csoundd.engine.csound.buffers import RingBuffers
from csoundd.engine.csound.channels import ChannelFacts, ChannelValues
from csoundd.engine.csound.instances import EMBEDDED, Instances
from csoundd.engine.csound.parts import CsoundParts
from csoundd.engine.csound.references import References
from csoundd.engine.csound.surroundings import Surroundings
from csoundd.engine.csound.wasm.arrays import WasmArrays
from csoundd.engine.csound.wasm.callbacks import FileCallbacks, KeyCallbacks, ValueCallbacks
from csoundd.engine.csound.wasm.compiling import WasmCompiling
from csoundd.engine.csound.wasm.cycles import Cycles
from csoundd.engine.csound.wasm.graphs import WasmGraphs
from csoundd.engine.csound.wasm.identity import WasmDevices, WasmFigures, WasmInstance, WasmOptions
from csoundd.engine.csound.wasm.instance import Instance
from csoundd.engine.csound.wasm.midi import MidiDriver
from csoundd.engine.csound.wasm.pointers import WasmPointers
from csoundd.engine.csound.wasm.score import WasmScore
from csoundd.engine.csound.wasm.spectra import Spectra, WasmPvs
from csoundd.engine.csound.wasm.tables import WasmAudio, WasmMessages, WasmTables
from csoundd.engine.csound.wasm.traps import can_forbid
from csoundd.messages import Seconds


class WasmBackend(CsoundParts):
    """One Csound 7 in a sandbox, on the performance thread."""

    name = "wasm"
    opens_devices = False

    def __init__(self, options: BackendOptions, surroundings: Surroundings) -> None:
        workspace, handles = surroundings.workspace, surroundings.handles
        instance = Instance(options, surroundings)
        pointers, score, tables = WasmPointers(instance), WasmScore(instance), WasmTables(instance)
        super().__init__(instance, pointers, score, tables)
        references, spectra = References(pointers, handles), Spectra(instance, pointers)
        self.families: tuple[MethodGroup, ...] = (
            WasmInstance(instance, workspace),
            WasmOptions(instance),
            WasmDevices(options.drive),
            WasmFigures(instance),
            WasmCompiling(instance, workspace, spectra),
            score,
            ChannelValues(instance, pointers),
            ChannelFacts(pointers, references),
            WasmArrays(instance, pointers, references),
            WasmPvs(instance, pointers, spectra, references),
            RingBuffers(handles),
            tables,
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
        probe = instance.machine.bytes_there
        self._instances = Instances(instance.cs, EMBEDDED, probe, probe)
        cycles = Cycles(instance)
        self.cycle, self.burst = cycles.one, cycles.burst
        self.interrupt = instance.machine.interrupt if can_forbid() else None

    def score_time(self) -> Seconds:
        return self._instance.score_time()

    def modules(self) -> dict[str, str]:
        return {"audio": "", "midi": ""}

    def sounding(self) -> list[Sounding] | None:
        return self._instances.sounding()
