"""A throw-away process: it asks this machine's drivers, or runs a utility of Csound's, and may crash of it.

Started by the front with what to do as its argument. It writes the result to its standard output and nothing else
there; what Csound and the drivers print goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final, cast

from csoundd.engine.backends.native.library import load
from csoundd.engine.host.system import die_with_parent

NO_SOUND: Final = ("-n", "-d")
"""What keeps Csound from opening a device while it is asked which there are."""


def main() -> None:
    """Do what the argument says."""
    told = cast("dict[str, Any]", json.loads(sys.argv[1]))
    die_with_parent(told["parent"])
    answer = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    errand: Callable[..., object] = ERRANDS[told["errand"]]
    result = errand(*told["args"])
    os.write(answer, json.dumps(result).encode())
    # Csound's own ending would print a farewell, and drivers have crashed in theirs.
    os._exit(0)


def csound(*options: str) -> Any:
    """A Csound of this process's own, of the library that whoever started it has chosen."""
    made = load(os.environ["LIBCSOUNDPATH"]).Csound()
    for option in options:
        made.setOption(option)
    return made


def modules() -> list[tuple[str, str]]:
    """Name and type of every module."""
    return list(csound().modules())


def audio_devices(module: str, output: bool) -> list[dict[str, object]]:
    """The devices of an audio module."""
    made = csound(*NO_SOUND, *([f"-+rtaudio={module}"] if module else []))
    return [asdict(device) for device in made.audioDevList(output)]


def midi_devices(module: str, output: bool) -> list[dict[str, object]]:
    """The devices of a MIDI module."""
    made = csound(*NO_SOUND, *([f"-+rtmidi={module}"] if module else []))
    return [asdict(device) for device in made.midiDevList(output)]


def utility(name: str, args: list[str]) -> int:
    """What a utility returned."""
    made = csound()
    code = int(made.runUtility(name, args))
    sys.stderr.flush()
    return code


def opcodes() -> list[str]:
    """The names of all opcodes, those of plug-ins too; none where the library does not list them (Csound 7)."""
    made = csound()
    listed = made.getOpcodes() if hasattr(made, "getOpcodes") else []
    return sorted({opcode.name.partition(".")[0] for opcode in listed})


ERRANDS: Final[dict[str, Callable[..., object]]] = {
    "modules": modules,
    "audio": audio_devices,
    "midi": midi_devices,
    "utility": utility,
    "opcodes": opcodes,
}

if __name__ == "__main__":
    main()
