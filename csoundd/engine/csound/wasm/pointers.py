"""The channels of the embedded engine: how they are asked for, and where they lie in the machine."""

from __future__ import annotations

import ctypes
import struct
from typing import Final

from csoundd.api.values import ChannelInfo, ControlChannelHints
from csoundd.engine.csound.backend import Points
from csoundd.engine.csound.pointers import STRING, Pointers, channel_info
from csoundd.engine.csound.wasm.instance import Instance

HINTS: Final = struct.Struct("<i4x3d4iI4x")
ENTRY: Final = struct.Struct("<Ii")
"""A channel in a list: its name and type bits; its hints follow."""


class WasmPointers(Pointers):
    """Channels in the machine's memory."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._instance: Instance = instance

    def ask(self, name: str, bits: int) -> tuple[int, int]:
        instance = self._instance
        with instance.machine.lend(name) as text:
            code = int(instance.c.csoundGetChannelPtr(instance.cs, instance.words, text, bits))
        return code, instance.machine.word(instance.words)

    def number_at(self, address: int) -> ctypes.c_double:
        return self._instance.machine.double(address)

    def numbers_at(self, address: int, size: int) -> Points:
        return self._instance.machine.array(address, (size,))

    def string(self, name: str) -> str:
        machine, address = self._instance.machine, self.found(name, STRING)
        return machine.text_at(machine.word(address)) if address else ""

    def set_string(self, name: str, string: str) -> None:
        with self._instance.machine.lend(name, string) as (channel, text):
            self._instance.c.csoundSetStringChannel(self._instance.cs, channel, text)

    def data_bytes(self, name: str) -> int:
        with self._instance.machine.lend(name) as text:
            return int(self._instance.c.csoundGetChannelDatasize(self._instance.cs, text))

    def hints(self, name: str) -> tuple[ControlChannelHints | None, int]:
        instance = self._instance
        with instance.machine.lend(name, bytes(HINTS.size)) as (text, hints):
            code = int(instance.c.csoundGetControlChannelHints(instance.cs, text, hints))
            return (self._hints_at(hints), 0) if code == 0 else (None, code)

    def set_hints(self, name: str, hints: ControlChannelHints) -> int:
        machine, csound = self._instance.machine, self._instance.cs
        with machine.lend(name, hints.attributes or "", bytes(HINTS.size)) as (text, words, structure):
            pointer = 0 if hints.attributes is None else words
            rectangle = (hints.x, hints.y, hints.width, hints.height)
            machine.write(structure, HINTS.pack(hints.behav, hints.dflt, hints.min, hints.max, *rectangle, pointer))
            return int(self._instance.c.csoundSetControlChannelHints(csound, text, structure))

    def listed(self) -> list[ChannelInfo]:
        instance = self._instance
        count = int(instance.c.csoundListChannels(instance.cs, instance.words))
        if count <= 0:
            return []
        pointer = instance.machine.word(instance.words)
        size = ENTRY.size + HINTS.size
        entries = [self._channel_info(pointer + index * size) for index in range(count)]
        instance.c.csoundDeleteChannelList(instance.cs, pointer)
        return entries

    def _channel_info(self, pointer: int) -> ChannelInfo:
        machine = self._instance.machine
        name, bits = ENTRY.unpack(machine.bytes_at(pointer, ENTRY.size))
        return channel_info(machine.text_at(name), bits, self._hints_at(pointer + ENTRY.size))

    def _hints_at(self, pointer: int) -> ControlChannelHints:
        """Csound's hints structure as ours."""
        machine = self._instance.machine
        behav, dflt, least, most, x, y, width, height, attributes = HINTS.unpack(machine.bytes_at(pointer, HINTS.size))
        text = machine.text_at(attributes) if attributes else None
        return ControlChannelHints(behav, dflt, least, most, x, y, width, height, text)
