"""Csound 6 in this process, as version 6.18 declares its functions: all that is special to it goes with this module.

A frame of a spectral channel goes in by ``csoundSetPvsChannel``, which makes the channel and copies, and is read where
it lies, since ``csoundGetPvsChannel`` of 6.18 leaves out the last bin (docs/upstream-faults.md#csound6-pvs-last-bin).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from csoundd.api.values import Array, ChannelRef
from csoundd.engine.csound.array_channels import Members, Shape, SharedPvs, fitting
from csoundd.engine.csound.channels import INPUT_OUTPUT, PVS
from csoundd.engine.csound.native.binding import (
    ADDRESS,
    INT,
    MESSAGE_PIECE,
    NUMBER,
    TEXT,
    Library,
    NativeBinding,
    Types,
)
from csoundd.engine.csound.score import HIGHEST_INSTRUMENT, score_line
from csoundd.errors import EngineError, WrongState

_HEAD: Final = 2 * ctypes.sizeof(ctypes.c_void_p)
"""Each block of Csound's memory begins with the addresses of the next younger and the next older block."""

_WORD: Final = ctypes.sizeof(ctypes.c_void_p)
_KNOWN: Final = range(6180, 6190)
"""The versions whose memory is known to look so."""


def cells_left(version: int, listed: int, count: int) -> list[int]:
    """The addresses of the cells that the list at ``listed``, of ``count`` channels and just made, was copied from.

    They are the blocks made before it, the last first, and each holds the address of the next. Empty where they are
    not found so, or in another version.
    """
    if version not in _KNOWN or not listed:
        return []
    younger, block = _words(listed - _HEAD)
    cells: list[int] = []
    while not younger and block and block % _WORD == 0 and len(cells) < count:
        cell = block + _HEAD
        _, following = _words(cell)
        block = _words(block)[1]
        cells.append(cell)
        if following != (block + _HEAD if len(cells) < count else 0):
            return []
    return cells if len(cells) == count else []


def _words(address: int) -> tuple[int, int]:
    """The two addresses that stand at ``address``."""
    first, second = (ctypes.c_void_p * 2).from_address(address)
    return first or 0, second or 0


SWITCHES: Final = (
    "debug_mode buffer_frames hardware_buffer_frames displays ascii_graphs postscript_graphs message_level tempo "
    "ring_bell use_cscore terminate_on_midi heartbeat defer_gen01_load midi_key midi_key_cps midi_key_oct midi_key_pch "
    "midi_velocity midi_velocity_amp no_default_paths number_of_threads syntax_check_only csd_line_counts "
    "compute_weights realtime_mode sample_accurate"
)
PARAMETERS: Final = (
    (SWITCHES, INT),
    ("sample_rate_override control_rate_override", NUMBER),
    ("nchnls_override nchnls_i_override", INT),
    ("e0dbfs_override", NUMBER),
    ("daemon ksmps_override FFT_library", INT),
)
"""The members of ``CSOUND_PARAMS`` and their types, in order."""

NUMBERS = ctypes.POINTER(NUMBER)


class Parameters(ctypes.Structure):
    """``CSOUND_PARAMS``, which ``csoundGetParams`` fills."""

    _fields_ = tuple((name, kind) for names, kind in PARAMETERS for name in names.split())


