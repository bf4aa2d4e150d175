"""The machine with Csound in it: loaded, boxed in, and what it prints collected."""

from __future__ import annotations

import faulthandler
import logging
from collections.abc import Callable
from functools import cache
from typing import Final

import wasmtime

from csoundd.engine.csound.backend import SandboxLimits
from csoundd.engine.csound.printing import ERROR, KIND, NOTHING, Line, Printout, Wanted, line
from csoundd.engine.csound.wasm.build.install import compiler, usable
from csoundd.engine.csound.wasm.machine import Machine, Spared
from csoundd.engine.csound.wasm.sandbox import Folders, boxed

log = logging.getLogger("csoundd.engine.wasm")

I32: Final = wasmtime.ValType.i32()
KEPT: Final = 10_000
"""How many lines wait to be taken at most."""

MOST_FRAGMENTS: Final = 1000
"""A line without an end is ended after so many fragments."""

JUMP: Final = "CSOUND_WASI_LONGJMP:"
OPENING: Final = "__wasi_js_csoundSetMessageStringCallback"
"""Sends messages to the host's callback; upstream's name for it."""


class Printed:
    """What Csound prints, fragments of one line joined. It keeps KEPT lines until they are taken, and errors beyond."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._begun: list[str] = []
        self._attr = 0
        self._errors_beyond = 0
        self.dropped = 0
        self.errors = 0
        self.jump = 0
        """The code with which Csound last jumped back to its beginning, as it says before it traps."""

    def keeps(self, attr: int) -> bool:
        """Whether a fragment is kept; one that is not is counted, and need not be read."""
        if self._begun or len(self._lines) < KEPT:
            return True
        if attr & KIND == ERROR and self._errors_beyond < KEPT:
            self._errors_beyond += 1
            return True
        self.dropped += 1
        return False

    def add(self, text: str, attr: int) -> None:
        """Take in a fragment."""
        self.errors += attr & KIND == ERROR
        if not self._begun:
            self._attr = attr
        self._begun.append(text)
        if text.endswith("\n") or len(self._begun) >= MOST_FRAGMENTS:
            self.end_line()

    def end_line(self) -> None:
        """What was begun is a line, whether it ends like one or not."""
        if self._begun:
            self._lines.append(line("".join(self._begun), self._attr))
            self._begun.clear()

    def taken(self, wanted: Wanted) -> Printout:
        """As much as is wanted of the lines since the last call."""
        self.end_line()
        if not self._lines and not self.dropped:
            return NOTHING
        lines, rest = self._lines[: wanted.most], self._lines[wanted.most :]
        dropped, self.dropped, self._errors_beyond = self.dropped, 0, 0
        if len(rest) <= wanted.room:
            self._lines = rest
            return Printout(lines, dropped, len(rest))
        late = [told for told in rest if told[1] & KIND == ERROR][: wanted.errors]
        self._lines = []
        return Printout(lines + late, dropped + len(rest) - len(late))


@cache
def loaded() -> tuple[wasmtime.Engine, wasmtime.Module]:
    """The module as machine code, checked and loaded once in a process. Raises EngineUnavailable."""
    # wasmtime passes on faults that are none of the module's. Without a handler, one that another process sent would
    # end nothing but wasmtime's own handling of faults: docs/upstream-faults.md#wasmtime-outside-faults.
    faulthandler.enable()
    engine = compiler()
    return engine, wasmtime.Module.deserialize_file(engine, str(usable().compiled))


def machine_in(folders: Folders, printed: Printed, spared: Spared, limits: SandboxLimits) -> Machine:
    """A machine that sees ``folders``, with Csound's module ready to create an instance.

    Raises EngineUnavailable where the embedded engine is not installed.
    """
    engine, module = loaded()
    store, linker, memory = boxed(engine, folders, limits)
    made: list[Machine] = []

    def message(_csound: int, attr: int, size: int, pointer: int) -> None:
        if printed.keeps(attr):
            printed.add(made[0].bytes_at(pointer, size).decode(errors="replace") if size > 0 else "", attr)

    def debug(pointer: int, size: int) -> None:
        text = made[0].bytes_at(pointer, size).decode(errors="replace")
        if text.startswith(JUMP):
            printed.jump = int(text.removeprefix(JUMP))
        log.debug("%s", text)

    imports: tuple[tuple[str, wasmtime.FuncType, Callable[..., int | None]], ...] = (
        ("csoundWasiJsMessageCallback", wasmtime.FuncType([I32] * 4, []), message),
        ("printDebugCallback", wasmtime.FuncType([I32] * 2, []), debug),
        ("csoundLoadModules", wasmtime.FuncType([I32], [I32]), lambda _csound: 0),
    )
    for name, signature, function in imports:
        linker.define(store, "env", name, wasmtime.Func(store, signature, function))
    machine = Machine(store, memory, linker.instantiate(store, module).exports(store), spared)
    made.append(machine)
    machine.c._start()  # noqa: SLF001 - the module's own name for its beginning
    getattr(machine.c, OPENING)()
    return machine
