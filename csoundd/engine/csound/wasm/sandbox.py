"""The machine with Csound in it: what it is let near, and what it prints.

It sees one folder, so much memory, so many bytes to write, and nothing else; it has no environment, no network and no
processes because nothing hands it any. How much it writes is counted in front of the system interface, by a module of a
few lines: the writes of an orchestra never reach Python.
"""

from __future__ import annotations

import faulthandler
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

import wasmtime

from csoundd.engine.csound.backend import NOTHING, Line, Printout, SandboxLimits, Wanted, line
from csoundd.engine.csound.compiling import NO_INCLUDED_FILE
from csoundd.engine.csound.wasm.build.install import compiler, usable
from csoundd.engine.csound.wasm.machine import Machine, Spared, compiled
from csoundd.engine.workspace import FOLDERS, VARIABLES, Workspace
from csoundd.limits import LINE_FRAGMENTS, MIB, SANDBOX_KEPT_LINES
from csoundd.messages import ERROR, MESSAGE_TYPE

log = logging.getLogger("csoundd.engine.wasm")

I32: Final = wasmtime.ValType.i32()
JUMP: Final = "CSOUND_WASI_LONGJMP:"
OPENING: Final = "__wasi_js_csoundSetMessageStringCallback"
"""Sends messages to the host's callback; upstream's name for it."""

INTERFACE: Final = "wasi_snapshot_preview1"
WORKSPACE: Final = "/workspace"
SMALLEST_PAGES: Final = 32
PAGES_PER_MIB: Final = 16

COUNTED: Final = """
(module
  (import "env" "memory" (memory 1))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_set_size" (func $resize (param i32 i64) (result i32)))
  (global $left (export "left") (mut i64) (i64.const 0))
  (export "memory" (memory 0))
  (func (export "fd_write") (param $fd i32) (param $parts i32) (param $count i32) (param $written i32) (result i32)
    (local $code i32)
    (if (i64.le_s (global.get $left) (i64.const 0)) (then (return (i32.const 51))))
    (local.set $code
      (call $write (local.get $fd) (local.get $parts) (local.get $count) (local.get $written)))
    (if (i32.eqz (local.get $code)) (then
      (global.set $left (i64.sub (global.get $left) (i64.extend_i32_u (i32.load (local.get $written)))))))
    (local.get $code))
  (func (export "fd_filestat_set_size") (param $fd i32) (param $size i64) (result i32)
    (if (i64.gt_u (local.get $size) (global.get $left)) (then (return (i32.const 51))))
    (call $resize (local.get $fd) (local.get $size))))
"""
"""51 is the interface's name for a full disk."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of a module: the one that it runs in and sees as its root, and those that it only reads.

    That is the workspace, if it is another, and ``samples``, which keep the names that they have outside.
    """

    root: Path
    workspace: Path
    samples: tuple[Path, ...] = ()

    def inside(self, path: Path) -> str | None:
        """The module's name for ``path``, None where it does not see it."""
        named = [
            (self.root, "/"),
            (self.workspace, WORKSPACE),
            *((folder, folder.as_posix()) for folder in self.samples),
        ]
        for folder, name in named:
            if path.is_relative_to(folder):
                return (PurePosixPath(name) / path.relative_to(folder).as_posix()).as_posix()
        return None

    def outside(self, name: str) -> str:
        """A client's name for the folder that the module calls ``name``."""
        path, root = PurePosixPath(name), "/" if self.root == self.workspace else WORKSPACE
        is_sample = any(path.is_relative_to(folder) for folder in self.samples)
        return name if is_sample or not path.is_relative_to(root) else path.relative_to(root).as_posix()

    def real(self, name: str) -> Path:
        """The file that the module calls ``name``. Raises Forbidden where it sees none."""
        path = PurePosixPath("/") / name
        for sample in self.samples:
            if path.is_relative_to(sample):
                return Workspace(sample).resolve(path.relative_to(sample).as_posix())
        if self.root != self.workspace and path.is_relative_to(WORKSPACE):
            return Workspace(self.workspace).resolve(path.relative_to(WORKSPACE).as_posix())
        return Workspace(self.root).resolve(path.relative_to("/").as_posix())

    def open_to(self, wasi: wasmtime.WasiConfig) -> None:
        """Let the module see them."""
        wasi.preopen_dir(str(self.root), "/")
        if self.root != self.workspace:
            wasi.preopen_dir(str(self.workspace), WORKSPACE, fs_mutable=False)
        for folder in self.samples:
            wasi.preopen_dir(str(folder), folder.as_posix(), fs_mutable=False)

    def variables(self) -> list[tuple[str, str]]:
        """Csound's own variables, their folders named as the module names them; of the others it sees none."""
        given = ((name, os.environ[name]) for name in sorted(VARIABLES & os.environ.keys()))
        named = ((name, self._named(value) if name in FOLDERS else value) for name, value in given)
        return [(name, value) for name, value in named if value]

    def _named(self, value: str) -> str:
        paths = (self.inside(Path(folder).resolve()) for folder in value.split(";") if folder)
        return ";".join(path for path in paths if path is not None)


