"""The wasm backend: its method groups, and the calls of the performance loop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import wasmtime

from csoundd.api import UNSUPPORTED_BY_WASM
from csoundd.api.declare import MethodGroup
from csoundd.api.instance import Devices
from csoundd.api.values import AudioDevice, MidiDevice
from csoundd.engine.csound.array_channels import ArrayMethods, Csound7Pvs, Shape, channels_written
from csoundd.engine.csound.backend import BackendContext, BackendOptions
from csoundd.engine.csound.binding import guarded
from csoundd.engine.csound.compiling import FAILED, SharedCompiling
from csoundd.engine.csound.csound7 import CSD_IS_TEXT
from csoundd.engine.csound.csound_backend import CsoundBackend
from csoundd.engine.csound.instance_methods import (
    InstanceMethods,
)
from csoundd.engine.csound.instances import LAYOUT_EMBEDDED, Instances
from csoundd.engine.csound.limits import EMBEDDED_OPERATORS
from csoundd.engine.csound.midi import MidiDriver
from csoundd.engine.csound.portaudio import sound_cards
from csoundd.engine.csound.wasm.instance import Cycles, Instance
from csoundd.engine.csound.wasm.machine import can_forbid
from csoundd.engine.csound.wasm.opcodes import lacking_in
from csoundd.messages import ERROR, Drive, Seconds
from csoundd.syntax.csd import Csd, SectionKind, parse


class WasmCompiling(SharedCompiling):
    """Code into the instance."""

    _instance: Instance
    # Without a file that it should include, this Csound goes on and says that all is well:
    # docs/upstream-faults.md#csound-includes.
    rules = replace(SharedCompiling.rules, operators=EMBEDDED_OPERATORS, found=True)

    def _compile_orc(self, orc: str, *, later: bool) -> int:
        return self._explained(orc, lambda: super(WasmCompiling, self)._compile_orc(orc, later=later))

    def _compile_csd(self, text: str, *, block: bool) -> int:
        csd = parse(text)
        if _lacking(csd):
            # Csound would give up, and the machine with it.
            self._instance.say(f"that is no CSD: {_lacking(csd)}\n", ERROR)
            return FAILED
        compile_csd = partial(self._instance.c.csoundCompileCSD, text, CSD_IS_TEXT, int(not block))
        return self._explained(text, lambda: self._instance.attempt(compile_csd))

    def _explained(self, code: str, compiled: Callable[[], int]) -> int:
        """Compile, and say of code that fails which of its opcodes only another engine has, and where memory ends."""
        missing = self._instance.missing_files
        returned = compiled()
        if returned == 0 and self._instance.missing_files != missing:
            returned = FAILED
        self._instance.warn_of_memory()
        lacks = lacking_in(code) if returned else []
        if lacks:
            self._instance.warn(f"{', '.join(lacks)}: not in the embedded engine; the native engine has it\n")
        return returned

    def _read_score(self, text: str) -> None:
        self._instance.c.csoundReadScore(text)

    def _named(self, folder: Path) -> str | None:
        return self._instance.folders.inside(folder)

    def _real(self, path: str) -> Path:
        return self._instance.folders.real(path)

    def _evaluated(self, code: str) -> float:
        before = self._instance.errors
        value = float(self._instance.c.csoundEvalCode(code))
        return value if self._instance.errors == before else math.nan


def _lacking(csd: Csd) -> str:
    """The part whose lack in a CSD Csound gives up on, empty where it has all."""
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


ROOM: Final = (16_384, 4096, 16_384, 1, 0)
"""What is made for a channel that an orchestra writes: it takes on the size of what is written."""

FLOAT_BYTES: Final = 4


class WasmPvs(Csound7Pvs):
    """Spectra shared by name.

    This Csound writes past a frame where ``pvsout`` names a channel that nobody made before, and loops for ever where
    ``pvsin`` does. So the channels that code names are made, large enough, before that code is compiled.
    """

    def prepare(self, code: str) -> None:
        super().prepare(code)
        for name in channels_written(code):
            self._guess(name, ROOM)

    def _guess(self, name: str, shape: Shape) -> None:
        if not self._pointers.kind(name) and self._initialised(name, ROOM):
            self._reshape_there(name, shape)
            self._guessed.add(name)

    def _make(self, name: str, shape: Shape) -> bool:
        if name in self._guessed:
            self._guessed.discard(name)
            self._reshape_there(name, shape)
        return self._initialised(name, shape)

    def _initialised(self, name: str, shape: Shape) -> bool:
        """Make the channel where it was not there."""
        return bool(self._c.csoundInitPvsChannel(name, *shape))

    def _reshape_there(self, name: str, shape: Shape) -> None:
        """Have a channel be of this shape, if its memory is large enough."""
        members = self._members(name)
        if (shape[0] + 2) * FLOAT_BYTES <= members.size:
            self._reshape(members, shape)


READER: Final = """
(module
  (import "env" "memory" (memory 1))
  (import "host" "read" (func $read (param i32 i32 i32 i32) (result i32)))
  (func (export "read") (param i32 i32 i32 i32) (result i32)
    (if (result i32) (i32.load (i32.const {flag}))
      (then (call $read (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
      (else (i32.const 0)))))
"""
"""Csound asks for bytes in every cycle, and Python would take ten microseconds to say that there are none."""


class WasmMidiDriver(MidiDriver):
    """A number in the machine's memory says how many bytes wait: while none do, nothing outside it is called."""

    def __init__(self, instance: Instance, context: BackendContext) -> None:
        super().__init__(instance, context)
        machine = self._machine = instance.machine
        self._flag = machine.allocate(4)
        read = machine.imported(guarded(self._read, 0), "iiii", "i")
        reader = machine.assembled(READER.format(flag=self._flag), read)["read"]
        assert isinstance(reader, wasmtime.Func)
        self._reader = machine.placed(reader)

    def _install(self) -> None:
        super()._install()
        self._c.csoundSetExternalMidiReadCallback(self._reader)

    def _waiting(self, count: int) -> None:
        self._machine.write(self._flag, count.to_bytes(4, "little"))


class WasmBackend(CsoundBackend):
    """One Csound 7 in a sandbox, on the performance thread."""

    name = "wasm"
    opens_devices = False

    def __init__(self, options: BackendOptions, context: BackendContext) -> None:
        instance = Instance(options, context)
        super().__init__(instance, context)
        spectra = WasmPvs(instance, self._pointers, self._references)
        self.groups: tuple[MethodGroup, ...] = (
            InstanceMethods(instance, context.workspace),
            WasmCompiling(instance, context.workspace, spectra.prepare),
            WasmDevices(options.drive),
            spectra,
            ArrayMethods(instance, self._pointers, self._references),
            *self._shared,
        )
        self.reasons = UNSUPPORTED_BY_WASM
        self._midi = WasmMidiDriver(instance, context)
        probe = instance.machine.bytes_there
        self._instances = Instances(instance.c.address, LAYOUT_EMBEDDED, probe, probe)
        cycles = Cycles(instance)
        self.cycle, self.burst = cycles.one, cycles.burst
        self.interrupt = instance.machine.interrupt if can_forbid() else None

    def score_time(self) -> Seconds:
        return self._instance.score_time()

    def modules(self) -> dict[str, str]:
        return {"audio": "", "midi": ""}
