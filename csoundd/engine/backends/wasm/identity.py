"""The instance itself, its options and its figures on the embedded engine."""

from __future__ import annotations

from typing import Final

from csoundd.api.devices import Devices
from csoundd.api.instance import Instance as InstanceFamily
from csoundd.api.options import Options
from csoundd.api.performance import Performance
from csoundd.api.values import AudioDevice, Json, MidiDevice
from csoundd.engine.backends.commandline import checked
from csoundd.engine.backends.portaudio import sound_cards
from csoundd.engine.backends.wasm.instance import Instance
from csoundd.engine.backends.wasm.parameters import parameters
from csoundd.engine.environment import check_name, resolved
from csoundd.engine.workspace import Workspace
from csoundd.messages import Drive

NO_MODULE: Final = ("", "", -1)


class WasmInstance(InstanceFamily):
    """What is asked of the Csound object itself."""

    def __init__(self, instance: Instance, workspace: Workspace) -> None:
        self._instance, self._workspace = instance, workspace
        self._host_data: Json = None

    def version(self) -> int:
        return self._instance.version

    def APIVersion(self) -> int:
        return self._instance.version

    def sizeOfMYFLT(self) -> int:
        return int(self._instance.c.csoundGetSizeOfMYFLT())

    def hostData(self) -> Json:
        return self._host_data

    def setHostData(self, data: Json) -> None:
        self._host_data = data

    def debug(self) -> bool:
        return bool(self._instance.c.csoundGetDebug(self._instance.cs))

    def setDebug(self, debug: bool) -> None:
        self._instance.c.csoundSetDebug(self._instance.cs, int(debug))

    def env(self, name: str) -> str | None:
        check_name(name)
        with self._instance.machine.lend(name) as text:
            pointer = int(self._instance.c.csoundGetEnv(self._instance.cs, text))
        return self._instance.machine.text_at(pointer).removeprefix("/") or None

    def setGlobalEnv(self, name: str, value: str | None) -> int:
        # It is the front that gives the variable to the next host: with an instance there it is too late.
        resolved(self._workspace, name, value)
        return 0

    def cleanup(self) -> None:
        return None


class WasmOptions(Options):
    """Options before the start."""

    def __init__(self, instance: Instance) -> None:
        self._instance, self._c, self._cs = instance, instance.c, instance.cs

    def setOption(self, option: str) -> int:
        return max((self._instance.set_option(word) for word in checked(option)), default=0)

    def params(self, params: dict[str, Json] | None = None) -> dict[str, Json]:
        return parameters(self._instance)

    def setInput(self, name: str) -> None:
        self._instance.set_option(f"-i{name}")

    def setOutput(self, name: str, filetype: str = "", format: str = "") -> None:
        if self._instance.plays_on(name):
            self._instance.set_option(f"-o{name}")
        else:
            self._instance.warn(f"output to {name!r} is ignored: csoundd owns the audio on this engine\n")

    def setMidiInput(self, name: str) -> None:
        self._instance.set_option(f"-M{name}")

    def setMidiModule(self, module: str) -> None:
        self._instance.host_midi = False
        self._instance.set_option(f"-+rtmidi={module}")

    def setRTAudioModule(self, module: str) -> None:
        self._instance.set_option(f"-+rtaudio={module}")

    def systemSr(self, val: float = 0.0) -> float:
        return float(self._c.csoundSystemSr(self._cs, val))

    def setHostAudioIO(self) -> None:
        self._c.csoundSetHostAudioIO(self._cs)

    def setHostMidiIO(self) -> None:
        self._instance.host_midi = True

    def setHostImplementedMidiIO(self, state: bool) -> None:
        if state:
            self.setHostMidiIO()

    def messageLevel(self) -> int:
        return int(self._c.csoundGetMessageLevel(self._cs))

    def setMessageLevel(self, messageLevel: int) -> None:
        self._c.csoundSetMessageLevel(self._cs, messageLevel)


class WasmFigures(Performance):
    """The rates of the performance; starting and performing is the host's."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def sr(self) -> float:
        return self._instance.sr

    def kr(self) -> float:
        return float(self._instance.c.csoundGetKr(self._instance.cs))

    def ksmps(self) -> int:
        return self._instance.ksmps

    def nchnls(self) -> int:
        return self._instance.nchnls

    def nchnlsInput(self) -> int:
        return int(self._instance.c.csoundGetChannels(self._instance.cs, 1))

    def get0dBFS(self) -> float:
        return self._instance.zerodbfs

    def A4(self) -> float:
        return float(self._instance.c.csoundGetA4(self._instance.cs))

    def currentTimeSamples(self) -> int:
        return int(self._instance.samples())


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
