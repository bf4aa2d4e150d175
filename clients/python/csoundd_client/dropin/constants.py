"""The constants of libcsound that scripts name."""

from __future__ import annotations

import ctypes
from typing import Final

MYFLT = ctypes.c_double
"""The type of Csound's numbers."""

CSOUND_SUCCESS: Final = 0
CSOUND_ERROR: Final = -1
CSOUND_INITIALIZATION: Final = -2
CSOUND_PERFORMANCE: Final = -3
CSOUND_MEMORY: Final = -4
CSOUND_SIGNAL: Final = -5
CSOUND_EXITJMP_SUCCESS: Final = 256

CSOUNDINIT_NO_SIGNAL_HANDLER: Final = 1
CSOUNDINIT_NO_ATEXIT: Final = 2

CSOUND_CALLBACK_KBD_EVENT: Final = 1
CSOUND_CALLBACK_KBD_TEXT: Final = 2

CSOUND_CONTROL_CHANNEL: Final = 1
CSOUND_AUDIO_CHANNEL: Final = 2
CSOUND_STRING_CHANNEL: Final = 3
CSOUND_PVS_CHANNEL: Final = 4
CSOUND_VAR_CHANNEL: Final = 5
CSOUND_ARRAY_CHANNEL: Final = 6
CSOUND_CHANNEL_TYPE_MASK: Final = 15
CSOUND_INPUT_CHANNEL: Final = 16
CSOUND_OUTPUT_CHANNEL: Final = 32

CSOUND_CONTROL_CHANNEL_NO_HINTS: Final = 0
CSOUND_CONTROL_CHANNEL_INT: Final = 1
CSOUND_CONTROL_CHANNEL_LIN: Final = 2
CSOUND_CONTROL_CHANNEL_EXP: Final = 3

CS_INSTR_EVENT: Final = 0
CS_TABLE_EVENT: Final = 1
CS_END_EVENT: Final = 2

NOPOL: Final = 0
NEGPOL: Final = 1
POSPOL: Final = 2
BIPOL: Final = 3

PVS_WIN_HAMMING: Final = 0
PVS_WIN_HANN: Final = 1
PVS_WIN_KAISER: Final = 2
PVS_WIN_CUSTOM: Final = 3
PVS_WIN_BLACKMAN: Final = 4
PVS_WIN_BLACKMAN_EXACT: Final = 5
PVS_WIN_NUTTALLC3: Final = 6
PVS_WIN_BHARRIS_3: Final = 7
PVS_WIN_BHARRIS_MIN: Final = 8
PVS_WIN_RECT: Final = 9

PVS_WINDOWS: Final = {
    "hamming": PVS_WIN_HAMMING,
    "hann": PVS_WIN_HANN,
    "kaiser": PVS_WIN_KAISER,
    "custom": PVS_WIN_CUSTOM,
    "blackman": PVS_WIN_BLACKMAN,
    "blackman-exact": PVS_WIN_BLACKMAN_EXACT,
    "nuttallc3": PVS_WIN_NUTTALLC3,
    "bharris3": PVS_WIN_BHARRIS_3,
    "bharrismin": PVS_WIN_BHARRIS_MIN,
    "rect": PVS_WIN_RECT,
}

PVS_AMP_FREQ: Final = 0
PVS_AMP_PHASE: Final = 1
PVS_COMPLEX: Final = 2
PVS_TRACKS: Final = 3
