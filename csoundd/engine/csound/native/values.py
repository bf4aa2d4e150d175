"""``invalue`` and ``outvalue`` on the system's Csound: one permanent pair of callbacks."""

from __future__ import annotations

import ctypes
from typing import Final

from csoundd.engine.csound.native.instance import Instance
from csoundd.engine.csound.outvalues import Outvalues, fitting
from csoundd.engine.csound.surroundings import Surroundings

CHANNEL: Final = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p)
TEXT: Final = b"S"


class ValueCallbacks:
    """Answers ``invalue`` from what clients have pushed, and tells of ``outvalue``."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        self._invalues = surroundings.feeds.invalues
        self._outvalues = Outvalues(instance, surroundings)
        instance.call_back("csoundSetInputChannelCallback", CHANNEL, self._asked)
        instance.call_back("csoundSetOutputChannelCallback", CHANNEL, self._said)

    def _asked(self, _csound: int, name: bytes, value: int, kind: int) -> None:
        invalues = self._invalues
        if _kind(kind) == TEXT:
            text = fitting(invalues.text(name.decode(errors="replace")))
            ctypes.memmove(value, text + b"\0", len(text) + 1)
        else:
            ctypes.c_double.from_address(value).value = invalues.number(name.decode(errors="replace"))

    def _said(self, _csound: int, name: bytes, value: int, kind: int) -> None:
        if not self._outvalues.heard:
            return
        given: float | str = (
            ctypes.string_at(value).decode(errors="replace")
            if _kind(kind) == TEXT
            else ctypes.c_double.from_address(value).value
        )
        self._outvalues.tell(name.decode(errors="replace"), given)


def _kind(pointer: int) -> bytes | None:
    """The name of a type of Csound's, the first member of its structure."""
    return ctypes.c_char_p.from_address(pointer).value
