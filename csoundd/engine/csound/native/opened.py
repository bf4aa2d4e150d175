"""Files that the system's Csound opens, told by their names in the workspace."""

from __future__ import annotations

import ctypes
import os
from typing import Final

from csoundd.engine.csound.native.instance import Instance
from csoundd.engine.csound.opened import tell_opened, type_name
from csoundd.engine.csound.surroundings import Surroundings

INT, POINTER, TEXT = ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p
NOTICE: Final = ctypes.CFUNCTYPE(None, POINTER, TEXT, INT, INT, INT)


class FileCallbacks:
    """Hears of every file, by the callback that Csound 7 no longer documents and still calls with the file's kind."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        instance.call_back("csoundSetFileOpenCallback", NOTICE, self._opened)

    def _opened(self, _csound: int, path: bytes, kind: int, write: int, temp: int) -> None:
        tell_opened(self._surroundings, os.fsdecode(path), type_name(kind), write=bool(write), temp=bool(temp))
