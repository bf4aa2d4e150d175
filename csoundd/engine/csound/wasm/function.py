"""A WebAssembly function as a Python call.

wasmtime's own call checks and converts every argument, which takes twenty microseconds; these calls are typed once
when a function is first looked up, and take two.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NoReturn

import wasmtime
from wasmtime import _ffi as ffi

Lend = Callable[..., AbstractContextManager[Any]]
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

    def on(self, instance: int, lend: Lend) -> Callable[..., Any]:
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
            with lend(*data) as lent:
                addresses = iter([lent] if len(data) == 1 else lent)
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
