"""A throw-away process: it asks this machine's drivers, or runs a utility of Csound's, and may crash of it.

Started by the front with what to do as its argument. It writes the result to its standard output and nothing else
there; what Csound and the drivers print goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any, Final

from csoundd.engine.csound.native.binding import NativeBinding, open_library
from csoundd.engine.csound.native.instance import bound
from csoundd.engine.host.system import die_with_parent

NO_SOUND: Final = ("-n", "-d")
"""What keeps Csound from opening a device while it is asked which there are."""


def main() -> None:
    """Do what the argument says."""
    told: dict[str, Any] = json.loads(sys.argv[1])
    die_with_parent(told["parent"])
    answer = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    call: Callable[..., object] = CALLS[told["call"]]
    result = call(bound(open_library(os.environ["LIBCSOUNDPATH"])), *told["args"])
    os.write(answer, json.dumps(result).encode())
    # Csound's own ending would print a farewell, and drivers have crashed in theirs.
    os._exit(0)


def modules(csound: NativeBinding) -> list[tuple[str, str]]:
    """Name and type of every module."""
    return [(module.name, module.kind) for module in csound.modules()]


def silent(csound: NativeBinding, *options: str) -> None:
    """Set options, and those that keep Csound from opening a device."""
    for option in (*NO_SOUND, *options):
        csound.csoundSetOption(option)


def audio_devices(csound: NativeBinding, module: str, output: bool) -> list[dict[str, object]]:
    """The devices of an audio module."""
    silent(csound, *([f"-+rtaudio={module}"] if module else []))
    return [
        {
            "deviceName": text(device.device_name),
            "deviceId": text(device.device_id),
            "rtModule": text(device.rt_module),
            "maxNchnls": device.max_nchnls,
            "isOutput": bool(device.is_output),
        }
        for device in csound.audio_devices(output=output)
    ]


def midi_devices(csound: NativeBinding, module: str, output: bool) -> list[dict[str, object]]:
    """The devices of a MIDI module."""
    silent(csound, *([f"-+rtmidi={module}"] if module else []))
    return [
        {
            "deviceName": text(device.device_name),
            "interfaceName": text(device.interface_name),
            "deviceId": text(device.device_id),
            "midiModule": text(device.midi_module),
            "isOutput": bool(device.is_output),
        }
        for device in csound.midi_devices(output=output)
    ]


def text(name: bytes) -> str:
    """A name of the driver's, whatever its encoding."""
    return name.decode(errors="replace")


def utility(csound: NativeBinding, name: str, args: list[str]) -> int:
    """The return code of a utility."""
    code = csound.run_utility(name, args)
    sys.stderr.flush()
    return code


def opcodes(csound: NativeBinding) -> list[str]:
    """The names of all opcodes, those of plug-ins too, which Csound 7 loads when it first compiles."""
    silent(csound)
    csound.compile_orc("gi_nothing = 0\n")
    return sorted({opcode.name for opcode in csound.opcodes()})


CALLS: Final[dict[str, Callable[..., object]]] = {
    "modules": modules,
    "audio": audio_devices,
    "midi": midi_devices,
    "utility": utility,
    "opcodes": opcodes,
}

if __name__ == "__main__":
    main()
