"""The instance itself, its options and its figures on the embedded engine."""

from __future__ import annotations

from typing import Final

from csoundd.api.devices import Devices
from csoundd.api.values import AudioDevice, Json, MidiDevice
from csoundd.engine.csound.identity import SharedFigures, SharedInstance, SharedOptions
from csoundd.engine.csound.portaudio import sound_cards
from csoundd.engine.csound.wasm.instance import Instance
from csoundd.engine.csound.wasm.parameters import parameters
from csoundd.engine.environment import check_name
from csoundd.engine.workspace import Workspace
from csoundd.messages import Drive

NO_MODULE: Final = ("", "", -1)


class WasmInstance(SharedInstance):
    """What is asked of the Csound object itself."""

    def __init__(self, instance: Instance, workspace: Workspace) -> None:
        super().__init__(instance, workspace)
        self._instance: Instance = instance

    def APIVersion(self) -> int:
        return self._instance.version

    def sizeOfMYFLT(self) -> int:
        return int(self._instance.c.csoundGetSizeOfMYFLT())

    def debug(self) -> bool:
        return bool(self._instance.c.csoundGetDebug(self._instance.cs))

    def setDebug(self, debug: bool) -> None:
        self._instance.c.csoundSetDebug(self._instance.cs, int(debug))

    def env(self, name: str) -> str | None:
        check_name(name)
        with self._instance.machine.lend(name) as text:
            pointer = int(self._instance.c.csoundGetEnv(self._instance.cs, text))
        return self._instance.machine.text_at(pointer).removeprefix("/") or None


class WasmOptions(SharedOptions):
    """Options before the start."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._instance: Instance = instance
        self._c, self._cs = instance.c, instance.cs

    def params(self, params: dict[str, Json] | None = None) -> dict[str, Json]:
        return parameters(self._instance)

    def setOutput(self, name: str, filetype: str = "", format: str = "") -> None:
        if self._instance.plays_on(name):
            self._instance.set_option(f"-o{name}")
        else:
            self._instance.warn(f"output to {name!r} is ignored: csoundd owns the audio on this engine\n")

    def setMidiModule(self, module: str) -> None:
        self._instance.host_midi = False
        self._instance.set_option(f"-+rtmidi={module}")

    def setRTAudioModule(self, module: str) -> None:
        self._instance.set_option(f"-+rtaudio={module}")

    def systemSr(self, val: float = 0.0) -> float:
        return float(self._c.csoundSystemSr(self._cs, val))

    def setHostAudioIO(self) -> None:
        self._c.csoundSetHostAudioIO(self._cs)

    def messageLevel(self) -> int:
        return int(self._c.csoundGetMessageLevel(self._cs))

    def setMessageLevel(self, messageLevel: int) -> None:
        self._c.csoundSetMessageLevel(self._cs, messageLevel)


class WasmFigures(SharedFigures):
    """The rates of the performance; starting and performing is the host's."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._instance: Instance = instance

    def kr(self) -> float:
        return float(self._instance.c.csoundGetKr(self._instance.cs))

    def nchnlsInput(self) -> int:
        return int(self._instance.c.csoundGetChannels(self._instance.cs, 1))

    def A4(self) -> float:
        return float(self._instance.c.csoundGetA4(self._instance.cs))


class WasmDevices(Devices):
    """There is no hardware in the box: no modules, and no devices but those on which the host plays."""

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
