"""The native backend: its families, and the calls of the performance loop."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from csoundd.api.declare import Family
from csoundd.api.lacking import CSOUND_6, EVERYWHERE
from csoundd.engine.backends.backend import BackendOptions, Points, Reading
from csoundd.engine.backends.buffers import RingBuffers
from csoundd.engine.backends.native.arrays import NativeArrays
from csoundd.engine.backends.native.audio import NativeAudio
from csoundd.engine.backends.native.channels import NativeBus, NativeChannels
from csoundd.engine.backends.native.compiling import NativeCompiling
from csoundd.engine.backends.native.devices import NativeDevices, modules_used
from csoundd.engine.backends.native.graphs import NativeGraphs
from csoundd.engine.backends.native.identity import NativeFigures, NativeInstance, NativeOptions
from csoundd.engine.backends.native.instance import CSOUND_7, Instance
from csoundd.engine.backends.native.mididriver import MidiDriver
from csoundd.engine.backends.native.opened import FileCallbacks
from csoundd.engine.backends.native.pointers import Pointers
from csoundd.engine.backends.native.pvs import NativePvs
from csoundd.engine.backends.native.score import NativeScore
from csoundd.engine.backends.native.sensing import KeyCallbacks
from csoundd.engine.backends.native.tables import NativeMessages, NativeTables
from csoundd.engine.backends.native.values import ValueCallbacks
from csoundd.engine.backends.references import References
from csoundd.engine.backends.surroundings import Surroundings
from csoundd.messages import Frames, Seconds


class NativeBackend:
    """One Csound of the system's library, on the performance thread."""

    name = "native"
    opens_devices = True
    interrupt = None

    def __init__(self, options: BackendOptions, surroundings: Surroundings) -> None:
        workspace = surroundings.workspace
        self._instance = instance = Instance(options)
        self._pointers = pointers = Pointers(instance)
        self._score = NativeScore(instance)
        self._tables = NativeTables(instance)
        references = References(pointers, surroundings.handles)
        arrays = (NativeArrays(instance, pointers, references),) if instance.version >= CSOUND_7 else ()
        self.version = instance.version
        self.families: tuple[Family, ...] = (
            NativeInstance(instance, workspace),
            NativeOptions(instance),
            NativeFigures(instance),
            NativeCompiling(instance, workspace),
            self._score,
            NativeChannels(instance, pointers),
            NativeBus(instance, pointers, references),
            self._tables,
            NativeAudio(instance),
            NativePvs(instance, pointers, references),
            RingBuffers(surroundings.handles),
            NativeDevices(),
            *arrays,
            NativeMessages(instance),
            NativeGraphs(instance, surroundings),
        )
        self.reasons = EVERYWHERE if arrays else CSOUND_6
        self._callbacks = (
            ValueCallbacks(instance, surroundings),
            KeyCallbacks(instance, surroundings),
            FileCallbacks(instance, surroundings),
            MidiDriver(instance, surroundings),
        )
        # Called in every cycle and for every command, so without a frame of Python around the C function.
        self.cycle: Callable[[], int] = partial(instance.c.csoundPerformKsmps, instance.pointer)
        self.score_time: Callable[[], Seconds] = partial(instance.c.csoundGetScoreTime, instance.pointer)
        self.printed = instance.printed

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

    def burst(self, cycles: int, output: npt.NDArray[np.float64] | None) -> tuple[int, int]:
        perform, spout, ksmps = self.cycle, self.spout(), self.ksmps
        for done in range(cycles):
            code = perform()
            if code:
                return done, code
            if output is not None:
                output[done * ksmps : (done + 1) * ksmps] = spout
        return cycles, 0

    def spout(self) -> npt.NDArray[np.float64]:
        return self._instance.spout()

    def spin(self) -> Points:
        return self._instance.spin()

    def table(self, number: int) -> Points | None:
        return self._tables.view(number)

    def modules(self) -> dict[str, str]:
        return modules_used(self._instance)

    def samples(self) -> Frames:
        return self._instance.samples()

    def names(self) -> list[str]:
        return [channel.name for channel in NativeChannels(self._instance, self._pointers).allocatedChannels()]

    def kind(self, name: str) -> str:
        return self._pointers.kind(name)

    def reading(self, name: str) -> Reading | None:
        return self._pointers.reading(name)

    def silence(self) -> None:
        if self._instance.started:
            self._score.silence()

    def reset(self) -> None:
        self._instance.reset()

    def close(self) -> None:
        self._instance.close()
