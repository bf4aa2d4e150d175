"""The instance itself: options, rates, buffers of audio, tables, and text of the clients among its messages."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from csoundd.api.audio import Audio
from csoundd.api.instance import Instance as InstanceGroup
from csoundd.api.instance import Options
from csoundd.api.messages import Messages
from csoundd.api.orchestra import OpcodeList
from csoundd.api.performance import Performance
from csoundd.api.tables import Tables
from csoundd.api.values import Array, Json, OpcodeInfo, Samples
from csoundd.engine.csound.backend import Points
from csoundd.engine.csound.commandline import judged
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.workspace import Workspace, check_name, resolved
from csoundd.errors import InvalidParams


class InstanceMethods(InstanceGroup):
    """The methods of the Csound object itself."""

    def __init__(self, instance: CsoundInstance, workspace: Workspace) -> None:
        self._instance, self._c, self._workspace = instance, instance.c, workspace
        self._host_data: Json = None

    def APIVersion(self) -> int:
        return self._c.api_version()

    def sizeOfMYFLT(self) -> int:
        return int(self._c.csoundGetSizeOfMYFLT())

    def debug(self) -> bool:
        return bool(self._c.csoundGetDebug())

    def setDebug(self, debug: bool) -> None:
        self._c.csoundSetDebug(int(debug))

    def env(self, name: str) -> str | None:
        check_name(name)
        return self._instance.shown_variable(name, self._c.text(self._c.csoundGetEnv(name)))

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


class OptionMethods(Options):
    """Options before the start."""

    def __init__(self, instance: CsoundInstance) -> None:
        self._instance, self._c = instance, instance.c

    def params(self, params: dict[str, Json] | None = None) -> dict[str, Json]:
        return self._c.params()

    def setOption(self, option: str) -> int:
        return self._set(option)

    def setInput(self, name: str) -> None:
        # csoundSetInput overflows in Csound 6: docs/upstream-faults.md#csound6-set-input.
        self._set(["-i", name])

    def setOutput(self, name: str, filetype: str = "", format: str = "") -> None:
        self._instance.set_output(name, filetype, format)

    def setMidiInput(self, name: str) -> None:
        self._set(["-M", name])

    def _set(self, option: str | list[str]) -> int:
        found = judged(option, self._instance.option_policy)
        for warning in found.warnings:
            self._instance.warn(warning)
        return max((self._instance.set_option(word) for word in found.words), default=0)

    def setMidiModule(self, module: str) -> None:
        self._instance.set_midi_module(module)

    def setRTAudioModule(self, module: str) -> None:
        self._instance.set_audio_module(module)

    def systemSr(self, val: float = 0.0) -> float:
        return float(self._c.csoundSystemSr(val))

    def messageLevel(self) -> int:
        return int(self._c.csoundGetMessageLevel())

    def setMessageLevel(self, messageLevel: int) -> None:
        self._c.csoundSetMessageLevel(messageLevel)

    def setHostAudioIO(self) -> None:
        self._c.take_audio()

    def setHostMidiIO(self) -> None:
        self._instance.use_host_midi()

    def setHostImplementedMidiIO(self, state: bool) -> None:
        if state:
            self.setHostMidiIO()


class RateMethods(Performance):
    """The rates of the performance; starting and performing is the host's."""

    def __init__(self, instance: CsoundInstance) -> None:
        self._instance, self._c = instance, instance.c

    def sr(self) -> float:
        return self._instance.sr

    def kr(self) -> float:
        return float(self._c.csoundGetKr())

    def ksmps(self) -> int:
        return self._instance.ksmps

    def nchnls(self) -> int:
        return self._instance.nchnls

    def nchnlsInput(self) -> int:
        return self._c.channels(of_input=True)

    def A4(self) -> float:
        return float(self._c.csoundGetA4())

    def get0dBFS(self) -> float:
        return self._instance.zerodbfs

    def currentTimeSamples(self) -> int:
        return int(self._instance.samples())


class AudioMethods(Audio):
    """Copies of what goes into the next cycle and what came out of the last."""

    def __init__(self, instance: CsoundInstance) -> None:
        self._instance = instance

    def spin(self) -> Samples:
        return np.array(self._instance.spin()).reshape(-1)

    def spout(self) -> Samples:
        return np.array(self._instance.spout()).reshape(-1)


class MessageMethods(Messages):
    """Text of the clients among Csound's own."""

    def __init__(self, instance: CsoundInstance) -> None:
        self._instance = instance

    def message(self, message: str) -> None:
        self.messageS(0, message)

    def messageS(self, attr: int, message: str) -> None:
        self._instance.say(message, attr)


class OpcodeMethods(OpcodeList):
    """The language that this Csound knows."""

    def __init__(self, instance: CsoundInstance) -> None:
        self._c = instance.c

    def list(self) -> list[OpcodeInfo]:
        return self._c.opcodes()


def bounds(table: int, length: int, start: int, count: int | None) -> tuple[int, int]:
    """The first point and the one after the last, of ``count`` points from ``start`` or of all that follow.

    Raises InvalidParams for points that the table does not have.
    """
    stop = length if count is None else start + count
    if not 0 <= start <= stop <= length:
        raise InvalidParams(f"table {table} has {length} points: there are none from {start} to {stop}", length=length)
    return start, stop


class TableMethods(Tables):
    """Copies of function tables."""

    def __init__(self, instance: CsoundInstance) -> None:
        self._c = instance.c

    def view(self, table: int) -> Points | None:
        """A table where it lies, without its guard point; None where there is none. Good until the next cycle."""
        return self._at(self._c.csoundGetTable, table)

    def _at(self, function: Callable[..., int], table: int) -> Points | None:
        size, address = self._c.out(function, table)
        return None if size < 0 else self._c.view(address, (size,))

    def tableLength(self, table: int) -> int:
        return int(self._c.csoundTableLength(table))

    def table(self, table: int, start: int = 0, count: int | None = None) -> Array | None:
        found = self.view(table)
        return None if found is None else found[slice(*bounds(table, len(found), start, count))].copy()

    def tableArgs(self, table: int) -> Array | None:
        found = self._at(self._c.csoundGetTableArgs, table)
        return None if found is None else found.copy()
