"""The native backend: its method groups, and the calls of the performance loop."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from csoundd.api import UNSUPPORTED, UNSUPPORTED_BY_CSOUND_6
from csoundd.api.declare import MethodGroup
from csoundd.api.instance import Devices
from csoundd.api.values import AudioDevice, MidiDevice
from csoundd.engine.csound.array_channels import ArrayMethods
from csoundd.engine.csound.backend import CSOUND_7, BackendContext, BackendOptions
from csoundd.engine.csound.compiling import NO_INCLUDED_FILE, SharedCompiling
from csoundd.engine.csound.csound_backend import CsoundBackend
from csoundd.engine.csound.instance_methods import (
    InstanceMethods,
)
from csoundd.engine.csound.instances import native_instances
from csoundd.engine.csound.midi import MidiDriver
from csoundd.engine.csound.native.csound6 import Csound6Pvs
from csoundd.engine.csound.native.csound7 import NativePvs
from csoundd.engine.csound.native.instance import Instance
from csoundd.engine.csound.native.outputs import InstrumentOutputs
from csoundd.engine.csound.native.plugins import unloadable
from csoundd.engine.workspace import Workspace
from csoundd.errors import WrongState
from csoundd.messages import ERROR, Seconds


def alone(method: str) -> WrongState:
    """The error of a call that waits for another process."""
    return WrongState(f"{method} cannot be part of a list of calls", hint="call it by itself")


class NativeInstanceMethods(InstanceMethods):
    """The methods of the Csound object itself."""

    def runUtility(self, name: str, args: list[str]) -> int:
        raise alone("csound.runUtility")

    def loadPlugins(self, directory: str) -> int:
        folder = self._workspace.resolve(directory)
        return int(self._c.csoundLoadPlugins(os.fsencode(folder)))


class NativeCompiling(SharedCompiling):
    """Code into the instance."""

    _instance: Instance

    def __init__(self, instance: Instance, workspace: Workspace, before: Callable[[str], None]) -> None:
        super().__init__(instance, workspace, before)
        # docs/upstream-faults.md#csound6-infinite-constant
        self.rules = replace(self.rules, finite=instance.version < CSOUND_7)

    def _compile_csd(self, text: str, *, block: bool) -> int:
        return self._instance.c.compile_csd(text, later=not block)

    def _read_score(self, text: str) -> None:
        self._instance.c.event_string(text, started=False)

    def _named(self, folder: Path) -> str | None:
        return str(folder)

    def _real(self, path: str) -> Path:
        return Path(path)

    def _evaluated(self, code: str) -> float:
        self._instance.keep_printed()
        value = float(self._instance.c.csoundEvalCode(code))
        # Csound 7.0.0 returns 0 for code that does not compile, where the API promises not-a-number:
        # docs/upstream-faults.md#csound7-eval-code.
        return math.nan if value == 0.0 and self._failed() else value

    def _failed(self) -> bool:
        """Whether what was printed since the last look tells of an error."""
        # Csound 7 gives the attribute of errors to most of what it prints.
        printed = self._instance.keep_printed()
        return any(
            text.startswith(NO_INCLUDED_FILE) or (attr & ERROR and "error" in text.casefold()) for text, attr in printed
        )


class NativeDevices(Devices):
    """The sound and MIDI hardware that Csound could use here.

    Listing asks drivers, which hang and crash: the front has that done in a throw-away process, and sends those calls
    here only out of a list.
    """

    def module(self, number: int) -> tuple[str, str, int]:
        raise alone("csound.module")

    def modules(self) -> list[tuple[str, str]]:
        raise alone("csound.modules")

    def audioDevList(self, isOutput: bool) -> list[AudioDevice]:
        raise alone("csound.audioDevList")

    def midiDevList(self, isOutput: bool = False) -> list[MidiDevice]:
        raise alone("csound.midiDevList")


NO_DEVICE: Final = b"null"
"""The MIDI module that reads and writes nothing."""


class NativeMidiDriver(MidiDriver):
    """While nothing waits it is Csound's own reader of no device that is called."""

    ports = ("-+rtmidi=hostbased", *MidiDriver.ports)

    def __init__(self, instance: Instance, context: BackendContext) -> None:
        super().__init__(instance, context)
        self._reader = instance.c.function(self._read, "aaai", "i")

    def _install(self) -> None:
        # This sets all of Csound's callbacks, the reader among them.
        self._c.csoundSetMIDIModule(NO_DEVICE)
        super()._install()

    def _take_over(self) -> None:
        super()._take_over()
        if self._queue and self._instance.host_midi:
            self._c.csoundSetExternalMidiReadCallback(self._reader)

    def _waiting(self, count: int) -> None:
        if not count:
            self._install()
        elif self._instance.host_midi and self._instance.started:
            self._c.csoundSetExternalMidiReadCallback(self._reader)


class NativeBackend(CsoundBackend):
    """One Csound of a library, on the performance thread."""

    name = "native"
    interrupt = None

    def __init__(self, options: BackendOptions, context: BackendContext) -> None:
        workspace = context.workspace
        instance = Instance(options, context)
        super().__init__(instance, context)
        self._c = instance.c
        self.opens_devices = not instance.host_audio
        new = instance.version >= CSOUND_7
        spectra = (NativePvs if new else Csound6Pvs)(instance, self._pointers, self._references)
        arrays = (ArrayMethods(instance, self._pointers, self._references),) if new else ()
        self.groups: tuple[MethodGroup, ...] = (
            NativeInstanceMethods(instance, workspace),
            NativeCompiling(instance, workspace, spectra.prepare),
            NativeDevices(),
            spectra,
            *arrays,
            *self._shared,
        )
        self.reasons = UNSUPPORTED if arrays else UNSUPPORTED_BY_CSOUND_6
        self._modules = instance.c.variable
        self._midi = NativeMidiDriver(instance, context)
        self._instances = native_instances(instance.c.address, instance.version)
        # Called in every cycle and for every command, so without a frame of Python around the C function.
        self.cycle: Callable[[], int] = instance.c.csoundPerformKsmps
        self.score_time: Callable[[], Seconds] = instance.c.csoundGetScoreTime

        assert options.library is not None
        for name, reason in unloadable(options.library, os.environ):
            instance.warn(f"the plug-in {name} cannot be loaded: {reason}\n")

    def burst(self, cycles: int, output: npt.NDArray[np.float64] | None) -> tuple[int, int]:
        perform, spout, ksmps = self.cycle, self._instance.spout(), self._instance.ksmps
        for done in range(cycles):
            code = perform()
            if code:
                return done, code
            if output is not None:
                output[done * ksmps : (done + 1) * ksmps] = spout
        return cycles, 0

    def instrument_outputs(self, names: Iterable[str]) -> InstrumentOutputs:
        return InstrumentOutputs(self._c, names)

    def modules(self) -> dict[str, str]:
        """The modules that the options chose, empty for Csound's own choice."""
        return {"audio": self._modules(b"_RTAUDIO"), "midi": self._modules(b"_RTMIDI")}
