"""``sensekey`` on the system's Csound: one permanent pair of callbacks, which keeps it from the terminal."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final

from csoundd.engine.backends.guarding import guarded
from csoundd.engine.backends.native.instance import Instance
from csoundd.engine.backends.native.thunks import Thunks
from csoundd.engine.backends.surroundings import Surroundings

KEYBOARD: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint)
EVENT: Final = 1
TEXT: Final = 2
ANSWERED: Final = 0
NO_KEY: Final = b"\0"


class KeyCallbacks:
    """Gives ``sensekey`` the keys that clients press."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        self._instance = instance
        keys = surroundings.feeds.keys
        function = Thunks(instance).function
        self._remove = function("csoundRemoveKeyboardCallback", None, KEYBOARD)
        self._register = function(
            "csoundRegisterKeyboardCallback", ctypes.c_int, KEYBOARD, ctypes.c_void_p, ctypes.c_uint
        )
        self._pair = ((EVENT, self._made(keys.moves)), (TEXT, self._made(keys.text)))
        self._press = function("csoundKeyPress", None, ctypes.c_char)
        instance.prepare_with(self._install)

    def _made(self, next_key: Callable[[], int]) -> Any:
        def sense(_data: int, code: int, _kind: int) -> int:
            ctypes.c_int.from_address(code).value = next_key()
            return ANSWERED

        return KEYBOARD(guarded(sense, ANSWERED))

    def _install(self) -> None:
        pointer = self._instance.pointer
        assert self._remove is not None
        assert self._register is not None
        assert self._press is not None
        # Until the first key was pressed 6.18 reads the process's own input, whatever a callback answers.
        self._press(pointer, NO_KEY)
        for kind, thunk in self._pair:
            # A reset may leave them in place: what is registered twice is asked twice.
            self._remove(pointer, thunk)
            self._register(pointer, thunk, None, kind)
