"""Files that the system's Csound opens, told by their names in the workspace."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Final

from csoundd.engine.backends.native.instance import CSOUND_7, Instance
from csoundd.engine.backends.native.thunks import Thunks
from csoundd.engine.backends.surroundings import Surroundings

INT, POINTER, TEXT = ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p
NOTICE: Final = ctypes.CFUNCTYPE(None, POINTER, TEXT, INT, INT, INT)
OPEN: Final = ctypes.CFUNCTYPE(POINTER, POINTER, TEXT, TEXT)
OPEN_SOUND: Final = ctypes.CFUNCTYPE(POINTER, POINTER, TEXT, INT, POINTER)

SOUND_WRITE: Final = 0x20
"""libsndfile's flag for a file that is written."""

TYPES: Final = tuple(
    """
    unknown csd orchestra score orc_include sco_include score_out scot options extract_parms raw_audio ircam aiff aifc
    wave au sd2 w64 wavex flac caf wve ogg mpc2k rf64 avr htk mat4 mat5 nist paf pvf sds svx voc xi mpeg unknown_audio
    soundfont midi midi_sysex hetro hetrot pvc pvcex cvanal lpc ats loris sdif hrtf unused ladspa_plugin snapshot
    ftables_text ftables_binary xscanu_matrix floats_text floats_binary integer_text integer_binary png postscript
    script_text other_text other_binary
    """.split()  # noqa: SIM905 - sixty names read better so
)
"""Csound's kinds of file, by their numbers."""


class FileCallbacks:
    """Hears of every file. In Csound 7 the callbacks could open files themselves, and leave it to Csound."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        thunks = Thunks(instance)
        if instance.version >= CSOUND_7:
            thunks.add("csoundSetOpenFileCallback", OPEN, self._opening)
            thunks.add("csoundSetOpenSoundFileCallback", OPEN_SOUND, self._opening_sound)
        else:
            thunks.add("csoundSetFileOpenCallback", NOTICE, self._opened)
        instance.prepare_with(thunks.install)

    def _opened(self, _csound: int, path: bytes, kind: int, write: int, temp: int) -> None:
        self._tell(path, TYPES[kind] if 0 <= kind < len(TYPES) else TYPES[0], write=bool(write), temp=bool(temp))

    def _opening(self, _csound: int, path: bytes, mode: bytes) -> None:
        self._tell(path, TYPES[0], write=mode[:1] != b"r", temp=False)

    def _opening_sound(self, _csound: int, path: bytes, mode: int, _info: int) -> None:
        self._tell(path, "unknown_audio", write=bool(mode & SOUND_WRITE), temp=False)

    def _tell(self, path: bytes, kind: str, *, write: bool, temp: bool) -> None:
        if "files" not in self._surroundings.heard:
            return
        full = os.fsdecode(path)
        name = self._surroundings.workspace.name(full)
        data = {"path": Path(full).name if name is None else name, "type": kind, "write": write, "temp": temp}
        self._surroundings.tell("files", data | {"outside": name is None})
