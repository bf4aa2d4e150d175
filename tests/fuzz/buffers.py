"""Finds the ends of a library's fixed buffers: each way into it is given more and more until the library dies.

``python -m tests.fuzz.buffers --engine native:6`` prints the largest size that each way takes, by bisection, and
``limits.py`` of the backends declares what was found. Every attempt is a process of its own that holds a backend
without our checks before it; the allocator looks for what was written beyond the end of a block.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from csoundd.engine.csound.backend import BackendContext, BackendOptions, Wanted
from csoundd.engine.csound.handles import Handles
from csoundd.engine.csound.library import NativeLibrary
from csoundd.engine.csound.native.libraries import chosen
from csoundd.engine.csound.native.plugins import plugin_variables
from csoundd.engine.csound.registry import BUILT_IN, spec_at
from csoundd.engine.host.calls import table_of, takes_session
from csoundd.engine.workspace import Workspace
from csoundd.errors import CsounddError
from tests.fuzz.extremes import ORCHESTRA

SIZES: Final = (1, 60, 127, 300, 1000, 1900, 2100, 5000, 9000, 17_000, 33_000, 70_000, 140_000, 300_000)
CHECKED: Final = {"LD_PRELOAD": "libc_malloc_debug.so.0", "GLIBC_TUNABLES": "glibc.malloc.check=3"}
PATIENCE: Final = 60.0
CYCLES: Final = 30
PRECISION: Final = 100
"""What is found is right to a hundredth, and where it is below that to the number."""

REFUSED: Final = "refused"

Call = tuple[str, list[Any]]


@dataclass(frozen=True)
class Way:
    """One way into the library: what is called, with something of the size asked for in it, and in which state."""

    calls: Callable[[int], list[Call]]
    fresh: bool = False


def _named(method: str, *rest: object) -> Callable[[int], list[Call]]:
    return lambda size: [(method, ["n" * size, *rest])]


WAYS: Final[dict[str, Way]] = {
    "numbers of an event": Way(lambda n: [("csound.scoreEvent", ["i", [1, 0, 0.01, *[0.5] * (n - 3)][:n]])]),
    "numbers of an event, not waited for": Way(
        lambda n: [("csound.scoreEventAsync", ["i", [1, 0, 0.01, *[0.5] * (n - 3)][:n]])]
    ),
    "numbers of an event before the start": Way(
        lambda n: [("csound.scoreEvent", ["i", [1, 0, 0.01, *[0.5] * (n - 3)][:n]])], fresh=True
    ),
    "numbers of an f event": Way(lambda n: [("csound.scoreEvent", ["f", [9, 0, 16, -2, *[0.5] * (n - 4)][:n]])]),
    "texts of an event": Way(lambda n: [("csound.scoreEvent", ["i", ["Quoted", 0, 0.01, *["t"] * n]])]),
    "length of a text of an event": Way(lambda n: [("csound.scoreEvent", ["i", ["Quoted", 0, 0.01, "t" * n]])]),
    "length of two texts of an event": Way(
        lambda n: [("csound.scoreEvent", ["i", ["Quoted", 0, 0.01, "t" * n, "u" * n]])]
    ),
    "name of an instrument in an event": Way(lambda n: [("csound.scoreEvent", ["i", ["n" * n, 0, 0.01]])]),
    "p-fields of a line": Way(lambda n: [("csound.eventString", ["i 1 0 0.01" + " 1" * (n - 3)])]),
    "p-fields of a line before the start": Way(
        lambda n: [("csound.eventString", ["i 1 0 0.01" + " 1" * (n - 3)])], fresh=True
    ),
    "length of a number in a line": Way(lambda n: [("csound.eventString", ["i 1 0 0." + "1" * n])]),
    "length of an expression in a line": Way(lambda n: [("csound.eventString", ["i 1 0 [" + "1+" * n + "1]"])]),
    "nesting of an expression in a line": Way(
        lambda n: [("csound.eventString", ["i 1 0 [" + "(" * n + "1" + ")" * n + "]"])]
    ),
    "length of a comment in a line": Way(lambda n: [("csound.eventString", ["i 1 0 0.01 ; " + "c" * n])]),
    "length of a macro's name in a line": Way(lambda n: [("csound.eventString", ["i 1 0 0.01 $" + "M" * n])]),
    "blanks in a line": Way(lambda n: [("csound.eventString", ["i 1 0 " + " " * n + "0.01"])]),
    "length of a text of a line": Way(lambda n: [("csound.eventString", [f'i "Quoted" 0 0.01 "{"t" * n}"'])]),
    "lines at once": Way(lambda n: [("csound.eventString", ["i 1 0 0.001\n" * n])]),
    "length of a word in a line": Way(lambda n: [("csound.eventString", ["n" * n])]),
    "messages not waited for": Way(lambda n: [("csound.inputMessageAsync", ["i 1 0 0.001 " + "1 " * (n // 2)])]),
    "name of a control channel": Way(_named("csound.setControlChannel", 0.5)),
    "name of a string channel": Way(_named("csound.setStringChannel", "x")),
    "name of an audio channel": Way(_named("csound.setAudioChannel", [0.5] * 64)),
    "name of a channel asked for": Way(_named("csound.channelInfo")),
    "name of a spectral channel": Way(_named("csound.initPvsChannel", 64, 16, 64, "hann", 0)),
    "name of an array channel": Way(_named("csound.initArrayChannel", "k", [4])),
    "text of a string channel": Way(lambda n: [("csound.setStringChannel", ["title", "t" * n])]),
    "text of a string channel that is read": Way(
        lambda n: [
            ("csound.setStringChannel", ["mine", "t" * n]),
            ("csound.compileOrc", ['instr 9\nSx chnget "mine"\nprints Sx\nendin\nschedule 9, 0, 0.01\n']),
            ("csound.stringChannel", ["mine"]),
        ]
    ),
    "attributes of hints": Way(
        lambda n: [
            ("csound.setControlChannel", ["hinted", 0.5]),
            ("csound.setControlChannelHints", ["hinted", None, 2, 0.5, 0.0, 1.0, 0, 0, 0, 0, "a" * n]),
            ("csound.allocatedChannels", []),
        ]
    ),
    "size of a spectral channel": Way(
        lambda n: [("csound.initPvsChannel", ["wide", n, n, n, "hann", 0]), ("csound.pvsData", ["wide"])]
    ),
    "macro in an option": Way(lambda n: [("csound.setOption", ["--omacro:A=" + "x" * n])], fresh=True),
    "macro's name in an option": Way(lambda n: [("csound.setOption", ["--omacro:" + "A" * n + "=1"])], fresh=True),
    "variable in an option": Way(lambda n: [("csound.setOption", ["--env:SSDIR=" + "x" * n])], fresh=True),
    "variable's name in an option": Way(lambda n: [("csound.setOption", ["--env:" + "A" * n + "=x"])], fresh=True),
    "title in an option": Way(lambda n: [("csound.setOption", ["-+id_title=" + "x" * n])], fresh=True),
    "unknown short option": Way(lambda n: [("csound.setOption", ["-" + "d" * n])], fresh=True),
    "input file": Way(_named("csound.setInput"), fresh=True),
    "output file": Way(_named("csound.setOutput", "wav", "short"), fresh=True),
    "type of the output": Way(lambda n: [("csound.setOutput", ["x.wav", "t" * n, "short"])], fresh=True),
    "format of the output": Way(lambda n: [("csound.setOutput", ["x.wav", "wav", "f" * n])], fresh=True),
    "MIDI input": Way(_named("csound.setMidiInput"), fresh=True),
    "MIDI module": Way(_named("csound.setMidiModule"), fresh=True),
    "audio module": Way(_named("csound.setRTAudioModule"), fresh=True),
    "name of a variable": Way(_named("csound.env")),
    "plug-in folder": Way(lambda n: [("csound.loadPlugins", ["n/" * (n // 2)])], fresh=True),
    "orchestra": Way(lambda n: [("csound.compileOrc", ["gi_x = 1 \n" * n])]),
    "line of an orchestra": Way(lambda n: [("csound.compileOrc", ["gi_x = 1" + "+1" * n])]),
    "identifier in an orchestra": Way(lambda n: [("csound.compileOrc", ["gi" + "x" * n + " = 1"])]),
    "instrument's name in an orchestra": Way(lambda n: [("csound.compileOrc", ["instr N" + "x" * n + "\nendin"])]),
    "opcode's name in an orchestra": Way(lambda n: [("csound.compileOrc", ["opcode N" + "x" * n + ", 0, 0\nendop"])]),
    "text in an orchestra": Way(lambda n: [("csound.compileOrc", ['gSx = "' + "t" * n + '"'])]),
    "raw text in an orchestra": Way(lambda n: [("csound.compileOrc", ["gSx = {{" + "t" * n + "}}"])]),
    "comment in an orchestra": Way(lambda n: [("csound.compileOrc", ["/*" + "t" * n + "*/"])]),
    "number in an orchestra": Way(lambda n: [("csound.compileOrc", ["gi_x = " + "1" * n])]),
    "macro's name in an orchestra": Way(lambda n: [("csound.compileOrc", ["#define M" + "x" * n + " #1#\n"])]),
    "macro's body in an orchestra": Way(lambda n: [("csound.compileOrc", ["#define M #" + "1 " * n + "#\n"])]),
    "macro that is not there": Way(lambda n: [("csound.compileOrc", ["gi_x = $" + "M" * n + "\n"])]),
    "include in an orchestra": Way(lambda n: [("csound.compileOrc", ['#include "' + "n" * n + '"\n'])]),
    "nesting in an orchestra": Way(lambda n: [("csound.compileOrc", ["gi_x = " + "(" * n + "1" + ")" * n])]),
    "if in an orchestra": Way(lambda n: [("csound.compileOrc", ["if 1 == 1 then\n" * n + "endif\n" * n])]),
    "expression": Way(lambda n: [("csound.evalCode", ["return 1" + "+1" * n])]),
    "line of a CSD": Way(
        lambda n: [("csound.compileCsdText", [_csd("gi_x = 1 ;" + "c" * n, "i 1 0 0.01")])], fresh=True
    ),
    "line of a CSD's score": Way(
        lambda n: [("csound.compileCsdText", [_csd("instr 1\nendin", "i 1 0 0.01" + " 1" * n)])], fresh=True
    ),
    "line of a CSD's options": Way(lambda n: [("csound.compileCsdText", [_csd("", "", "-d " * n)])], fresh=True),
    "message": Way(_named("csound.message")),
    "name of an instrument asked for": Way(_named("csound.instrNumber")),
    "name of an instrument that ends": Way(_named("csound.killInstance", 0, True)),
}


def _csd(orchestra: str, score: str, options: str = "-d") -> str:
    return (
        f"<CsoundSynthesizer>\n<CsOptions>\n{options}\n</CsOptions>\n<CsInstruments>\n{orchestra}\n</CsInstruments>\n"
        f"<CsScore>\n{score}\n</CsScore>\n</CsoundSynthesizer>\n"
    )


def attempt(library: NativeLibrary | None, way: Way, sizes: list[int]) -> None:
    """Go this way with one size after the other, in this process, and print each that came to its end."""
    context = BackendContext(Workspace(str(Path.cwd())), Handles(1), lambda _topic, _data: None)
    kind = "wasm" if library is None else "native"
    backend = spec_at(BUILT_IN[kind]).backend(BackendOptions("step", library=library), context)
    table = table_of(backend.groups)
    for size in sizes:
        backend.reset()
        if not way.fresh:
            table["csound.compileOrc"](ORCHESTRA, True)
            backend.start()
        for method, args in way.calls(size):
            function = table.get(method)
            if function is None:
                print("unsupported", flush=True)  # noqa: T201
                return
            try:
                function(*args, **({"session": "probe"} if takes_session(function) else {}))
            except CsounddError as refusal:
                # Nothing of this size comes to the library, so nothing is known of it.
                print(f"{REFUSED} {size} {str(refusal)[:80]!r}", flush=True)  # noqa: T201
                return
        backend.start()
        if backend.started:
            for _ in range(CYCLES):
                backend.burst(1, None)
        backend.printed(Wanted(CYCLES, 0, CYCLES))
        print(size, flush=True)  # noqa: T201
    backend.reset()
    backend.close()


def largest(engine: str, name: str) -> str:
    """The largest size that the way ``name`` takes, in words."""
    library = None if engine == "wasm" else chosen(engine)
    assert not hasattr(library, "problem")
    there, refused = _survivors(engine, library, name, list(SIZES))
    if there == ["unsupported"]:
        return "not on this engine"
    good = int(there[-1]) if there else 0
    if refused:
        return f"{good}, then {refused}"
    if good == SIZES[-1]:
        return f"no end below {good}"
    bad = SIZES[SIZES.index(good) + 1] if good else SIZES[0]
    while bad - good > max(1, good // PRECISION):
        middle = (good + bad) // 2
        if _survivors(engine, library, name, [middle])[0]:
            good = middle
        else:
            bad = middle
    return str(good)


def _survivors(engine: str, library: NativeLibrary | None, name: str, sizes: list[int]) -> tuple[list[str], str]:
    """Those of ``sizes`` that a process went through one after the other, and how it refused the next, if it did."""
    command = [sys.executable, "-m", "tests.fuzz.buffers", "--engine", engine]
    command += ["--way", name, "--sizes", json.dumps(sizes)]
    environment = os.environ | {"LIBCSOUND_INSTALL": "0", "CS_LANG": "none"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    if library is not None:
        environment |= CHECKED | {"LIBCSOUNDPATH": library.path} | plugin_variables(library, os.environ, "")
    with tempfile.TemporaryDirectory() as folder, Path(folder, "output").open("w+b") as output:
        to = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.DEVNULL}
        try:
            ended = subprocess.run(command, cwd=folder, env=environment, **to, timeout=PATIENCE, check=False).returncode  # type: ignore[call-overload]
        except subprocess.TimeoutExpired:
            ended = 1
        output.seek(0)
        lines = output.read().decode(errors="replace").splitlines()
    came = [line for line in lines if line.isdigit() or line == "unsupported"]
    refused = next((line for line in lines if line.startswith(REFUSED)), "")
    # Where all came to their end and the process did not, something had been damaged before.
    return (came[:-1] if ended and came and (refused or came[-1] == str(sizes[-1])) else came), refused


def main() -> None:
    """Print a table, or be one attempt."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.buffers", description=__doc__)
    parser.add_argument("--engine", default="native")
    parser.add_argument("--way", default="")
    parser.add_argument("--sizes", type=json.loads)
    wanted = parser.parse_args()
    if wanted.sizes:
        library = None if wanted.engine == "wasm" else chosen(wanted.engine)
        attempt(library, WAYS[wanted.way], wanted.sizes)
        return
    for name in WAYS:
        if wanted.way in name:
            print(f"{name:45} {largest(wanted.engine, name)}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
