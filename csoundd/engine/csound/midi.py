"""The virtual MIDI driver, the same on every engine: its other end is the topic ``midi``.

Csound reads what clients have pushed once in every cycle and never waits; what it writes is told. Its ports are opened
without any option of the orchestra's. While nothing waits none of our code is called: in Python that costs more than
many a cycle. How that is done is the engine's affair.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from typing import ClassVar, Final

import numpy as np

from csoundd.engine.csound.backend import BackendContext
from csoundd.engine.csound.instance import CsoundInstance

NAME: Final = b"csoundd"
FAULT: Final = "a fault in csoundd's own MIDI driver"
TEXT_BYTES: Final = 128
"""Each text of a device's structure: its name, interface, id and module."""


class MidiDriver(ABC):
    """Stands in for the MIDI devices, where the host does MIDI."""

    ports: ClassVar[tuple[str, ...]] = ("-M0", "-Q0")
    """The options that open the input and the output."""

    def __init__(self, instance: CsoundInstance, context: BackendContext) -> None:
        self._instance, self._context, self._queue = instance, context, context.inputs.midi
        c = self._c = instance.c
        self._fault = c.alloc_static(FAULT)
        self._setters = (
            ("csoundSetExternalMidiInOpenCallback", c.function(lambda *_: self._tell("inOpen"), "aaa", "i")),
            ("csoundSetExternalMidiInCloseCallback", c.function(lambda *_: self._tell("inClose"), "aa", "i")),
            ("csoundSetExternalMidiOutOpenCallback", c.function(lambda *_: self._tell("outOpen"), "aaa", "i")),
            ("csoundSetExternalMidiWriteCallback", c.function(self._written, "aaai", "i")),
            ("csoundSetExternalMidiOutCloseCallback", c.function(lambda *_: self._tell("outClose"), "aa", "i")),
            ("csoundSetExternalMidiErrorStringCallback", c.function(self._explained, "i", "a", self._fault)),
            ("csoundSetMIDIDeviceListCallback", c.function(self._listed, "aai", "i")),
        )
        instance.before_start.append(self._take_over)
        self._queue.watch(self._waiting)

    @abstractmethod
    def _waiting(self, count: int) -> None:
        """Bytes have come, and so many wait; or all have been read, and none do."""

    def _take_over(self) -> None:
        """Put the driver in the place of Csound's modules, and open its ports."""
        if self._instance.host_midi:
            self._c.take_midi()
            self._install()
            for option in self.ports:
                self._instance.set_option(option)

    def _install(self) -> None:
        for setter, function in self._setters:
            getattr(self._c, setter)(function)

    def _tell(self, event: str, message: bytes = b"") -> int:
        self._context.tell("midi", {"event": event, "bytes": list(message)})
        return 0

    def _read(self, _csound: int, _data: int, buffer: int, size: int) -> int:
        taken = self._queue.read(size)
        if taken:
            self._c.write(buffer, taken)
        return len(taken)

    def _written(self, _csound: int, _data: int, buffer: int, size: int) -> int:
        if "midi" in self._context.followed:
            self._tell("message", np.array(self._c.view(buffer, (size,), "u1")).tobytes())
        return size

    def _explained(self, _code: int) -> int:
        self._tell("error")
        return self._fault

    def _listed(self, _csound: int, devices: int | None, is_output: int) -> int:
        """The driver's one port, in either direction."""
        if devices:
            texts = b"".join(text.ljust(TEXT_BYTES, b"\0") for text in (NAME, NAME, b"0", NAME))
            self._c.write(devices, texts + struct.pack("<i", is_output))
            self._tell("devices")
        return 1
