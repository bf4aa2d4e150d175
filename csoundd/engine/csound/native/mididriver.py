"""The virtual MIDI driver on the system's Csound: its other end is the topic ``midi``.

Csound reads what clients have pushed once in every cycle and never waits; what it writes is told. Its ports are
opened without any option of the orchestra's. While nothing waits it is Csound's own reader of no device that is
called: ours, in Python, costs more than many a cycle.
"""

from __future__ import annotations

import ctypes
from typing import Final

from csoundd.engine.csound.backend import BackendContext
from csoundd.engine.csound.native.binding import MidiDeviceEntry
from csoundd.engine.csound.native.instance import Instance

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


class MidiDriver:
    """Stands in for the MIDI devices, where the host does MIDI."""

    def __init__(self, instance: Instance, context: BackendContext) -> None:
        self._instance, self._context = instance, context
        self._fault = ctypes.create_string_buffer(FAULT)
        callback = instance.c.callback
        self._read_from_clients = callback("csoundSetExternalMidiReadCallback", MOVE, self._read, 0)
        self._setters = (
            callback("csoundSetExternalMidiInOpenCallback", OPEN, lambda *_: self._tell("inOpen"), 0),
            callback("csoundSetExternalMidiInCloseCallback", CLOSE, lambda *_: self._tell("inClose"), 0),
            callback("csoundSetExternalMidiOutOpenCallback", OPEN, lambda *_: self._tell("outOpen"), 0),
            callback("csoundSetExternalMidiWriteCallback", MOVE, self._written, 0),
            callback("csoundSetExternalMidiOutCloseCallback", CLOSE, lambda *_: self._tell("outClose"), 0),
            callback("csoundSetExternalMidiErrorStringCallback", ERROR, self._explained, ctypes.addressof(self._fault)),
            callback("csoundSetMIDIDeviceListCallback", LIST, self._listed, 0),
        )
        instance.before_start.append(self._take_over)
        context.inputs.midi.stir = self._stir

    def _take_over(self) -> None:
        """Put the driver in the place of Csound's modules, and open its ports."""
        instance = self._instance
        if not instance.host_midi:
            return
        instance.c.take_midi()
        self._rest()
        for option in PORTS:
            instance.set_option(option)
        if self._context.inputs.midi:
            self._read_from_clients()

    def _rest(self) -> None:
        """Read nothing, until there is something."""
        self._instance.c.csoundSetMIDIModule(NO_DEVICE)
        for install in self._setters:
            install()

    def _stir(self) -> None:
        if self._instance.host_midi and self._instance.started:
            self._read_from_clients()

    def _tell(self, event: str, message: bytes = b"") -> int:
        self._context.tell("midi", {"event": event, "bytes": list(message)})
        return 0

    def _read(self, _csound: int, _data: int, buffer: int, size: int) -> int:
        taken = self._context.inputs.midi.take(size)
        if taken:
            ctypes.memmove(buffer, taken, len(taken))
        if not self._context.inputs.midi:
            self._rest()
        return len(taken)

    def _written(self, _csound: int, _data: int, buffer: int, size: int) -> int:
        if "midi" in self._context.heard:
            self._tell("message", ctypes.string_at(buffer, size))
        return size

    def _explained(self, _code: int) -> int:
        self._tell("error")
        return ctypes.addressof(self._fault)

    def _listed(self, _csound: int, devices: int | None, is_output: int) -> int:
        """The driver's one port, in either direction."""
        if devices:
            device = MidiDeviceEntry.from_address(devices)
            device.device_name = device.interface_name = device.midi_module = NAME
            device.device_id, device.is_output = b"0", is_output
            self._tell("devices")
        return 1
