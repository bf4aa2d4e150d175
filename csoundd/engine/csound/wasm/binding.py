"""The binding of the embedded engine: functions are exports of the module, addresses those of a machine."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from csoundd.engine.csound.binding import S, guarded, layouts_for
from csoundd.engine.csound.csound7 import TEXTS, Csound7, named, parameters_of
from csoundd.engine.csound.score import HIGHEST_INSTRUMENT
from csoundd.engine.csound.wasm.machine import Machine

WITHOUT_INSTANCE: Final = frozenset(
    [
        "csoundGetVersion",
        "csoundGetSizeOfMYFLT",
        "csoundArrayDataType",
        "csoundArrayDataDimensions",
        "csoundArrayDataSizes",
        "csoundGetArrayData",
    ]
)
"""Functions whose first argument is no instance."""

ROOM: Final = 64
"""Bytes at ``words``, for what functions return by an address."""

Parameters = parameters_of(ctypes.c_uint32)


class WasmBinding(Csound7):
    """A Csound 7 made in ``machine``."""

    layouts = layouts_for(ctypes.c_uint32, ctypes.c_uint32)
    keeps_early_events: ClassVar[bool] = False
    sizes_audio_at_start: ClassVar[bool] = False

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.address = int(machine.c.csoundCreateWasi())
        self.version = int(machine.c.csoundGetVersion())
        self.words = machine.allocate(ROOM)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if not name.startswith("csound"):
            raise AttributeError(name)
        function = self.machine.function(name)
        call = function if name in WITHOUT_INSTANCE else function.on(self.address, self.machine.alloc_temp)
        setattr(self, name, call)
        return call

    def text(self, result: Any) -> str | None:
        return self.machine.text_at(result) if result else None

    def out(self, function: Callable[..., Any], *arguments: object) -> tuple[int, int]:
        code = int(function(self.words, *arguments))
        return code, self.pointer_at(self.words)

    def numbers(self, values: npt.NDArray[Any]) -> object:
        return values.tobytes()

    def view(self, address: int | None, shape: tuple[int, ...], dtype: str = "<f8") -> npt.NDArray[Any]:
        if not address or 0 in shape:
            return np.zeros((0, *shape[1:]), dtype)
        return self.machine.array(address, shape, dtype)

    def double(self, address: int) -> ctypes.c_double:
        return self.machine.double(address)

    def text_at(self, address: int) -> str:
        return self.machine.text_at(address)

    def pointer_at(self, address: int) -> int:
        return self.machine.word(address) & 0xFFFFFFFF

    def structure(self, kind: type[S], address: int) -> S:
        return self.machine.structure(kind, address)

    def write(self, address: int, data: bytes) -> None:
        self.machine.write(address, data)

    def filled(self, function: Callable[..., Any], kind: type[S], *arguments: object) -> tuple[int, S]:
        with self.machine.alloc_temp(bytes(ctypes.sizeof(kind))) as address:
            code = int(function(*arguments, address))
            return code, kind.from_buffer_copy(self.machine.bytes_at(address, ctypes.sizeof(kind)))

    def by_value(self, structure: ctypes.Structure) -> object:
        # WebAssembly passes the address of a copy.
        return bytes(structure)

    def alloc_temp(self, text: str | None) -> AbstractContextManager[Any]:
        return nullcontext(0) if text is None else self.machine.alloc_temp(text)

    def alloc_static(self, text: str) -> int:
        return self.machine.alloc_static(text)

    def function(self, function: Callable[..., Any], params: str, result: str = "", otherwise: int = 0) -> int:
        answered = guarded(function, otherwise if result else None)
        return self.machine.callback(answered, params.replace("a", "i"), result.replace("a", "i"))

    def kill(self, instr: float | str, mode: int, *, release: bool) -> None:
        is_name = isinstance(instr, str)
        number, name = (0.0, instr) if is_name else (float(instr), None)
        self.csoundKillInstance(number, name, mode, int(release), 0)

    def silence(self) -> None:
        for number in range(1, HIGHEST_INSTRUMENT):
            self.csoundKillInstance(float(number), 0, 0, 0, 0)

    def params(self) -> dict[str, Any]:
        pointer = int(self.csoundGetParams())
        structure = Parameters.from_buffer_copy(self.machine.bytes_at(pointer, ctypes.sizeof(Parameters)))
        return {name: self.text(value) if name in TEXTS else value for name, value in named(structure).items()}
