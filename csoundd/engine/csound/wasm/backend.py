"""The wasm backend: its method groups, and the calls of the performance loop."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from csoundd.api.declare import MethodGroup
from csoundd.api.devices import Devices
from csoundd.api.lacking import WASM
from csoundd.api.values import AudioDevice, MidiDevice
from csoundd.engine.csound.arrays import ArrayMethods
from csoundd.engine.csound.backend import BackendContext, BackendOptions, Sounding
from csoundd.engine.csound.buffers import RingBuffers
from csoundd.engine.csound.callbacks import FileCallbacks, GraphMethods, KeyCallbacks, ValueCallbacks
from csoundd.engine.csound.channels import ChannelFacts, ChannelValues, Pointers, References
from csoundd.engine.csound.compiling import ERROR, FAILED, SharedCompiling
from csoundd.engine.csound.csound7 import CSD_IS_TEXT
from csoundd.engine.csound.instance_methods import (
    AudioMethods,
    InstanceMethods,
    MessageMethods,
    OptionMethods,
    RateMethods,
)
from csoundd.engine.csound.instances import EMBEDDED, Instances
from csoundd.engine.csound.parts import CsoundParts
from csoundd.engine.csound.portaudio import sound_cards
from csoundd.engine.csound.score import ScoreMethods
from csoundd.engine.csound.tables import TableMethods
from csoundd.engine.csound.wasm.instance import Cycles, Instance
from csoundd.engine.csound.wasm.machine import can_forbid
from csoundd.engine.csound.wasm.midi import MidiDriver
from csoundd.engine.csound.wasm.opcodes import lacking_in
from csoundd.engine.csound.wasm.spectra import Spectra, WasmPvs
from csoundd.messages import Drive, Seconds
from csoundd.syntax.csd import Csd, SectionKind, parse


class WasmCompiling(SharedCompiling):
    """Code into the instance."""

    _instance: Instance

    def _compile_csd(self, text: str, *, block: bool) -> int:
        csd = parse(text)
        if _lacking(csd):
            # Csound would give up, and the machine with it.
            self._instance.say(f"that is no CSD: {_lacking(csd)}\n", ERROR)
            return FAILED
        self._before(text)
        compile_csd = self._instance.c.csoundCompileCSD
        return self._explained(text, self._instance.attempt(compile_csd, text, CSD_IS_TEXT, int(not block)))

    def _explained(self, code: str, returned: int) -> int:
        """Say of code that did not compile which of its opcodes only another engine has."""
        lacks = lacking_in(code) if returned else []
        if lacks:
            self._instance.warn(f"{', '.join(lacks)}: not in the embedded engine; the native engine has it\n")
        return returned

    def _read_score(self, text: str) -> None:
        self._instance.c.csoundReadScore(text)

    def _named(self, folder: Path) -> str | None:
        return self._instance.folders.inside(folder)

    def evalCode(self, code: str) -> float:
        before = self._instance.errors
        value = float(self._instance.c.csoundEvalCode(code))
        return value if self._instance.errors == before else math.nan


def _lacking(csd: Csd) -> str:
    """What a CSD lacks that Csound gives up on, empty where it has all."""
    if not csd.is_started:
        return "it has no <CsoundSynthesizer> at the beginning of a line"
    unclosed = next((section.kind for section in csd.sections if not section.is_closed), None)
    if unclosed:
        return f"its <{unclosed}> has no end"
    has_orchestra = any(section.kind is SectionKind.INSTRUMENTS for section in csd.sections)
    return "" if has_orchestra else "it has no <CsInstruments> at the beginning of a line"


NO_MODULE: Final = ("", "", -1)


class WasmDevices(Devices):
    """There is no hardware in the sandbox: no modules, and no devices but those on which the host plays."""

    def __init__(self, drive: Drive) -> None:
        self._drive = drive

    def module(self, number: int) -> tuple[str, str, int]:
        return NO_MODULE

    def modules(self) -> list[tuple[str, str]]:
        return []

    def audioDevList(self, isOutput: bool) -> list[AudioDevice]:
        return sound_cards(is_output=isOutput) if self._drive == "device" else []

    def midiDevList(self, isOutput: bool = False) -> list[MidiDevice]:
        return []


class WasmBackend(CsoundParts):
    """One Csound 7 in a sandbox, on the performance thread."""

    name = "wasm"
    opens_devices = False

    def __init__(self, options: BackendOptions, context: BackendContext) -> None:
        workspace, handles = context.workspace, context.handles
        instance = Instance(options, context)
        pointers, score, tables = Pointers(instance), ScoreMethods(instance), TableMethods(instance)
        super().__init__(instance, pointers, score, tables)
        references, spectra = References(pointers, handles), Spectra(instance, pointers)
        self.groups: tuple[MethodGroup, ...] = (
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
            GraphMethods(instance, context),
        )
        self._callbacks = (
            ValueCallbacks(instance, context),
            KeyCallbacks(instance, context),
            FileCallbacks(instance, context),
            MidiDriver(instance, context),
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
