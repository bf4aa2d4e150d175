"""One program of somebody else's, as it is, on libcsound in its own process or on the drop-in over a daemon of its own.

    python -m tests.dropin.program local|remote ENGINE SECONDS PROGRAM [ARGUMENT...]

The program finds ``libcsound``, and ``ctcsound`` with its names, which are other ones for the same methods. After
SECONDS it is interrupted, as by a keyboard. Of a notebook the cells run one after the other, each for so long.
A window's buttons are pressed and its sliders moved, and it is closed.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import random
import signal
import sys
import traceback
import types
from pathlib import Path
from typing import Any

from tests.dropin.local import prepare

KINDS = {1: "control", 2: "audio", 3: "string", 4: "pvs"}
"""ctcsound's numbers for the kinds of channels, without the two bits of the direction."""

INPUT, OUTPUT = 16, 32


def camel(name: str) -> str:
    """libcsound's name of a method that ctcsound writes with underscores."""
    first, *rest = name.strip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


def ctcsound(libcsound: Any) -> types.ModuleType:  # noqa: C901 - two small classes
    """A module ctcsound that is libcsound underneath."""
    instances: list[Any] = []

    class Csound(libcsound.Csound):  # type: ignore[misc]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            instances.append(self)

        def __getattr__(self, name: str) -> Any:
            found = camel(name)
            if found == name or name.startswith("__"):
                raise AttributeError(name)
            return getattr(self, found)

        def compile_(self, *words: Any) -> Any:
            return self.compileCommandLine(*(words[0] if isinstance(words[0], list) else words))

        def compile_csd(self, code: str, mode: int = 0) -> Any:
            return self.compileCsdText(code) if mode else self.compileCsd(code)

        def event_string(self, message: str, *, async_: bool = False) -> Any:
            return self.eventString(message, not async_)

        def readScore(self, score: str) -> Any:
            there = getattr(super(), "readScore", None)
            return self.eventString(score) if there is None else there(score)

        def channelPtr(self, name: str, kind: Any, mode: str = "r") -> Any:
            if isinstance(kind, str):
                return super().channelPtr(name, kind, mode)
            ways = ("r" if kind & INPUT else "") + ("w" if kind & OUTPUT else "")
            return super().channelPtr(name, KINDS[kind & 15], ways)

    class Thread:
        """The performance thread of an instance, found by its pointer."""

        def __init__(self, pointer: Any) -> None:
            (csound,) = [known for known in instances if known.csound() == pointer][-1:]
            self._thread = csound.performanceThread()

        def __getattr__(self, name: str) -> Any:
            return getattr(self._thread, name if hasattr(self._thread, name) else camel(name))

    module = types.ModuleType("ctcsound")
    module.__dict__.update({name: value for name, value in vars(libcsound).items() if not name.startswith("__")})
    module.__dict__.update(
        Csound=Csound,
        CsoundPerformanceThread=Thread,
        CSOUND_CONTROL_CHANNEL=1,
        CSOUND_AUDIO_CHANNEL=2,
        CSOUND_STRING_CHANNEL=3,
        CSOUND_INPUT_CHANNEL=INPUT,
        CSOUND_OUTPUT_CHANNEL=OUTPUT,
    )
    return module


HAND_MS = 150
"""Milliseconds between two things that are done to a window."""


def use_windows() -> None:
    """Have whoever opens a window with tkinter find it used, as by a hand, until it is closed."""
    tkinter = importlib.import_module("tkinter")
    mainloop = tkinter.Misc.mainloop

    def within(widget: Any) -> list[Any]:
        return [widget, *(inner for child in widget.winfo_children() for inner in within(child))]

    def used(window: Any, n: int = 0) -> None:
        root = window.winfo_toplevel()
        acts = [widget.invoke for widget in within(root) if isinstance(widget, tkinter.Button)]
        for widget in within(root):
            if isinstance(widget, tkinter.Scale):
                low, high = float(widget["from"]), float(widget["to"])
                acts += [lambda to=low + (high - low) * part, scale=widget: scale.set(to) for part in (0.25, 0.5, 1.0)]
        acts.append(lambda: root.tk.call(root.protocol("WM_DELETE_WINDOW")))

        def act(number: int) -> None:
            if number + 1 < len(acts):
                root.after(HAND_MS, act, number + 1)
            acts[number]()

        root.after(HAND_MS, act, n)
        mainloop(window)

    tkinter.Misc.mainloop = used


def cells(path: Path) -> list[str]:
    """The code of a program in pieces: a notebook's cells, without what only a notebook can do."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".rst":
        # The blocks of code are what stands further in after ``.. code-block:: python``.
        blocks, inside = [], False
        for line in text.splitlines():
            if line.startswith(".. "):
                inside = line.startswith(".. code-block:: python")
                blocks += [""] if inside else []
            elif inside and line and not line.startswith(" "):
                inside = False
            elif inside:
                blocks[-1] += line.removeprefix("    ") + "\n"
        return blocks
    if path.suffix != ".ipynb":
        return [text]
    found = ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    only_there = ("%", "import IPython", "sndconvert(", "import sndfileio", "samples, sr = sndfileio")
    return [cell for cell in found if not cell.startswith(only_there)]


def run(code: str, name: str, names: dict[str, Any], *, shown: bool) -> None:
    """Run one piece; a notebook shows the value of its last line."""
    tree = ast.parse(code, name)
    last = tree.body.pop() if shown and tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), names)
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), name, "eval"), names)
        if value is not None:
            print(repr(value))


def main() -> None:
    side, engine, seconds, program, *arguments = sys.argv[1:]
    if side == "local":
        prepare(engine)
    libcsound = importlib.import_module("libcsound" if side == "local" else "csoundd_client")
    sys.modules["libcsound"] = libcsound
    sys.modules["ctcsound"] = ctcsound(libcsound)
    random.seed(1)
    # Behind our own packages, of which a daemon is made.
    sys.path += filter(None, [os.environ.get("DROPIN_PACKAGES")])
    path = Path(program)
    sys.path.insert(0, str(path.parent.absolute()))
    sys.argv = [program, *arguments]
    pieces = cells(path)
    if any("tkinter" in piece for piece in pieces):
        use_windows()
    names: dict[str, Any] = {"__name__": "__main__", "__file__": program}
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    for number, code in enumerate(pieces):
        signal.setitimer(signal.ITIMER_REAL, float(seconds))
        try:
            run(code, program, names, shown=path.suffix == ".ipynb")
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - a program may raise anything
            print(f"{type(error).__name__}{f' in cell {number}' if len(pieces) > 1 else ''}: {error}", flush=True)
            traceback.print_exc()
            if len(pieces) == 1:
                sys.exit(1)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    main()
