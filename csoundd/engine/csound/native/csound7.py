"""What Csound 7 does by functions of its own, as version 7.0.0 declares them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from csoundd.engine.csound.native.binding import ADDRESS, INT, NUMBER, TEXT, Binding, Sizes, Types
from csoundd.engine.csound.score import score_line

EVENT_TYPES: Final = {"i": 0, "f": 1, "e": 2}
"""The kinds of event that ``csoundEvent`` takes; the others travel as lines of a score."""

CSD_IS_TEXT: Final = 1
OF_OUTPUT, OF_INPUT = 0, 1

SWITCHES: Final = (
    "debug_mode sf_read sf_write file_type in_buffer_samples out_buffer_samples in_format out_format sf_sample_size "
    "displays graphs_off postscript message_level beat_mode max_lag line_in rt_events midi_in f_midi_in r_midi_in "
    "ringbell term_mf_end rewrite_header heartbeat gen01_defer"
)
NAMES: Final = "in_filename out_filename linename midiname f_midiname midi_out_name f_midi_out_name"
MORE_SWITCHES: Final = (
    "midi_key midi_key_cps midi_key_oct midi_key_pch midi_velocity midi_velocity_amp no_default_paths "
    "number_of_threads syntax_check_only _unnamed use_csd_line_counts sample_accurate realtime"
)
"""Between two of these lies a switch that no option sets and Csound gives no name."""

PARAMETERS: Final = (
    (SWITCHES, INT),
    ("cmd_tempo sr_override kr_override", NUMBER),
    ("nchnls_override nchnls_i_override", INT),
    (NAMES, TEXT),
    (MORE_SWITCHES, INT),
    ("e0dbfs_override", NUMBER),
    ("daemon", INT),
    ("quality", NUMBER),
    ("ksmps_override fft_lib echo", INT),
    ("limiter sr_default kr_default", NUMBER),
    ("mp3_mode redef", INT),
)
"""The members of ``OPARMS`` and their types, in order. ``csoundd.engine.csound.wasm`` has the same in 32 bits."""


class Parameters(ctypes.Structure):
    """``OPARMS``, as ``csoundGetParams`` points to it (docs/upstream-faults.md#csound7-params)."""

    _fields_ = tuple((name, kind) for names, kind in PARAMETERS for name in names.split())


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


class Csound7(Binding):
    """An instance of Csound 7."""

    own: ClassVar[dict[str, Types]] = {
        "csoundCompileOrc": (INT, (TEXT, INT)),
        "csoundCompileCSD": (INT, (TEXT, INT, INT)),
        "csoundEvent": (None, (INT, ctypes.POINTER(NUMBER), INT, INT)),
        "csoundEventString": (None, (TEXT, INT)),
        "csoundGetInstrNumber": (INT, (TEXT,)),
        "csoundGetChannels": (ctypes.c_uint32, (INT,)),
        "csoundGetParams": (ctypes.POINTER(Parameters), ()),
        "csoundSetHostAudioIO": (None, ()),
        "csoundSetHostMIDIIO": (None, ()),
        "csoundSetStringData": (None, (ADDRESS, TEXT)),
        "csoundInitArrayChannel": (ADDRESS, (TEXT, TEXT, INT, Sizes)),
        "csoundCreateCircularBuffer": (ADDRESS, (INT, INT)),
        "csoundDebugGetInstrInstances": (ctypes.POINTER(Note), ()),
        "csoundDebugFreeInstrInstances": (None, (ctypes.POINTER(Note),)),
    }
    without_instance: ClassVar[dict[str, Types]] = {
        "csoundArrayDataType": (TEXT, (ADDRESS,)),
        "csoundArrayDataDimensions": (INT, (ADDRESS,)),
        "csoundArrayDataSizes": (Sizes, (ADDRESS,)),
        "csoundGetArrayData": (ADDRESS, (ADDRESS,)),
    }

    def _create(self) -> int | None:
        # A folder given here would be searched in place of those that the environment names.
        address: int | None = self.library.declared("csoundCreate", ADDRESS, (ADDRESS, TEXT))(None, None)
        return address

    def api_version(self) -> int:
        # Csound 7 has no function for it: its API's version is its own.
        return self.version

    def compile_orc(self, text: str, *, later: bool = False) -> int:
        return int(self.csoundCompileOrc(text.encode(), int(later)))

    def compile_csd(self, text: str, *, later: bool = False) -> int:
        return int(self.csoundCompileCSD(text.encode(), CSD_IS_TEXT, int(later)))

    def event(self, kind: str, pfields: npt.NDArray[np.float64], *, started: bool, later: bool = False) -> int:
        # Before the start csoundEvent of 7.0.0 forgets the event, and says so; a line of a score is kept:
        # docs/upstream-faults.md#csound7-early-event.
        if started and kind in EVENT_TYPES:
            numbers = pfields.ctypes.data_as(ctypes.POINTER(NUMBER))
            self.csoundEvent(EVENT_TYPES[kind], numbers, len(pfields), int(later))
        else:
            self.event_string(score_line(kind, list(pfields)), started=started, later=later)
        return 0

    def event_string(self, line: str, *, started: bool, later: bool = False) -> None:
        # Before the start nothing takes from the queue of what is to be sent later.
        self.csoundEventString(line.encode(), int(later and started))

    def kill(self, instr: float | str, mode: int, *, release: bool) -> None:
        # csoundKillInstance is not among what 7.0.0 exports. Its opcode fails on what there is not, which is no fault:
        # docs/upstream-faults.md#csound7-kill-instance.
        name, _, fraction = instr.partition(".") if isinstance(instr, str) else ("", "", "")
        number = self.csoundGetInstrNumber(name.encode()) if name else int(float(instr))
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

    def instr_number(self, name: str, *, started: bool) -> int:
        return int(self.csoundGetInstrNumber(name.encode()))

    def channels(self, *, of_input: bool) -> int:
        return int(self.csoundGetChannels(OF_INPUT if of_input else OF_OUTPUT))

    def params(self) -> Parameters:
        parameters: Parameters = self.csoundGetParams().contents
        return parameters

    def set_output(self, name: str, filetype: str, sample_format: str) -> None:
        self.csoundSetOption(f"-o{name}".encode())
        for word in filter(None, (filetype, sample_format)):
            self.csoundSetOption(f"--format={word}".encode())

    def take_audio(self) -> None:
        self.csoundSetHostAudioIO()

    def take_midi(self) -> None:
        self.csoundSetHostMIDIIO()

    def end_performance(self) -> None:
        """Nothing: a reset closes what is open."""

    def free_channel_cells(self, listed: int, count: int) -> None:
        """Nothing is left behind."""
