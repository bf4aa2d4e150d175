"""What the module is let near: one folder, so much memory, so many bytes to write, and nothing else.

It has no environment, no network and no processes because nothing hands it any. How much it writes is counted in front
of the system interface, by a module of a few lines: the writes of an orchestra never reach Python.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import wasmtime

from csoundd.engine.csound.backend import MIB, SandboxLimits
from csoundd.engine.csound.wasm.machine import compiled
from csoundd.engine.environment import FOLDERS, VARIABLES

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
    """Where the module runs, which it sees as its root, and what it only reads.

    That is the workspace, if it is another, and ``samples``, which keep the names that they have outside.
    """

    root: Path
    workspace: Path
    samples: tuple[Path, ...] = ()

    def inside(self, path: Path) -> str | None:
        """How the module names ``path``, None where it does not see it."""
        named = [
            (self.root, "/"),
            (self.workspace, WORKSPACE),
            *((folder, folder.as_posix()) for folder in self.samples),
        ]
        for folder, name in named:
            if path.is_relative_to(folder):
                return (PurePosixPath(name) / path.relative_to(folder).as_posix()).as_posix()
        return None

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
