"""The functions of Csound 7 that Csound 6 has otherwise, the same in a library and as WebAssembly."""

from __future__ import annotations

import ctypes
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from csoundd.engine.csound.binding import Binding
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

TEXTS: Final = frozenset(NAMES.split())
INT, NUMBER = ctypes.c_int32, ctypes.c_double


def parameters_of(text: Any) -> type[ctypes.Structure]:
    """``OPARMS``, as ``csoundGetParams`` points to it, with ``text`` for the type of its texts.

    The members that 7.0.0 has: docs/upstream-faults.md#csound7-params.
    """
    members = (
        (SWITCHES, INT),
        ("cmd_tempo sr_override kr_override", NUMBER),
        ("nchnls_override nchnls_i_override", INT),
        (NAMES, text),
        (MORE_SWITCHES, INT),
        ("e0dbfs_override", NUMBER),
        ("daemon", INT),
        ("quality", NUMBER),
        ("ksmps_override fft_lib echo", INT),
        ("limiter sr_default kr_default", NUMBER),
        ("mp3_mode redef", INT),
    )
    fields = [(name, kind) for names, kind in members for name in names.split()]
    return type("Parameters", (ctypes.Structure,), {"_fields_": fields})


def named(structure: ctypes.Structure) -> dict[str, Any]:
    """The members of a structure of parameters that have names."""
    names = (name for name, *_ in structure._fields_ if not name.startswith("_"))
    return {name: getattr(structure, name) for name in names}


class Csound7(Binding):
    """An instance of Csound 7."""

    splits_options: ClassVar[bool] = True
    plays_header: ClassVar[bool] = True

    def api_version(self) -> int:
        # Csound 7 has no function for it: its API's version is its own.
        return self.version

    def compile_orc(self, text: str, *, later: bool = False) -> int:
        return int(self.csoundCompileOrc(text, int(later)))

    def compile_csd(self, text: str, *, later: bool = False) -> int:
        return int(self.csoundCompileCSD(text, CSD_IS_TEXT, int(later)))

    def event(self, kind: str, pfields: npt.NDArray[np.float64], *, started: bool, later: bool = False) -> int:
        # Before the start csoundEvent of 7.0.0 forgets the event, and says so; a line of a score is kept:
        # docs/upstream-faults.md#csound7-early-event.
        if started and kind in EVENT_TYPES:
            self.csoundEvent(EVENT_TYPES[kind], self.numbers(pfields), len(pfields), int(later))
        else:
            self.event_string(score_line(kind, list(pfields)), started=started, later=later)
        return 0

    def event_string(self, line: str, *, started: bool, later: bool = False) -> None:
        # Before the start nothing takes from the queue of what is to be sent later.
        self.csoundEventString(line, int(later and started))

    def instr_number(self, name: str, *, started: bool) -> int:
        return int(self.csoundGetInstrNumber(name))

    def channels(self, *, of_input: bool) -> int:
        return int(self.csoundGetChannels(OF_INPUT if of_input else OF_OUTPUT))

    def take_audio(self) -> None:
        self.csoundSetHostAudioIO()

    def take_midi(self) -> None:
        self.csoundSetHostMIDIIO()
