"""The virtual MIDI driver on the embedded engine: its other end is the topic ``midi``."""

from __future__ import annotations

import ctypes
import struct
from typing import Final

import wasmtime

from csoundd.engine.csound.backend import BackendContext
from csoundd.engine.csound.binding import guarded
from csoundd.engine.csound.input_queues import MidiQueue
from csoundd.engine.csound.wasm.instance import Instance

PORTS: Final = ("-M0", "-Q0")
"""The options that open the input and the output."""

NAME: Final = b"csoundd"
FAULT: Final = "a fault in csoundd's own MIDI driver"
FIELD: Final = 128
"""Bytes in each text of a device's structure: its name, interface, id and module."""


WAITING: Final = """
(module
  (import "env" "memory" (memory 1))
  (import "host" "read" (func $read (param i32 i32 i32 i32) (result i32)))
  (func (export "read") (param i32 i32 i32 i32) (result i32)
    (if (result i32) (i32.load (i32.const {flag}))
      (then (call $read (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
      (else (i32.const 0)))))
"""
"""Csound asks for bytes in every cycle, and Python would take ten microseconds to say that there are none."""


class FlaggedMidi(MidiQueue):
    """The bytes that wait, and a number in the machine's memory that says whether any do."""

    def __init__(self, flag: ctypes.c_double) -> None:
        super().__init__()
        self._flag = flag

    def push(self, message: bytes) -> int:
        self._flag.value = 1.0
        return super().push(message)

    def take(self, count: int) -> bytes:
        taken = super().take(count)
        if len(taken) < count:
            self._flag.value = 0.0
        return taken


class MidiDriver:
    """Stands in for the MIDI devices, where the host does MIDI."""

    def __init__(self, instance: Instance, context: BackendContext) -> None:
        self._instance, self._context = instance, context
        self._fault = instance.machine.alloc_static(FAULT)
        self._setters = [
            self._setter("ExternalMidiInOpen", lambda *_: self._tell("inOpen"), "iii"),
            ("csoundSetExternalMidiReadCallback", self._reader()),
            self._setter("ExternalMidiInClose", lambda *_: self._tell("inClose"), "ii"),
            self._setter("ExternalMidiOutOpen", lambda *_: self._tell("outOpen"), "iii"),
            self._setter("ExternalMidiWrite", self._written, "iiii"),
            self._setter("ExternalMidiOutClose", lambda *_: self._tell("outClose"), "ii"),
            self._setter("ExternalMidiErrorString", self._explained, "i"),
            self._setter("MIDIDeviceList", self._listed, "iii"),
        ]
        instance.before_start.append(self._take_over)

    def _reader(self) -> int:
        """The table index of what Csound asks for bytes."""
        machine, flag = self._instance.machine, self._instance.machine.allocate(8)
        self._context.inputs.midi = FlaggedMidi(machine.double(flag))
        # The upper half of a number that is not 0 is not 0 either.
        exports = machine.assembled(
            WAITING.format(flag=flag + 4), machine.imported(guarded(self._read, 0), "iiii", "i")
        )
        reader = exports["read"]
        assert isinstance(reader, wasmtime.Func)
        return machine.placed(reader)

    def _setter(self, name: str, function: object, params: str) -> tuple[str, int]:
        assert callable(function)
        return f"csoundSet{name}Callback", self._instance.c.function(function, params, "i")

    def _take_over(self) -> None:
        """Put the driver in the place of Csound's modules, and open its ports."""
        instance = self._instance
        if not instance.host_midi:
            return
        instance.c.take_midi()
        for name, index in self._setters:
            getattr(instance.c, name)(index)
        for option in PORTS:
            instance.set_option(option)

    def _tell(self, event: str, message: bytes = b"") -> int:
        self._context.tell("midi", {"event": event, "bytes": list(message)})
        return 0

    def _read(self, _csound: int, _data: int, buffer: int, size: int) -> int:
        taken = self._context.inputs.midi.take(size)
        if taken:
            self._instance.machine.write(buffer, taken)
        return len(taken)

    def _written(self, _csound: int, _data: int, buffer: int, size: int) -> int:
        if "midi" in self._context.heard:
            self._tell("message", self._instance.machine.bytes_at(buffer, size))
        return size

    def _explained(self, _code: int) -> int:
        self._tell("error")
        return self._fault

    def _listed(self, _csound: int, devices: int, is_output: int) -> int:
        """The driver's one port, in either direction."""
        if devices:
            texts = b"".join(text.ljust(FIELD, b"\0") for text in (NAME, NAME, b"0", NAME))
            self._instance.machine.write(devices, texts + struct.pack("<i", is_output))
            self._tell("devices")
        return 1