class Csound6(NativeBinding):
    """An instance of Csound 6."""

    own: ClassVar[dict[str, Types]] = {
        "csoundCleanup": (INT, ()),
        "csoundCompileOrc": (INT, (TEXT,)),
        "csoundCompileOrcAsync": (INT, (TEXT,)),
        "csoundCompileCsdText": (INT, (TEXT,)),
        "csoundScoreEvent": (INT, (ctypes.c_char, NUMBERS, ctypes.c_long)),
        "csoundScoreEventAsync": (None, (ctypes.c_char, NUMBERS, ctypes.c_long)),
        "csoundInputMessage": (None, (TEXT,)),
        "csoundInputMessageAsync": (None, (TEXT,)),
        "csoundReadScore": (INT, (TEXT,)),
        "csoundKillInstance": (INT, (NUMBER, TEXT, INT, INT)),
        "csoundGetNchnls": (ctypes.c_uint32, ()),
        "csoundGetNchnlsInput": (ctypes.c_uint32, ()),
        "csoundGetParams": (None, (ctypes.POINTER(Parameters),)),
        "csoundSetOutput": (None, (TEXT, TEXT, TEXT)),
        "csoundSetHostImplementedAudioIO": (None, (INT, INT)),
        "csoundSetHostImplementedMIDIIO": (None, (INT,)),
        "csoundSetPvsChannel": (INT, (ADDRESS, TEXT)),
        "csoundAppendOpcode": (INT, (ADDRESS, INT, INT, INT, *5 * (ADDRESS,))),
    }
    without_instance: ClassVar[dict[str, Types]] = {"csoundGetAPIVersion": (INT, ())}

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        for name in ("csoundCompileOrc", "csoundCompileCsdText", "csoundEvalCode", "csoundReadScore"):
            setattr(self, name, partial(self._with_debug_off, getattr(self, name)))

    def _with_debug_off(self, function: Callable[[str], Any], text: str) -> Any:
        """Give ``text`` to a function; a long one is not printed as a whole meanwhile, which ends the process."""
        if len(text) <= MESSAGE_PIECE or not self.csoundGetDebug():
            return function(text)
        self.csoundSetDebug(0)
        try:
            return function(text)
        finally:
            self.csoundSetDebug(1)

    def _create(self) -> int | None:
        address: int | None = self.library.declared("csoundCreate", ADDRESS, (ADDRESS,))(None)
        return address

    def api_version(self) -> int:
        return int(self.csoundGetAPIVersion())

    def compile_orc(self, text: str, *, later: bool = False) -> int:
        # Later it would be printed, and nobody is there to turn that off.
        later = later and not (len(text) > MESSAGE_PIECE and self.csoundGetDebug())
        compile_text = self.csoundCompileOrcAsync if later else self.csoundCompileOrc
        return int(compile_text(text))

    def compile_csd(self, text: str, *, later: bool = False) -> int:
        return int(self.csoundCompileCsdText(text))

    def event(self, kind: str, pfields: npt.NDArray[np.float64], *, started: bool, later: bool = False) -> int:
        if not started:
            # csoundScoreEvent of 6.18 puts it into a list that is there from the start on: SIGSEGV before that.
            self.event_string(score_line(kind, list(pfields)), started=False)
            return 0
        send = self.csoundScoreEventAsync if later else self.csoundScoreEvent
        return int(send(kind.encode(), pfields.ctypes.data_as(NUMBERS), len(pfields)) or 0)

    def event_string(self, line: str, *, started: bool, later: bool = False) -> None:
        # csoundInputMessage takes p-fields only: it knows no carrying, no "+", no expressions and no macros.
        self.csoundReadScore(line)

    def kill(self, instr: float | str, mode: int, *, release: bool) -> None:
        if isinstance(instr, str):
            self.csoundKillInstance(0.0, instr, mode, int(release))
        else:
            self.csoundKillInstance(float(instr), None, mode, int(release))

    def silence(self) -> None:
        for number in range(1, HIGHEST_INSTRUMENT):
            self.csoundKillInstance(float(number), None, 0, 0)

    def instr_number(self, name: str, *, started: bool) -> int:
        if not started:
            raise WrongState("Csound 6 numbers its instruments when it starts", hint="call csound.start first")
        return int(self.csoundEvalCode(f'return nstrnum("{name}")'))

    def channels(self, *, of_input: bool) -> int:
        return int(self.csoundGetNchnlsInput() if of_input else self.csoundGetNchnls())

    def params(self) -> dict[str, Any]:
        parameters = Parameters()
        self.csoundGetParams(ctypes.byref(parameters))
        values = {name: getattr(parameters, name) for name, *_ in Parameters._fields_}
        # Its structure has no names of files, and this is the one that clients have to know.
        return values | {"out_filename": self.text(self.csoundGetOutputName())}

    def set_output(self, name: str, filetype: str, sample_format: str) -> None:
        self.csoundSetOutput(name, filetype, sample_format)

    def take_audio(self) -> None:
        self.csoundSetHostImplementedAudioIO(1, 0)

    def take_midi(self) -> None:
        self.csoundSetHostImplementedMIDIIO(1)

    def end_performance(self) -> None:
        self.csoundCleanup()

    def append_opcode(self, name: str, size: int, perform: Callable[[int, int], int]) -> None:
        none = self.alloc_static("")
        function = self.function(perform, "aa", "i")
        self.csoundAppendOpcode(self.alloc_static(name), size, 0, PERFORMED, none, none, None, function, None)

    def free_channel_cells(self, listed: int, count: int) -> None:
        for cell in cells_left(self.version, listed, count):
            # It frees whatever block of Csound's it is given.
            self.csoundDeleteChannelList(cell)


SUCCESS: Final = 0
PERFORMED: Final = 2
"""An opcode that does something in each cycle, and nothing when a note begins."""

Floats = ctypes.POINTER(ctypes.c_float)


class Pointed(Members):
    """``PVSDATEXT``: the members of a channel, and the pointer to its frame."""

    _fields_ = (("frame", Floats),)


class Csound6Pvs(SharedPvs):
    """Spectra shared by name."""

    def _make(self, name: str, shape: Shape) -> bool:
        size, overlap, window, kind, form = shape
        address = self._pointers.address(name, PVS | INPUT_OUTPUT)
        if not address:
            raise EngineError(f"the spectral channel {name!r} could not be made")
        if not Pointed.from_address(address).N or name in self._guessed:
            self._guessed.discard(name)
            self._replace(name, Pointed(size, 0, 0, overlap, window, kind, form, 0), np.zeros(size + 2))
        return True

    def _replace(self, name: str, members: Pointed, frame: Array) -> None:
        samples = np.ascontiguousarray(frame, np.float32)
        members.frame = samples.ctypes.data_as(Floats)
        code = self._c.csoundSetPvsChannel(ctypes.addressof(members), name.encode())
        if code != SUCCESS:
            raise EngineError(f"csoundSetPvsChannel returned {code}", returned=int(code))

    def _members(self, name: str) -> Pointed:
        return Pointed.from_address(self._pointers.found(name, PVS))

    def pvsData(self, pvsdat: ChannelRef, *, session: str | None = None) -> Array:
        members = self._members(self._references.name(session, pvsdat, "pvs"))
        if not members.frame or members.N < 1:
            return np.zeros(max(0, members.N) + 2, np.float32)
        return np.array(np.ctypeslib.as_array(members.frame, shape=(members.N + 2,)))

    def setPvsData(self, pvsdat: ChannelRef, frame: Array, *, session: str | None = None) -> None:
        name = self._references.name(session, pvsdat, "pvs")
        members = self._members(name)
        given = fitting(frame, members)
        whole = Pointed.from_buffer_copy(members)
        whole.framecount = members.framecount + 1
        self._replace(name, whole, given)
