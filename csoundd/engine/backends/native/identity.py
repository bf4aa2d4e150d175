"""The instance itself, its options and its figures on the system's Csound."""

from __future__ import annotations

from typing import Any

from csoundd.api.values import Json
from csoundd.engine.backends.identity import SharedFigures, SharedInstance, SharedOptions
from csoundd.engine.backends.native.devices import alone
from csoundd.engine.backends.native.instance import CSOUND_7, Instance
from csoundd.engine.environment import check_name, shown
from csoundd.engine.workspace import Workspace


class NativeInstance(SharedInstance):
    """What is asked of the Csound object itself."""

    def __init__(self, instance: Instance, workspace: Workspace) -> None:
        super().__init__(instance, workspace)
        self._instance: Instance = instance

    def APIVersion(self) -> int:
        return int(self._instance.wrapper.APIVersion())

    def sizeOfMYFLT(self) -> int:
        return int(self._instance.wrapper.sizeOfMYFLT())

    def debug(self) -> bool:
        return bool(self._instance.wrapper.debug())

    def setDebug(self, debug: bool) -> None:
        self._instance.wrapper.setDebug(debug)

    def env(self, name: str) -> str | None:
        check_name(name)
        value: str | None = self._instance.wrapper.env(name)
        return shown(self._workspace, name, value)

    def runUtility(self, name: str, args: list[str]) -> int:
        raise alone("csound.runUtility")

    def loadPlugins(self, directory: str) -> int:
        folder = self._workspace.resolve(directory)
        return int(self._instance.wrapper.loadPlugins(str(folder)))


class NativeOptions(SharedOptions):
    """Options before the start."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._instance: Instance = instance

    def params(self, params: dict[str, Json] | None = None) -> dict[str, Json]:
        structure: Any = self._instance.wrapper.params()
        values = {name: getattr(structure, name) for name, *_ in structure._fields_}
        return {
            name: value.decode(errors="replace") if isinstance(value, bytes) else value
            for name, value in values.items()
        }

    def setOutput(self, name: str, filetype: str = "", format: str = "") -> None:
        self._instance.wrapper.setOutput(name, filetype, format)

    def setMidiModule(self, module: str) -> None:
        self._instance.host_midi = False
        self._instance.wrapper.setMidiModule(module)

    def setRTAudioModule(self, module: str) -> None:
        self._instance.wrapper.setRTAudioModule(module)

    def systemSr(self, val: float = 0.0) -> float:
        return float(self._instance.wrapper.systemSr(val))

    def setHostAudioIO(self) -> None:
        self._instance.take_audio()

    def messageLevel(self) -> int:
        return int(self._instance.wrapper.messageLevel())

    def setMessageLevel(self, messageLevel: int) -> None:
        self._instance.wrapper.setMessageLevel(messageLevel)


class NativeFigures(SharedFigures):
    """The rates of the performance; starting and performing is the host's."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._instance: Instance = instance

    def kr(self) -> float:
        return float(self._instance.wrapper.kr())

    def nchnlsInput(self) -> int:
        if self._instance.version >= CSOUND_7:
            return int(self._instance.c.csoundGetChannels(self._instance.pointer, 1))
        return int(self._instance.wrapper.nchnlsInput())

    def A4(self) -> float:
        return float(self._instance.wrapper.A4())
