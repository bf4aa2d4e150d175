"""The native backend: its groups, and the calls of the performance loop."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from csoundd.api.declare import MethodGroup
from csoundd.api.lacking import CSOUND_6, EVERYWHERE
from csoundd.engine.csound.arrays import ArrayMethods
from csoundd.engine.csound.backend import BackendContext, BackendOptions, Sounding
from csoundd.engine.csound.buffers import RingBuffers
from csoundd.engine.csound.callbacks import FileCallbacks, GraphMethods, KeyCallbacks, ValueCallbacks
from csoundd.engine.csound.channels import ChannelFacts, ChannelValues, Pointers, References
from csoundd.engine.csound.instance_methods import AudioMethods, MessageMethods, OptionMethods, RateMethods
from csoundd.engine.csound.instances import native_instances
from csoundd.engine.csound.native.compiling import NativeCompiling
from csoundd.engine.csound.native.csound6.pvs import Csound6Pvs
from csoundd.engine.csound.native.devices import NativeDevices, modules_used
from csoundd.engine.csound.native.identity import NativeInstanceMethods
from csoundd.engine.csound.native.instance import CSOUND_7, Instance
from csoundd.engine.csound.native.mididriver import MidiDriver
from csoundd.engine.csound.native.plugins import unloadable
from csoundd.engine.csound.native.pvs import NativePvs
from csoundd.engine.csound.parts import CsoundParts
from csoundd.engine.csound.score import ScoreMethods
from csoundd.engine.csound.tables import TableMethods
from csoundd.messages import Seconds


class NativeBackend(CsoundParts):
    """One Csound of a library, on the performance thread."""

    name = "native"
    interrupt = None

    def __init__(self, options: BackendOptions, context: BackendContext) -> None:
        workspace = context.workspace
        instance = Instance(options, workspace)
        pointers, score, tables = Pointers(instance), ScoreMethods(instance), TableMethods(instance)
        super().__init__(instance, pointers, score, tables)
        self._instance: Instance = instance
        self.opens_devices = not instance.host_audio
        references = References(pointers, context.handles)
        new = instance.version >= CSOUND_7
        spectra = (NativePvs if new else Csound6Pvs)(instance, pointers, references)
        compiling = NativeCompiling(instance, workspace, spectra.prepare)
        arrays = (ArrayMethods(instance, pointers, references),) if new else ()
        self.groups: tuple[MethodGroup, ...] = (
            NativeInstanceMethods(instance, workspace),
            OptionMethods(instance),
            RateMethods(instance),
            compiling,
            score,
            ChannelValues(instance, pointers),
            ChannelFacts(pointers, references),
            tables,
            AudioMethods(instance),
            spectra,
            RingBuffers(context.handles),
            NativeDevices(),
            *arrays,
            MessageMethods(instance),
            GraphMethods(instance, context),
        )
        self.reasons = EVERYWHERE if arrays else CSOUND_6
        self._callbacks = (
            ValueCallbacks(instance, context),
            KeyCallbacks(instance, context),
            FileCallbacks(instance, context),
            MidiDriver(instance, context),
        )
        self._instances = native_instances(instance.c.address, instance.version)
        # Called in every cycle and for every command, so without a frame of Python around the C function.
        self.cycle: Callable[[], int] = instance.c.csoundPerformKsmps
        self.score_time: Callable[[], Seconds] = instance.c.csoundGetScoreTime

        assert options.library is not None
        for name, reason in unloadable(options.library, os.environ):
            instance.warn(f"the plug-in {name} cannot be loaded: {reason}\n")

    def burst(self, cycles: int, output: npt.NDArray[np.float64] | None) -> tuple[int, int]:
        perform, spout, ksmps = self.cycle, self.spout(), self.ksmps
        for done in range(cycles):
            code = perform()
            if code:
                return done, code
            if output is not None:
                output[done * ksmps : (done + 1) * ksmps] = spout
        return cycles, 0

    def modules(self) -> dict[str, str]:
        return modules_used(self._instance)

    def sounding(self) -> list[Sounding] | None:
        return self._instances.sounding() if self._instances is not None else None
