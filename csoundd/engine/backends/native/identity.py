"""The instance itself, its options and its figures on the system's Csound."""

from __future__ import annotations

from typing import Any

from csoundd.api.instance import Instance as InstanceFamily
from csoundd.api.options import Options
from csoundd.api.performance import Performance
from csoundd.api.values import Json
from csoundd.engine.backends.commandline import checked
from csoundd.engine.backends.native.devices import alone
from csoundd.engine.backends.native.instance import CSOUND_7, Instance
from csoundd.engine.environment import check_name, resolved, shown
from csoundd.engine.workspace import Workspace


class NativeInstance(InstanceFamily):
    """What is asked of the Csound object itself."""

    def __init__(self, instance: Instance, workspace: Workspace) -> None:
        self._instance, self._workspace = instance, workspace
        self._host_data: Json = None

    def version(self) -> int:
        return self._instance.version

    def APIVersion(self) -> int:
        return int(self._instance.wrapper.APIVersion())

    def sizeOfMYFLT(self) -> int:
        return int(self._instance.wrapper.sizeOfMYFLT())

    def hostData(self) -> Json:
        return self._host_data

    def setHostData(self, data: Json) -> None:
        self._host_data = data

    def debug(self) -> bool:
        return bool(self._instance.wrapper.debug())

    def setDebug(self, debug: bool) -> None:
        self._instance.wrapper.setDebug(debug)

    def env(self, name: str) -> str | None:
        check_name(name)
        value: str | None = self._instance.wrapper.env(name)
        return shown(self._workspace, name, value)

    def setGlobalEnv(self, name: str, value: str | None) -> int:
        # It is the front that gives the variable to the next host: with an instance there it is too late.
        resolved(self._workspace, name, value)
        return 0

    def runUtility(self, name: str, args: list[str]) -> int:
        raise alone("csound.runUtility")

    def loadPlugins(self, directory: str) -> int:
        folder = self._workspace.resolve(directory)
        return int(self._instance.wrapper.loadPlugins(str(folder)))

    def cleanup(self) -> None:
        return None


class NativeOptions(Options):
    """Options before the start."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def setOption(self, option: str) -> int:
        return max((int(self._instance.wrapper.setOption(word)) for word in checked(option)), default=0)

    def params(self, params: dict[str, Json] | None = None) -> dict[str, Json]:
        structure: Any = self._instance.wrapper.params()
        values = {name: getattr(structure, name) for name, *_ in structure._fields_}
        return {
            name: value.decode(errors="replace") if isinstance(value, bytes) else value
            for name, value in values.items()
        }

    def setInput(self, name: str) -> None:
        self._instance.wrapper.setOption(f"-i{name}")

    def setOutput(self, name: str, filetype: str = "", format: str = "") -> None:
        self._instance.wrapper.setOutput(name, filetype, format)

    def setMidiInput(self, name: str) -> None:
        self._instance.wrapper.setOption(f"-M{name}")

    def setMidiModule(self, module: str) -> None:
        self._instance.host_midi = False
        self._instance.wrapper.setMidiModule(module)

    def setRTAudioModule(self, module: str) -> None:
        self._instance.wrapper.setRTAudioModule(module)

    def systemSr(self, val: float = 0.0) -> float:
        return float(self._instance.wrapper.systemSr(val))

    def setHostAudioIO(self) -> None:
        self._instance.take_audio()

    def setHostMidiIO(self) -> None:
        self._instance.host_midi = True

    def setHostImplementedMidiIO(self, state: bool) -> None:
        if state:
            self.setHostMidiIO()

    def messageLevel(self) -> int:
        return int(self._instance.wrapper.messageLevel())

    def setMessageLevel(self, messageLevel: int) -> None:
        self._instance.wrapper.setMessageLevel(messageLevel)


class NativeFigures(Performance):
    """The rates of the performance; starting and performing is the host's."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def sr(self) -> float:
        return self._instance.sr

    def kr(self) -> float:
        return float(self._instance.wrapper.kr())

    def ksmps(self) -> int:
        return self._instance.ksmps

    def nchnls(self) -> int:
        return self._instance.nchnls

    def nchnlsInput(self) -> int:
        if self._instance.version >= CSOUND_7:
            return int(self._instance.c.csoundGetChannels(self._instance.pointer, 1))
        return int(self._instance.wrapper.nchnlsInput())

    def get0dBFS(self) -> float:
        return self._instance.zerodbfs

    def A4(self) -> float:
        return float(self._instance.wrapper.A4())

    def currentTimeSamples(self) -> int:
        return int(self._instance.samples())
