"""The instance itself, its options and its figures on the system's Csound."""

from __future__ import annotations

import os

from csoundd.api.values import Json
from csoundd.engine.csound.identity import SharedFigures, SharedInstance, SharedOptions
from csoundd.engine.csound.native.devices import alone
from csoundd.engine.csound.native.instance import Instance
from csoundd.engine.environment import check_name, shown
from csoundd.engine.workspace import Workspace


class NativeInstance(SharedInstance):
    """What is asked of the Csound object itself."""

    def __init__(self, instance: Instance, workspace: Workspace) -> None:
        super().__init__(instance, workspace)
        self._instance: Instance = instance

    def APIVersion(self) -> int:
        return self._instance.c.api_version()

    def sizeOfMYFLT(self) -> int:
        return int(self._instance.c.library.call("csoundGetSizeOfMYFLT"))

    def debug(self) -> bool:
        return bool(self._instance.c.csoundGetDebug())

    def setDebug(self, debug: bool) -> None:
        self._instance.c.csoundSetDebug(int(debug))

    def env(self, name: str) -> str | None:
        check_name(name)
        value: bytes | None = self._instance.c.csoundGetEnv(name.encode())
        return shown(self._workspace, name, None if value is None else value.decode(errors="replace"))

    def runUtility(self, name: str, args: list[str]) -> int:
        raise alone("csound.runUtility")

    def loadPlugins(self, directory: str) -> int:
        folder = self._workspace.resolve(directory)
        return int(self._instance.c.csoundLoadPlugins(os.fsencode(folder)))


class NativeOptions(SharedOptions):
    """Options before the start."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._instance: Instance = instance

    def params(self, params: dict[str, Json] | None = None) -> dict[str, Json]:
        structure = self._instance.c.params()
        names = (name for name, *_ in structure._fields_ if not name.startswith("_"))
        values = {name: getattr(structure, name) for name in names}
        return {
            name: value.decode(errors="replace") if isinstance(value, bytes) else value
            for name, value in values.items()
        }

    def setOutput(self, name: str, filetype: str = "", format: str = "") -> None:
        self._instance.c.set_output(name, filetype, format)

    def setMidiModule(self, module: str) -> None:
        self._instance.host_midi = False
        self._instance.c.csoundSetMIDIModule(module.encode())

    def setRTAudioModule(self, module: str) -> None:
        self._instance.c.csoundSetRTAudioModule(module.encode())

    def systemSr(self, val: float = 0.0) -> float:
        return float(self._instance.c.csoundSystemSr(val))

    def setHostAudioIO(self) -> None:
        self._instance.c.take_audio()

    def messageLevel(self) -> int:
        return int(self._instance.c.csoundGetMessageLevel())

    def setMessageLevel(self, messageLevel: int) -> None:
        self._instance.c.csoundSetMessageLevel(messageLevel)


class NativeFigures(SharedFigures):
    """The rates of the performance; starting and performing is the host's."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._instance: Instance = instance

    def kr(self) -> float:
        return float(self._instance.c.csoundGetKr())

    def nchnlsInput(self) -> int:
        return self._instance.c.channels(of_input=True)

    def A4(self) -> float:
        return float(self._instance.c.csoundGetA4())
