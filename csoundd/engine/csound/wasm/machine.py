"""A WebAssembly module brought to life: its memory, its functions, its traps.

The memory never moves (``memory_may_move`` is off and its whole range is reserved), so an address in it stays valid
while it grows.

wasmtime's own call checks and converts every argument, which takes twenty microseconds; the calls here are typed once,
when a function is first looked up, and take two. Its own interruptions slow all code down
(docs/upstream-faults.md#wasmtime-epochs); here a machine is interrupted by taking its memory away.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, Final, NoReturn, TypeVar

import numpy as np
import numpy.typing as npt
import wasmtime
from wasmtime import _ffi as ffi
from wasmtime._instance import InstanceExports

from csoundd.engine.csound.backend import Lost
from csoundd.syntax import UNDECODED

TRAPS: Final = {
    wasmtime.TrapCode.STACK_OVERFLOW: "calls nested too deeply (a recursion without end?)",
    wasmtime.TrapCode.MEMORY_OUT_OF_BOUNDS: "an access outside its memory (a recursion without end?)",
    wasmtime.TrapCode.TABLE_OUT_OF_BOUNDS: "an access outside a table",
    wasmtime.TrapCode.INDIRECT_CALL_TO_NULL: "a call of a function that is not there",
    wasmtime.TrapCode.BAD_SIGNATURE: "a call of a function of another kind",
    wasmtime.TrapCode.INTEGER_OVERFLOW: "a whole number too large",
    wasmtime.TrapCode.INTEGER_DIVISION_BY_ZERO: "a division of a whole number by zero",
    wasmtime.TrapCode.BAD_CONVERSION_TO_INTEGER: "a number that no whole number can hold",
    wasmtime.TrapCode.UNREACHABLE: "Csound gave up (out of memory, or an error it cannot recover from)",
}


def cause_of(trap: wasmtime.Trap) -> str:
    """The cause of a trap, in words."""
    code = trap.trap_code
    return f"the embedded engine trapped: {TRAPS.get(code, 'a fault without a name') if code else trap.message}"


def can_forbid() -> bool:
    """Whether this system has what :func:`forbid` needs."""
    return os.name == "posix"


def forbid(address: int, size: int) -> None:
    """Make so many bytes of memory inaccessible, for good; wasmtime turns what the module then meets into a trap."""
    ctypes.CDLL(None).mprotect(ctypes.c_void_p(address), ctypes.c_size_t(size), 0)


AllocTemp = Callable[..., AbstractContextManager[Any]]
"""Puts texts and data into memory for the time of a ``with``: their addresses."""

Trapped = Callable[[wasmtime.Trap], NoReturn]
"""Told that the module has trapped: raises what the caller shall have."""

_call = ffi.wasmtime_func_call_unchecked


class Function:
    """One exported function. A trap inside it is the end of the machine, unless that is spared."""

    __slots__ = (
        "_context",
        "_first",
        "_function",
        "_raw",
        "_result",
        "_size",
        "_slots",
        "_trap",
        "_trapped",
        "function",
    )

    def __init__(self, store: wasmtime.Store, function: wasmtime.Func, trapped: Trapped) -> None:
        kind = function.type(store)
        self.function = function
        kinds = [str(each) for each in kind.params]
        self._result = str(kind.results[0]) if kind.results else None
        self._size = max(1, len(kinds))
        self._raw = (ffi.wasmtime_val_raw_t * self._size)()
        self._first, self._slots = self._raw[0], list(zip(self._raw, kinds, strict=False))
        self._context, self._function = store._context(), ctypes.byref(function._func)  # noqa: SLF001
        self._trap, self._trapped = ctypes.POINTER(ffi.wasm_trap_t)(), trapped

    def __call__(self, *args: float) -> Any:
        for (slot, kind), value in zip(self._slots, args, strict=True):
            setattr(slot, kind, value)
        error = _call(self._context, self._function, self._raw, self._size, ctypes.byref(self._trap))
        if error or self._trap:  # type: ignore[truthy-bool]
            self._fail(error)
        return getattr(self._first, self._result) if self._result else None

    def on(self, instance: int, alloc_temp: AllocTemp) -> Callable[..., Any]:
        """The call on one instance. Texts and data among its arguments are in memory for the time of a call."""
        first, rest, raw, size, trap = self._first, self._slots[1:], self._raw, self._size, self._trap
        context, function, pointer, result = self._context, self._function, ctypes.byref(self._trap), self._result

        def call(*args: Any) -> Any:
            try:
                first.i32 = instance
                for (slot, kind), value in zip(rest, args, strict=True):
                    setattr(slot, kind, value)
            except TypeError:
                return call_with_data(*args)
            error = _call(context, function, raw, size, pointer)
            if error or trap:  # type: ignore[truthy-bool]
                self._fail(error)
            return getattr(first, result) if result else None

        def call_with_data(*args: Any) -> Any:
            data = [value for value in args if isinstance(value, str | bytes)]
            if not data and None not in args:
                raise TypeError(f"none of these is a number: {args}")
            with alloc_temp(*data) as allocated:
                addresses = iter([allocated] if len(data) == 1 else allocated)
                given = (next(addresses) if isinstance(value, str | bytes) else value or 0 for value in args)
                return call(*given)

        return call

    def repeated(self, argument: int) -> Callable[[], int]:
        """The call with one argument that never changes, for the innermost loop."""
        first, raw, size, trap = self._first, self._raw, self._size, self._trap
        context, function, pointer = self._context, self._function, ctypes.byref(self._trap)

        def call() -> int:
            first.i32 = argument
            error = _call(context, function, raw, size, pointer)
            if error or trap:  # type: ignore[truthy-bool]
                self._fail(error)
            result: int = first.i32
            return result

        return call

    def _fail(self, error: Any) -> NoReturn:
        if error:
            raise wasmtime.WasmtimeError._from_ptr(error)  # noqa: SLF001
        trap = wasmtime.Trap._from_ptr(ctypes.pointer(self._trap.contents))  # noqa: SLF001
        # The trap belongs to Python from here on; the next call must not find it.
        ctypes.memset(ctypes.byref(self._trap), 0, ctypes.sizeof(self._trap))
        # What a callback raised has become this trap; wasmtime would raise it again from some later call:
        # docs/upstream-faults.md#wasmtime-last-exception.
        wasmtime._func.LAST_EXCEPTION = None  # noqa: SLF001
        self._trapped(trap)


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
        """The end of the module's own stack as it is now."""
        return int(self._stack.value(self.store))

    def unwind(self, stack: int) -> None:
        """Put the end of the module's stack back to where :meth:`stack` found it: a trap does not."""
        self._stack.set_value(self.store, stack)

    def pages(self) -> int:
        """The present size of the memory, in pages."""
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
        """Lose an engine that names memory which it has not: an untrusted orchestra drives the module that does so."""
        if not 0 < pointer <= pointer + size <= self.pages() * PAGE_BYTES:
            raise Lost(f"it has {size} bytes at {pointer}, outside of its memory", self.store.close)

    def allocate(self, size: int) -> int:
        """The address of ``size`` bytes of zeros, to be freed with ``c.free``."""
        return int(self.c.calloc(1, max(1, size)))

    def alloc_static(self, text: str | bytes) -> int:
        """The address of a text that is never freed."""
        data = (text.encode(errors=UNDECODED) if isinstance(text, str) else text) + b"\0"
        pointer = int(self.c.malloc(len(data)))
        self.write(pointer, data)
        return pointer

    def alloc_temp(self, *data: str | bytes) -> TemporaryData:
        """Texts and data in memory for the time of a ``with``: their addresses."""
        return TemporaryData(self, data)

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


class TemporaryData:
    """Data that :meth:`Machine.alloc_temp` puts into memory and takes out again."""

    __slots__ = ("_data", "_machine", "_pointers")

    def __init__(self, machine: Machine, data: tuple[str | bytes, ...]) -> None:
        self._machine, self._data = machine, data
        self._pointers: list[int] = []

    def __enter__(self) -> Any:
        self._pointers = [self._machine.alloc_static(each) for each in self._data]
        return self._pointers[0] if len(self._pointers) == 1 else self._pointers

    def __exit__(self, *_exc: object) -> None:
        for pointer in () if self._machine.lost else self._pointers:
            self._machine.c.free(pointer)
