"""The instance itself, its options and its figures, as far as they are the same on every engine."""

from __future__ import annotations

from csoundd.api.instance import Instance as InstanceFamily
from csoundd.api.options import Options
from csoundd.api.performance import Performance
from csoundd.api.values import Json
from csoundd.engine.csound.commandline import judged
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.environment import resolved
from csoundd.engine.workspace import Workspace


class SharedInstance(InstanceFamily):
    """What is asked of the Csound object itself."""

    def __init__(self, instance: CsoundInstance, workspace: Workspace) -> None:
        self._instance, self._workspace = instance, workspace
        self._host_data: Json = None

    def version(self) -> int:
        return self._instance.version

    def hostData(self) -> Json:
        return self._host_data

    def setHostData(self, data: Json) -> None:
        self._host_data = data

    def setGlobalEnv(self, name: str, value: str | None) -> int:
        # It is the front that gives the variable to the next host: with an instance there it is too late.
        resolved(self._workspace, name, value)
        return 0

    def cleanup(self) -> None:
        return None


class SharedOptions(Options):
    """Options before the start."""

    def __init__(self, instance: CsoundInstance) -> None:
        self._instance = instance

    def setOption(self, option: str) -> int:
        return self._set(option)

    def setInput(self, name: str) -> None:
        # csoundSetInput overflows in Csound 6: docs/upstream-faults.md#csound6-set-input.
        self._set(["-i", name])

    def setMidiInput(self, name: str) -> None:
        self._set(["-M", name])

    def _set(self, option: str | list[str]) -> int:
        found = judged(option, self._instance.option_policy)
        for warning in found.warnings:
            self._instance.warn(warning)
        return max((self._instance.set_option(word) for word in found.words), default=0)

    def setHostMidiIO(self) -> None:
        self._instance.host_midi = True

    def setHostImplementedMidiIO(self, state: bool) -> None:
        if state:
            self.setHostMidiIO()


class SharedFigures(Performance):
    """The rates of the performance; starting and performing is the host's."""

    def __init__(self, instance: CsoundInstance) -> None:
        self._instance = instance

    def sr(self) -> float:
        return self._instance.sr

    def ksmps(self) -> int:
        return self._instance.ksmps

    def nchnls(self) -> int:
        return self._instance.nchnls

    def get0dBFS(self) -> float:
        return self._instance.zerodbfs

    def currentTimeSamples(self) -> int:
        return int(self._instance.samples())
