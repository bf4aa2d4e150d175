"""The wasm backend: its families, and the calls of the performance loop."""

from __future__ import annotations

from csoundd.api.declare import MethodGroup
from csoundd.api.lacking import WASM
from csoundd.engine.csound.arrays import ArrayMethods
from csoundd.engine.csound.audio import AudioMethods, MessageMethods
from csoundd.engine.csound.backend import BackendOptions, Sounding
from csoundd.engine.csound.buffers import RingBuffers
from csoundd.engine.csound.callbacks import FileCallbacks, KeyCallbacks, ValueCallbacks
from csoundd.engine.csound.channels import ChannelFacts, ChannelValues
from csoundd.engine.csound.graphs import GraphMethods
from csoundd.engine.csound.identity import InstanceMethods, OptionMethods, RateMethods
from csoundd.engine.csound.instances import EMBEDDED, Instances
from csoundd.engine.csound.parts import CsoundParts
from csoundd.engine.csound.pointers import Pointers
from csoundd.engine.csound.references import References
from csoundd.engine.csound.score import ScoreMethods
from csoundd.engine.csound.surroundings import Surroundings
from csoundd.engine.csound.tables import TableMethods
from csoundd.engine.csound.wasm.compiling import WasmCompiling
from csoundd.engine.csound.wasm.cycles import Cycles
from csoundd.engine.csound.wasm.devices import WasmDevices
from csoundd.engine.csound.wasm.instance import Instance
from csoundd.engine.csound.wasm.midi import MidiDriver
from csoundd.engine.csound.wasm.spectra import Spectra, WasmPvs
from csoundd.engine.csound.wasm.traps import can_forbid
from csoundd.messages import Seconds


class WasmBackend(CsoundParts):
    """One Csound 7 in a sandbox, on the performance thread."""

    name = "wasm"
    opens_devices = False

    def __init__(self, options: BackendOptions, surroundings: Surroundings) -> None:
        workspace, handles = surroundings.workspace, surroundings.handles
        instance = Instance(options, surroundings)
        pointers, score, tables = Pointers(instance), ScoreMethods(instance), TableMethods(instance)
        super().__init__(instance, pointers, score, tables)
        references, spectra = References(pointers, handles), Spectra(instance, pointers)
        self.families: tuple[MethodGroup, ...] = (
            InstanceMethods(instance, workspace),
            OptionMethods(instance),
            WasmDevices(options.drive),
            RateMethods(instance),
            WasmCompiling(instance, workspace, spectra.prepare),
            score,
            ChannelValues(instance, pointers),
            ChannelFacts(pointers, references),
            ArrayMethods(instance, pointers, references),
            WasmPvs(instance, pointers, spectra, references),
            RingBuffers(handles),
            tables,
            AudioMethods(instance),
            MessageMethods(instance),
            GraphMethods(instance, surroundings),
        )
        self._callbacks = (
            ValueCallbacks(instance, surroundings),
            KeyCallbacks(instance, surroundings),
            FileCallbacks(instance, surroundings),
            MidiDriver(instance, surroundings),
        )
        self.reasons = WASM
        probe = instance.machine.bytes_there
        self._instances = Instances(instance.c.address, EMBEDDED, probe, probe)
        cycles = Cycles(instance)
        self.cycle, self.burst = cycles.one, cycles.burst
        self.interrupt = instance.machine.interrupt if can_forbid() else None

    def score_time(self) -> Seconds:
        return self._instance.score_time()

    def modules(self) -> dict[str, str]:
        return {"audio": "", "midi": ""}

    def sounding(self) -> list[Sounding] | None:
        return self._instances.sounding()
