"""Csound's structure of parameters, as it lies in the machine's memory."""

from __future__ import annotations

import ctypes
from typing import Final

from csoundd.engine.csound.wasm.instance import Instance

INTEGER, NUMBER, TEXT = ctypes.c_int32, ctypes.c_double, ctypes.c_uint32

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

FIELDS: Final = (
    (SWITCHES, INTEGER),
    ("cmd_tempo sr_override kr_override", NUMBER),
    ("nchnls_override nchnls_i_override", INTEGER),
    (NAMES, TEXT),
    (MORE_SWITCHES, INTEGER),
    ("e0dbfs_override", NUMBER),
    ("daemon", INTEGER),
    ("quality", NUMBER),
    ("ksmps_override fft_lib echo", INTEGER),
    ("limiter sr_default kr_default", NUMBER),
    ("mp3_mode redef", INTEGER),
)
TEXTS: Final = frozenset(NAMES.split())


class Parameters(ctypes.Structure):
    """The 32-bit form of the structure: texts are addresses."""

    _fields_ = [(name, kind) for names, kind in FIELDS for name in names.split()]


def parameters(instance: Instance) -> dict[str, object]:
    """All parameters by name."""
    machine = instance.machine
    pointer = int(instance.c.csoundGetParams(instance.cs))
    structure = Parameters.from_buffer_copy(machine.bytes_at(pointer, ctypes.sizeof(Parameters)))
    names = (name for name, *_ in Parameters._fields_ if not name.startswith("_"))
    values = {name: getattr(structure, name) for name in names}
    return {name: (machine.text_at(value) or None) if name in TEXTS else value for name, value in values.items()}
