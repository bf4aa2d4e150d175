"""The channels of the system's Csound: how they are asked for, and where they lie."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from csoundd.api.values import ChannelInfo, ChannelKind, ControlChannelHints
from csoundd.engine.backends.backend import Points
from csoundd.engine.backends.native.instance import CSOUND_7, Instance
from csoundd.engine.backends.native.leftovers import free_cells
from csoundd.engine.backends.pointers import Pointers, channel_info


class NativePointers(Pointers):
    """Channels in this process's own memory."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._instance: Instance = instance

    def ask(self, name: str, bits: int) -> tuple[int, int]:
        pointer = ctypes.c_void_p()
        get = self._instance.c.csoundGetChannelPtr
        return int(get(self._instance.pointer, ctypes.byref(pointer), name.encode(), bits)), pointer.value or 0

    def number_at(self, address: int) -> ctypes.c_double:
        return ctypes.c_double.from_address(address)

    def numbers_at(self, address: int, size: int) -> Points:
        return np.ctypeslib.as_array((ctypes.c_double * size).from_address(address))

    def string(self, name: str) -> str:
        c, pointer, encoded = self._instance.c, self._instance.pointer, name.encode()
        size = int(c.csoundGetChannelDatasize(pointer, encoded))
        if size <= 0:
            return ""
        buffer = ctypes.create_string_buffer(size + 1)
        c.csoundGetStringChannel(pointer, encoded, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_char)))
        return buffer.value.decode(errors="replace")

    def set_string(self, name: str, string: str) -> None:
        self._instance.c.csoundSetStringChannel(self._instance.pointer, name.encode(), string.encode())

    def data_bytes(self, name: str) -> int:
        return int(self._instance.c.csoundGetChannelDatasize(self._instance.pointer, name.encode()))

    def hints(self, name: str) -> tuple[ControlChannelHints | None, int]:
        structure = self._instance.module.ControlChannelHints()
        get = self._instance.c.csoundGetControlChannelHints
        code = int(get(self._instance.pointer, name.encode(), ctypes.byref(structure)))
        return (_hints_of(structure), 0) if code == 0 else (None, code)

    def set_hints(self, name: str, hints: ControlChannelHints) -> int:
        encoded = None if hints.attributes is None else hints.attributes.encode()
        fields = (hints.behav, hints.dflt, hints.min, hints.max, hints.x, hints.y, hints.width, hints.height)
        structure = self._instance.module.ControlChannelHints(*fields, encoded)
        return int(self._instance.c.csoundSetControlChannelHints(self._instance.pointer, name.encode(), structure))

    def listed(self) -> list[ChannelInfo]:
        instance = self._instance
        pointer = ctypes.POINTER(instance.module.ControlChannelInfo)()
        count = int(instance.c.csoundListChannels(instance.pointer, ctypes.byref(pointer)))
        if count <= 0:
            return []
        entries = [_channel_info(pointer[index]) for index in range(count)]
        free_cells(instance, pointer, count)
        instance.c.csoundDeleteChannelList(instance.pointer, pointer)
        return entries

    def refusal(self, kind: ChannelKind) -> str:
        if kind == "array" and self._instance.version < CSOUND_7:
            return "Csound 6 has no array channels"
        if kind == "audio" and not self._instance.started:
            # Its memory is as long as a cycle, which Csound knows from the start on.
            return "an audio channel can be made once the engine has started"
        return ""


def _channel_info(entry: Any) -> ChannelInfo:
    return channel_info(entry.name.decode(errors="replace"), entry.type, _hints_of(entry.hints))


def _hints_of(structure: Any) -> ControlChannelHints:
    """Csound's hints structure as ours."""
    attributes: bytes | None = structure.attributes
    return ControlChannelHints(
        structure.behav,
        structure.dflt,
        structure.min,
        structure.max,
        structure.x,
        structure.y,
        structure.width,
        structure.height,
        None if attributes is None else attributes.decode(errors="replace"),
    )
