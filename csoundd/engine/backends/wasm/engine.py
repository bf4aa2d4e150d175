"""The machine with Csound in it: loaded, boxed in, and what it prints collected."""

from __future__ import annotations

import faulthandler
import logging
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Final

import wasmtime

from csoundd.engine.backends.backend import Box
from csoundd.engine.backends.wasm.machine import Machine, Spared
from csoundd.engine.backends.wasm.sandbox import Folders, boxed
from csoundd.engine.embedded.cache import compiler, usable

log = logging.getLogger("csoundd.engine.wasm")

I32: Final = wasmtime.ValType.i32()
KIND: Final = 0x7000
ERROR: Final = 0x1000
"""What a message is, in its attribute."""

JUMP: Final = "CSOUND_WASI_LONGJMP:"
OPENING: Final = "__wasi_js_csoundSetMessageStringCallback"
"""Sends messages to the host's callback; upstream's name for it."""


class Printed:
    """What Csound prints, fragments of one line joined."""

    def __init__(self) -> None:
        self._lines: deque[tuple[str, int]] = deque()
        self._begun: list[str] = []
        self._attr = 0
        self.errors = 0
        self.jump = 0
        """The code with which Csound last jumped back to its beginning, as it says before it traps."""

    def add(self, text: str, attr: int) -> None:
        """Take in a fragment."""
        self.errors += attr & KIND == ERROR
        if not self._begun:
            self._attr = attr
        self._begun.append(text)
        if text.endswith("\n"):
            self.end_line()

    def end_line(self) -> None:
        """What was begun is a line, whether it ends like one or not."""
        if self._begun:
            self._lines.append(("".join(self._begun), self._attr))
            self._begun.clear()

    def taken(self) -> list[tuple[str, int]]:
        """The lines since the last call."""
        self.end_line()
        lines = list(self._lines)
        self._lines.clear()
        return lines


@cache
def loaded() -> tuple[wasmtime.Engine, wasmtime.Module]:
    """The module as machine code, checked and loaded once in a process. Raises EngineUnavailable."""
    # wasmtime passes on faults that are none of the module's. Without a handler, one that another process sent would
    # end nothing but wasmtime's own handling of faults: docs/upstream-faults.md#wasmtime-outside-faults.
    faulthandler.enable()
    engine = compiler()
    return engine, wasmtime.Module.deserialize_file(engine, str(usable().compiled))


def machine_in(folders: Folders, printed: Printed, spared: Spared, limits: Box) -> Machine:
    """A machine that sees ``folders``, with Csound's module ready to create an instance.

    Raises EngineUnavailable where the embedded engine is not installed.
    """
    engine, module = loaded()
    store, linker, memory = boxed(engine, folders, limits)
    made: list[Machine] = []

    def message(_csound: int, attr: int, size: int, pointer: int) -> None:
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
