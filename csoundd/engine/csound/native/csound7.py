"""Csound 7 in this process, as version 7.0.0 declares its functions."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

from csoundd.engine.csound.array_channels import Csound7Pvs, Shape
from csoundd.engine.csound.channels import INPUT_OUTPUT, PVS
from csoundd.engine.csound.commandline import in_marks
from csoundd.engine.csound.csound7 import TEXTS, Csound7, named, parameters_of
from csoundd.engine.csound.native.binding import ADDRESS, INT, NUMBER, TEXT, NativeBinding, Types

Parameters = parameters_of(TEXT)


class CircularBuffer(ctypes.Structure):
    """``circular_buffer``, up to where its memory is."""

    _fields_ = (("memory", ADDRESS),)


class Note(ctypes.Structure):
    """``debug_instr_t``: a note that sounds."""


Note._fields_ = (
    ("variables", ADDRESS),
    ("locals", ADDRESS),
    ("instance", ADDRESS),
    ("p1", NUMBER),
    ("p2", NUMBER),
    ("p3", NUMBER),
    ("kcounter", ctypes.c_uint64),
    ("line", INT),
    ("next", ctypes.POINTER(Note)),
)


class NativeCsound7(Csound7, NativeBinding):
    """An instance of Csound 7 in this process."""

    own: ClassVar[dict[str, Types]] = {
        "csoundCompileOrc": (INT, (TEXT, INT)),
        "csoundCompileCSD": (INT, (TEXT, INT, INT)),
        "csoundEvent": (None, (INT, ADDRESS, INT, INT)),
        "csoundEventString": (None, (TEXT, INT)),
        "csoundGetInstrNumber": (INT, (TEXT,)),
        "csoundGetChannels": (ctypes.c_uint32, (INT,)),
        "csoundGetParams": (ctypes.POINTER(Parameters), ()),
        "csoundSetHostAudioIO": (None, ()),
        "csoundSetHostMIDIIO": (None, ()),
        "csoundSetStringData": (None, (ADDRESS, TEXT)),
        "csoundAppendOpcode": (INT, (ADDRESS, INT, INT, *5 * (ADDRESS,))),
        "csoundInitArrayChannel": (ADDRESS, (TEXT, TEXT, INT, ADDRESS)),
        "csoundCreateCircularBuffer": (ADDRESS, (INT, INT)),
        "csoundDebugGetInstrInstances": (ctypes.POINTER(Note), ()),
        "csoundDebugFreeInstrInstances": (None, (ctypes.POINTER(Note),)),
    }
    without_instance: ClassVar[dict[str, Types]] = {
        "csoundArrayDataType": (TEXT, (ADDRESS,)),
        "csoundArrayDataDimensions": (INT, (ADDRESS,)),
        "csoundArrayDataSizes": (ADDRESS, (ADDRESS,)),
        "csoundGetArrayData": (ADDRESS, (ADDRESS,)),
    }

    def _create(self) -> int | None:
        # A folder given here would be searched in place of those that the environment names.
        address: int | None = self.library.declared("csoundCreate", ADDRESS, (ADDRESS, TEXT))(None, None)
        return address

    def kill(self, instr: float | str, mode: int, *, release: bool) -> None:
        # csoundKillInstance is not among what 7.0.0 exports. Its opcode fails on what there is not, which is no fault:
        # docs/upstream-faults.md#csound7-kill-instance.
        name, _, fraction = instr.partition(".") if isinstance(instr, str) else ("", "", "")
        number = self.csoundGetInstrNumber(name) if name else int(float(instr))
        # The opcode finds no note by a name with a fraction, but by the number that the name stands for.
        which = f"{number}.{fraction or 0}" if name else repr(float(instr))
        if number > 0:
            self.compile_orc(f"turnoff2_i {which}, {mode}, {int(release)}\n")

    def silence(self) -> None:
        with self._sounding() as notes:
            instruments = sorted({int(note.p1) for note in notes})
        if instruments:
            self.compile_orc("".join(f"turnoff2_i {number}, 0, 0\n" for number in instruments))

    @contextmanager
    def _sounding(self) -> Iterator[Iterator[Note]]:
        """The notes that sound now."""
        first = self.csoundDebugGetInstrInstances()

        def chain() -> Iterator[Note]:
            note: Any = first
            while note:
                yield note.contents
                note = note.contents.next

        try:
            yield chain()
        finally:
            if first:
                self.csoundDebugFreeInstrInstances(first)

    def memory(self, size: int) -> int:
        """The address of so many bytes, all zero, which are Csound's own and gone with the next reset."""
        made = self.csoundCreateCircularBuffer(size, 1)
        return int(CircularBuffer.from_address(made).memory or 0)

    def params(self) -> dict[str, Any]:
        values = named(self.csoundGetParams().contents)
        return {name: self.text(value) if name in TEXTS else value for name, value in values.items()}

    def set_output(self, name: str, filetype: str, sample_format: str) -> None:
        self.csoundSetOption(in_marks(f"-o{name}"))
        for word in filter(None, (filetype, sample_format)):
            self.csoundSetOption(f"--format={word}")

    def append_opcode(self, name: str, size: int, perform: Callable[[int, int], int]) -> None:
        none = self.alloc_static("")
        function = self.function(perform, "aa", "i")
        self.csoundAppendOpcode(self.alloc_static(name), size, 0, none, none, None, function, None)

    def end_performance(self) -> None:
        """Nothing: a reset closes what is open."""


FLOAT_BYTES: Final = 4


class NativePvs(Csound7Pvs):
    """Spectra shared by name.

    A frame is put into the channel's structure here. ``csoundInitPvsChannel`` of 7.0.0 crashes before the start, and
    afterwards hangs the frame on the chain of whichever note was performed last, with which it is freed
    (docs/upstream-faults.md#csound7-init-pvs).
    """

    _c: NativeCsound7

    def _make(self, name: str, shape: Shape) -> bool:
        address = self._pointers.address(name, PVS | INPUT_OUTPUT)
        if not address:
            return False
        members: Any = self._c.structure(self._c.layouts.spectrum, address)
        if not members.address or name in self._guessed:
            self._guessed.discard(name)
            self._reshape(members, shape)
            size = (shape[0] + 2) * FLOAT_BYTES
            memory = self._c.memory(size)
            members.size, members.address, members.end = size, memory, memory + size
        return True
