"""The native backend: its families, and the calls of the performance loop."""

from __future__ import annotations

import ctypes
from typing import Final

import numpy as np
import numpy.typing as npt

from csoundd.api.declare import Family
from csoundd.engine.backends.backend import BackendOptions, Reading
from csoundd.engine.backends.native.channels import NativeBus, NativeChannels
from csoundd.engine.backends.native.compiling import NativeCompiling
from csoundd.engine.backends.native.identity import NativeFigures, NativeInstance, NativeOptions
from csoundd.engine.backends.native.instance import CSOUND_7, Instance
from csoundd.engine.backends.native.pointers import Pointers
from csoundd.engine.backends.native.score import NativeScore
from csoundd.engine.backends.native.tables import NativeMessages, NativeTables
from csoundd.engine.backends.surroundings import Surroundings
from csoundd.messages import Frames, Seconds

NEEDS_CSOUND_7: Final = "the C library of Csound 6 has no such function"
ARRAYS: Final = (
    "initArrayChannel",
    "arrayData",
    "arrayDataDimensions",
    "arrayDataSizes",
    "arrayDataType",
    "setArrayData",
)

REFUSED: Final = {
    "csound.UDPServerStart": "Csound's own network port lets anybody run code; clients compile over csoundd",
    "csound.appendOpcode": "a C function cannot travel; define a user-defined opcode with csound.compileOrc",
}


class NativeBackend:
    """One Csound of the system's library, on the performance thread."""

    name = "native"

    def __init__(self, options: BackendOptions, surroundings: Surroundings) -> None:
        workspace = surroundings.workspace
        self._instance = instance = Instance(options)
        self._pointers = pointers = Pointers(instance)
        self._score = NativeScore(instance)
        self.version = instance.version
        self.families: tuple[Family, ...] = (
            NativeInstance(instance, workspace),
            NativeOptions(instance),
            NativeFigures(instance),
            NativeCompiling(instance, workspace),
            self._score,
            NativeChannels(instance, pointers),
            NativeBus(instance, pointers),
            NativeTables(instance),
            NativeMessages(instance),
        )
        self.reasons = REFUSED | (
            {} if self.version >= CSOUND_7 else {f"csound.{name}": NEEDS_CSOUND_7 for name in ARRAYS}
        )
        self._perform = instance.c.csoundPerformKsmps
        self._pointer = ctypes.c_void_p(instance.pointer.value)

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

    def cycle(self) -> int:
        return self._perform(self._pointer)  # type: ignore[no-any-return]

    def spout(self) -> npt.NDArray[np.float64]:
        return self._instance.spout()

    def score_time(self) -> Seconds:
        return self._instance.score_time()

    def samples(self) -> Frames:
        return self._instance.samples()

    def printed(self) -> list[tuple[str, int]]:
        return self._instance.printed()

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
