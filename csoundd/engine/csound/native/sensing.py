"""``sensekey`` on the system's Csound: one permanent pair of callbacks, which keeps it from the terminal."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final

from csoundd.engine.csound.native.instance import Instance
from csoundd.engine.csound.surroundings import Surroundings

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
        self._pair = ((EVENT, self._made(keys.moves)), (TEXT, self._made(keys.text)))
        instance.prepare_with(self._install)

    def _made(self, next_key: Callable[[], int]) -> Any:
        def sense(_data: int, code: int, _kind: int) -> int:
            ctypes.c_int.from_address(code).value = next_key()
            return ANSWERED

        return self._instance.c.pointer(KEYBOARD, sense, ANSWERED)

    def _install(self) -> None:
        c = self._instance.c
        # Until the first key was pressed 6.18 reads the process's own input, whatever a callback answers:
        # docs/upstream-faults.md#csound-sensekey-stdin.
        c.csoundKeyPress(NO_KEY)
        for kind, thunk in self._pair:
            # A reset may leave them in place: what is registered twice is asked twice.
            c.csoundRemoveKeyboardCallback(thunk)
            c.csoundRegisterKeyboardCallback(thunk, None, kind)
