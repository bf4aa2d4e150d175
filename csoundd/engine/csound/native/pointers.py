"""The channels of the system's Csound: how they are asked for, and where they lie."""

from __future__ import annotations

import ctypes

import numpy as np

from csoundd.api.values import ChannelInfo, ChannelKind, ControlChannelHints
from csoundd.engine.csound.backend import Points
from csoundd.engine.csound.native.binding import ChannelEntry, Hints
from csoundd.engine.csound.native.instance import CSOUND_7, Instance
from csoundd.engine.csound.pointers import STRING, Pointers, channel_info


class NativePointers(Pointers):
    """Channels in this process's own memory."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._instance: Instance = instance

    def ask(self, name: str, bits: int) -> tuple[int, int]:
        pointer = ctypes.c_void_p()
        code = int(self._instance.c.csoundGetChannelPtr(ctypes.addressof(pointer), name.encode(), bits))
        return code, pointer.value or 0

    def number_at(self, address: int) -> ctypes.c_double:
        return ctypes.c_double.from_address(address)

    def numbers_at(self, address: int, size: int) -> Points:
        return np.ctypeslib.as_array((ctypes.c_double * size).from_address(address))

    def string(self, name: str) -> str:
        # csoundGetStringChannel would make an output of the channel, beside what it is.
        address = self.found(name, STRING)
        text = ctypes.c_char_p.from_address(address).value if address else None
        return (text or b"").decode(errors="replace")

    def set_string(self, name: str, string: str) -> None:
        self._instance.c.csoundSetStringChannel(name.encode(), string.encode())

    def data_bytes(self, name: str) -> int:
        return int(self._instance.c.csoundGetChannelDatasize(name.encode()))

    def hints(self, name: str) -> tuple[ControlChannelHints | None, int]:
        structure = Hints()
        code = int(self._instance.c.csoundGetControlChannelHints(name.encode(), ctypes.byref(structure)))
        return (_hints_of(structure), 0) if code == 0 else (None, code)

    def set_hints(self, name: str, hints: ControlChannelHints) -> int:
        encoded = None if hints.attributes is None else hints.attributes.encode()
        fields = (hints.behav, hints.dflt, hints.min, hints.max, hints.x, hints.y, hints.width, hints.height)
        return int(self._instance.c.csoundSetControlChannelHints(name.encode(), Hints(*fields, encoded)))

    def listed(self) -> list[ChannelInfo]:
        c, pointer = self._instance.c, ctypes.c_void_p()
        count = int(c.csoundListChannels(ctypes.addressof(pointer)))
        if count <= 0 or not pointer.value:
            return []
        entries = [_channel_info(entry) for entry in (ChannelEntry * count).from_address(pointer.value)]
        c.free_channel_cells(pointer.value, count)
        c.csoundDeleteChannelList(pointer)
        return entries

    def refusal(self, kind: ChannelKind) -> str:
        if kind == "array" and self._instance.version < CSOUND_7:
            return "Csound 6 has no array channels"
        if kind == "audio" and not self._instance.started:
            # Its memory is as long as a cycle, which Csound knows from the start on.
            return "an audio channel can be made once the engine has started"
        return ""


def _channel_info(entry: ChannelEntry) -> ChannelInfo:
    return channel_info((entry.name or b"").decode(errors="replace"), entry.type, _hints_of(entry.hints))


def _hints_of(structure: Hints) -> ControlChannelHints:
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
