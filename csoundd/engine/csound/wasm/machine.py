"""A WebAssembly module brought to life: its memory, and its functions.

The memory never moves (``memory_may_move`` is off and its whole range is reserved), so an address in it stays valid
while it grows.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NoReturn, TypeVar

import numpy as np
import numpy.typing as npt
import wasmtime
from wasmtime._instance import InstanceExports

from csoundd.engine.csound.backend import Lost
from csoundd.engine.csound.wasm.function import Function
from csoundd.engine.csound.wasm.traps import cause_of, forbid

S = TypeVar("S", bound=ctypes.Structure)
PAGE_BYTES: Final = 65536
Spared = Callable[[wasmtime.Trap], None]
"""Told that the module has trapped: raises what the caller shall have if the machine can go on, else returns."""


class Machine:
    """A store with one module in it. ``c`` has the module's functions as attributes; each of them may raise Lost."""

    def __init__(
        self, store: wasmtime.Store, memory: wasmtime.Memory, exports: InstanceExports, spared: Spared
    ) -> None:
        self.store = store
        self._memory, self._exports, self._spared = memory, exports, spared
        self.lost = False
        self._interrupted = False
        self._there = 0
        self._most = (memory.type(store).limits.max or 0) * PAGE_BYTES
        self._callbacks: list[wasmtime.Func] = []
        self.base: Final = ctypes.addressof(memory.data_ptr(store).contents)
        self.c: Any = Functions(self)
        pointer = exports["__stack_pointer"]
        assert isinstance(pointer, wasmtime.Global)
        self._stack = pointer

    def function(self, name: str, of: InstanceExports | None = None) -> Function:
        """The exported function ``name``."""
        found = (of or self._exports)[name]
        assert isinstance(found, wasmtime.Func)
        return Function(self.store, found, self._trapped)

    def _trapped(self, trap: wasmtime.Trap) -> NoReturn:
        """End the machine: nothing in it can be relied on any more."""
        self._spared(trap)
        self.lost = True
        raise Lost("it was interrupted" if self._interrupted else cause_of(trap), self.store.close) from None

    def interrupt(self) -> None:
        """Have whatever runs in here trap, from another thread: its next access to memory is its last.

        Interrupting by epochs, as wasmtime has it, would cost a performance between 6 and 95 % of its speed.
        """
        self._interrupted = True
        forbid(self.base, self._most)

    def stack(self) -> int:
        """Where the module's own stack ends now."""
        return int(self._stack.value(self.store))

    def unwind(self, stack: int) -> None:
        """Put the end of the module's stack back to where :meth:`stack` found it: a trap does not."""
        self._stack.set_value(self.store, stack)

    def pages(self) -> int:
        """How large the memory is now."""
        return self._memory.size(self.store)

    def bytes_at(self, pointer: int, size: int) -> bytes:
        """A copy of ``size`` bytes."""
        self._check(pointer, size)
        return ctypes.string_at(self.base + pointer, size)

    def bytes_there(self, pointer: int, size: int) -> bytes:
        """A copy of up to ``size`` bytes, of as many as there are."""
        if not 0 < pointer <= pointer + size <= self._there:
            # Memory only grows, so what was there before needs no call into the machine.
            self._there = self.pages() * PAGE_BYTES
            size = min(size, self._there - pointer)
        return ctypes.string_at(self.base + pointer, size) if pointer > 0 and size > 0 else b""

    def text_at(self, pointer: int) -> str:
        """The text at ``pointer``, empty for a null pointer."""
        return ctypes.string_at(self.base + pointer).decode(errors="replace") if pointer else ""

    def write(self, pointer: int, data: bytes) -> None:
        """Put ``data`` at ``pointer``."""
        self._check(pointer, len(data))
        ctypes.memmove(self.base + pointer, data, len(data))

    def word(self, pointer: int) -> int:
        """The 32-bit number at ``pointer``."""
        return int.from_bytes(self.bytes_at(pointer, 4), "little", signed=True)

    def array(self, pointer: int, shape: tuple[int, ...], dtype: str = "<f8") -> npt.NDArray[Any]:
        """A view on memory, valid as long as the machine."""
        kind = np.dtype(dtype)
        size = int(np.prod(shape)) * kind.itemsize
        self._check(pointer, size)
        raw = (ctypes.c_char * size).from_address(self.base + pointer)
        view: npt.NDArray[Any] = np.ndarray(shape, kind, buffer=memoryview(raw))
        return view

    def structure(self, kind: type[S], pointer: int) -> S:
        """A structure of C's where it lies."""
        self._check(pointer, ctypes.sizeof(kind))
        return kind.from_address(self.base + pointer)

    def double(self, pointer: int) -> ctypes.c_double:
        """The number at ``pointer``, to be read and written again and again."""
        self._check(pointer, 8)
        return ctypes.c_double.from_address(self.base + pointer)

    def _check(self, pointer: int, size: int) -> None:
        """Refuse addresses outside the memory: an untrusted orchestra drives the module that computes them."""
        if not 0 < pointer <= pointer + size <= self.pages() * PAGE_BYTES:
            raise IndexError(f"{size} bytes at {pointer} are outside the engine's memory")

    def allocate(self, size: int) -> int:
        """The address of ``size`` bytes of zeros, to be freed with ``c.free``."""
        return int(self.c.calloc(1, max(1, size)))

    def keep(self, text: str | bytes) -> int:
        """The address of a text that is never freed."""
        data = (text.encode() if isinstance(text, str) else text) + b"\0"
        pointer = int(self.c.malloc(len(data)))
        self.write(pointer, data)
        return pointer

    def lend(self, *data: str | bytes) -> Lent:
        """Texts and data in memory for the time of a ``with``: their addresses."""
        return Lent(self, data)

    def callback(self, function: Callable[..., int | float | None], params: str, results: str = "") -> int:
        """The table index of a Python function that the module may call: ``i`` 32-bit, ``d`` float in the types."""
        return self.placed(self.imported(function, params, results))

    def imported(self, function: Callable[..., int | float | None], params: str, results: str = "") -> wasmtime.Func:
        """A Python function as one of the machine's, its types written as for :meth:`callback`."""
        kinds = {"i": wasmtime.ValType.i32(), "d": wasmtime.ValType.f64()}
        signature = wasmtime.FuncType([kinds[each] for each in params], [kinds[each] for each in results])
        return wasmtime.Func(self.store, signature, function)

    def placed(self, function: wasmtime.Func) -> int:
        """The table index under which the module may call ``function``."""
        self._callbacks.append(function)
        table = self._exports["__indirect_function_table"]
        assert isinstance(table, wasmtime.Table)
        return table.grow(self.store, 1, function)

    def assembled(self, text: str, *imports: wasmtime.Func) -> InstanceExports:
        """The exports of a module of our own beside the machine's, on the same memory."""
        module = compiled(self.store.engine, text)
        return wasmtime.Instance(self.store, module, [self._memory, *imports]).exports(self.store)


@cache
def compiled(engine: wasmtime.Engine, text: str) -> wasmtime.Module:
    """A module of our own, once for all machines of this process."""
    return wasmtime.Module(engine, bytes(wasmtime.wat2wasm(text)))


class Functions:
    """The exports of a machine, looked up when first called."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def __getattr__(self, name: str) -> Function:
        function = self._machine.function(name)
        setattr(self, name, function)
        return function


class Lent:
    """What :meth:`Machine.lend` puts into memory and takes out again."""

    __slots__ = ("_data", "_machine", "_pointers")

    def __init__(self, machine: Machine, data: tuple[str | bytes, ...]) -> None:
        self._machine, self._data = machine, data
        self._pointers: list[int] = []

    def __enter__(self) -> Any:
        self._pointers = [self._machine.keep(each) for each in self._data]
        return self._pointers[0] if len(self._pointers) == 1 else self._pointers

    def __exit__(self, *_exc: object) -> None:
        for pointer in () if self._machine.lost else self._pointers:
            self._machine.c.free(pointer)
