"""The virtual MIDI driver on the system's Csound: its other end is the topic ``midi``.

Csound reads what clients have pushed once in every cycle and never waits; what it writes is told. Its ports are
opened without any option of the orchestra's. While nothing waits it is Csound's own reader of no device that is
called: ours, in Python, costs more than many a cycle.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

from csoundd.engine.backends.native.instance import CSOUND_7, Instance
from csoundd.engine.backends.native.thunks import Thunks
from csoundd.engine.backends.surroundings import Surroundings

PORTS: Final = ("-+rtmidi=hostbased", "-M0", "-Q0")
"""The options that open the input and the output."""

NAME: Final = b"csoundd"
NO_DEVICE: Final = b"null"
FAULT: Final = b"a fault in csoundd's own MIDI driver"

INT, POINTER, TEXT = ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p
OPEN: Final = ctypes.CFUNCTYPE(INT, POINTER, POINTER, TEXT)
MOVE: Final = ctypes.CFUNCTYPE(INT, POINTER, POINTER, POINTER, INT)
CLOSE: Final = ctypes.CFUNCTYPE(INT, POINTER, POINTER)
ERROR: Final = ctypes.CFUNCTYPE(POINTER, INT)
"""Answers with an address, as ctypes would free a text that a callback returns."""

LIST: Final = ctypes.CFUNCTYPE(INT, POINTER, POINTER, INT)


class Device(ctypes.Structure):
    """One MIDI device in a list of Csound's."""

    _fields_ = (
        ("device_name", ctypes.c_char * 128),
        ("interface_name", ctypes.c_char * 128),
        ("device_id", ctypes.c_char * 128),
        ("midi_module", ctypes.c_char * 128),
        ("is_output", INT),
    )


class MidiDriver:
    """Stands in for the MIDI devices, where the host does MIDI."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        self._instance, self._surroundings = instance, surroundings
        self._fault = ctypes.create_string_buffer(FAULT)
        self._null = Thunks(instance).function("csoundSetMIDIModule", None, TEXT)
        self._reader, self._thunks = Thunks(instance), Thunks(instance)
        self._reader.add("csoundSetExternalMidiReadCallback", MOVE, self._read, 0)
        thunks = self._thunks
        thunks.add("csoundSetExternalMidiInOpenCallback", OPEN, lambda *_: self._tell("inOpen"), 0)
        thunks.add("csoundSetExternalMidiInCloseCallback", CLOSE, lambda *_: self._tell("inClose"), 0)
        thunks.add("csoundSetExternalMidiOutOpenCallback", OPEN, lambda *_: self._tell("outOpen"), 0)
        thunks.add("csoundSetExternalMidiWriteCallback", MOVE, self._written, 0)
        thunks.add("csoundSetExternalMidiOutCloseCallback", CLOSE, lambda *_: self._tell("outClose"), 0)
        thunks.add("csoundSetExternalMidiErrorStringCallback", ERROR, self._explained, ctypes.addressof(self._fault))
        thunks.add("csoundSetMIDIDeviceListCallback", LIST, self._listed, 0)
        instance.before_start.append(self._take_over)
        surroundings.feeds.midi.stir = self._stir

    def _take_over(self) -> None:
        """Put the driver in the place of Csound's modules, and open its ports."""
        instance = self._instance
        if not instance.host_midi:
            return
        if instance.version >= CSOUND_7:
            instance.c.csoundSetHostMIDIIO(instance.pointer)
        else:
            instance.c.csoundSetHostImplementedMIDIIO(instance.pointer, 1)
        self._rest()
        for option in PORTS:
            instance.wrapper.setOption(option)

        if self._surroundings.feeds.midi:
            self._reader.install()

    def _rest(self) -> None:
        """Read nothing, until there is something."""
        if self._null is None:
            self._reader.install()
        else:
            self._null(self._instance.pointer, NO_DEVICE)
        self._thunks.install()

    def _stir(self) -> None:
        if self._instance.host_midi and self._instance.started:
            self._reader.install()

    def _tell(self, event: str, message: bytes = b"") -> int:
        self._surroundings.tell("midi", {"event": event, "bytes": list(message)})
        return 0

    def _read(self, _csound: int, _data: int, buffer: int, size: int) -> int:
        taken = self._surroundings.feeds.midi.take(size)
        if taken:
            ctypes.memmove(buffer, taken, len(taken))
        if not self._surroundings.feeds.midi:
            self._rest()
        return len(taken)

    def _written(self, _csound: int, _data: int, buffer: int, size: int) -> int:
        if "midi" in self._surroundings.heard:
            self._tell("message", ctypes.string_at(buffer, size))
        return size

    def _explained(self, _code: int) -> int:
        self._tell("error")
        return ctypes.addressof(self._fault)

    def _listed(self, _csound: int, devices: int | None, is_output: int) -> int:
        """The driver's one port, in either direction."""
        if devices:
            device: Any = Device.from_address(devices)
            device.device_name = device.interface_name = device.midi_module = NAME
            device.device_id, device.is_output = b"0", is_output
            self._tell("devices")
        return 1