def boxed(
    engine: wasmtime.Engine, folders: Folders, limits: SandboxLimits
) -> tuple[wasmtime.Store, wasmtime.Linker, wasmtime.Memory]:
    """A store in which a module sees ``folders`` as its whole file system."""
    store = wasmtime.Store(engine)
    store.set_limits(memory_size=limits.memory)
    wasi = wasmtime.WasiConfig()
    wasi.env = folders.variables()
    folders.open_to(wasi)
    store.set_wasi(wasi)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    pages = wasmtime.Limits(SMALLEST_PAGES, limits.memory // MIB * PAGES_PER_MIB)
    memory = wasmtime.Memory(store, wasmtime.MemoryType(pages))
    linker.define(store, "env", "memory", memory)
    _count_writes(engine, store, linker, limits.written)
    return store, linker, memory


def _count_writes(engine: wasmtime.Engine, store: wasmtime.Store, linker: wasmtime.Linker, written: int) -> None:
    counter = linker.instantiate(store, compiled(engine, COUNTED)).exports(store)
    left = counter["left"]
    assert isinstance(left, wasmtime.Global)
    left.set_value(store, wasmtime.Val.i64(written))
    linker.allow_shadowing = True
    for name in ("fd_write", "fd_filestat_set_size"):
        linker.define(store, INTERFACE, name, counter[name])


class MessageCollector:
    """Collects what Csound prints, fragments of one line joined: a number of lines until they are taken, and errors."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._begun: list[str] = []
        self._attr = 0
        self._errors_beyond = 0
        self.dropped = 0
        self.errors = self.missing_files = 0
        self.jump = 0
        """The code with which Csound last jumped back to its beginning, as it says before it traps."""

    def keeps(self, attr: int) -> bool:
        """Whether a fragment is kept; one that is not is counted, and need not be read."""
        if self._begun or len(self._lines) < SANDBOX_KEPT_LINES:
            return True
        if attr & MESSAGE_TYPE == ERROR and self._errors_beyond < SANDBOX_KEPT_LINES:
            self._errors_beyond += 1
            return True
        self.dropped += 1
        return False

    def add(self, text: str, attr: int) -> None:
        """Take in a fragment."""
        self.errors += attr & MESSAGE_TYPE == ERROR
        self.missing_files += text.startswith(NO_INCLUDED_FILE)
        if not self._begun:
            self._attr = attr
        self._begun.append(text)
        if text.endswith("\n") or len(self._begun) >= LINE_FRAGMENTS:
            self.end_line()

    def end_line(self) -> None:
        """Take what was begun for a line, whether it ends like one or not."""
        if self._begun:
            self._lines.append(line("".join(self._begun), self._attr))
            self._begun.clear()

    def any(self) -> bool:
        """Whether there is anything to take."""
        return bool(self._lines or self._begun or self.dropped)

    def read(self, wanted: Wanted) -> Printout:
        """As much as is wanted of the lines since the last call."""
        self.end_line()
        if not self._lines and not self.dropped:
            return NOTHING
        lines, rest = self._lines[: wanted.most], self._lines[wanted.most :]
        dropped, self.dropped, self._errors_beyond = self.dropped, 0, 0
        if len(rest) <= wanted.room:
            self._lines = rest
            return Printout(lines, dropped, len(rest))
        late = [told for told in rest if told[1] & MESSAGE_TYPE == ERROR][: wanted.errors]
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


def machine_in(folders: Folders, printed: MessageCollector, spared: Spared, limits: SandboxLimits) -> Machine:
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
