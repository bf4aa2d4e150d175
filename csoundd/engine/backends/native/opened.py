"""Files that the system's Csound opens, told by their names in the workspace."""

from __future__ import annotations

import ctypes
import os
from typing import Final

from csoundd.engine.backends.native.instance import CSOUND_7, Instance
from csoundd.engine.backends.native.thunks import Thunks
from csoundd.engine.backends.opened import UNKNOWN, tell_opened, type_name
from csoundd.engine.backends.surroundings import Surroundings

INT, POINTER, TEXT = ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p
NOTICE: Final = ctypes.CFUNCTYPE(None, POINTER, TEXT, INT, INT, INT)
OPEN: Final = ctypes.CFUNCTYPE(POINTER, POINTER, TEXT, TEXT)
OPEN_SOUND: Final = ctypes.CFUNCTYPE(POINTER, POINTER, TEXT, INT, POINTER)

SOUND_WRITE: Final = 0x20
"""libsndfile's flag for a file that is written."""


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
        self._tell(path, type_name(kind), write=bool(write), temp=bool(temp))

    def _opening(self, _csound: int, path: bytes, mode: bytes) -> None:
        self._tell(path, UNKNOWN, write=mode[:1] != b"r", temp=False)

    def _opening_sound(self, _csound: int, path: bytes, mode: int, _info: int) -> None:
        self._tell(path, "unknown_audio", write=bool(mode & SOUND_WRITE), temp=False)

    def _tell(self, path: bytes, kind: str, *, write: bool, temp: bool) -> None:
        tell_opened(self._surroundings, os.fsdecode(path), kind, write=write, temp=temp)
