"""``invalue`` and ``outvalue`` on the system's Csound: one permanent pair of callbacks."""

from __future__ import annotations

import ctypes
from typing import Final

from csoundd.engine.backends.native.instance import Instance
from csoundd.engine.backends.native.thunks import Thunks
from csoundd.engine.backends.surroundings import Surroundings

CHANNEL: Final = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p)
TEXT: Final = b"S"
LONGEST_TEXT: Final = 255
"""What fits into the string of an ``invalue``, in bytes: Csound makes them 256 long and says no size."""


class ValueCallbacks:
    """Answers ``invalue`` from what clients have pushed, and tells of ``outvalue``."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        self._instance, self._surroundings = instance, surroundings
        self._last: dict[str, tuple[object, int]] = {}
        thunks = Thunks(instance)
        thunks.add("csoundSetInputChannelCallback", CHANNEL, self._asked)
        thunks.add("csoundSetOutputChannelCallback", CHANNEL, self._said)
        instance.on_reset.append(self._last.clear)
        instance.prepare_with(thunks.install)

    def _asked(self, _csound: int, name: bytes, value: int, kind: int) -> None:
        invalues = self._surroundings.feeds.invalues
        if _kind(kind) == TEXT:
            text = fitting(invalues.text(name.decode(errors="replace")), LONGEST_TEXT)
            ctypes.memmove(value, text + b"\0", len(text) + 1)
        else:
            ctypes.c_double.from_address(value).value = invalues.number(name.decode(errors="replace"))

    def _said(self, _csound: int, name: bytes, value: int, kind: int) -> None:
        if "outvalue" not in self._surroundings.heard:
            return
        given: float | str = (
            ctypes.string_at(value).decode(errors="replace")
            if _kind(kind) == TEXT
            else ctypes.c_double.from_address(value).value
        )
        self._tell(name.decode(errors="replace"), given)

    def _tell(self, name: str, value: float | str) -> None:
        """Tell of a value, but not of one that is said again in the same cycle or in the next."""
        sample = self._instance.samples()
        last = self._last.get(name)
        self._last[name] = (value, sample)
        if last is None or last[0] != value or not 0 <= sample - last[1] <= self._instance.ksmps:
            self._surroundings.tell("outvalue", {"name": name, "value": value})


def fitting(text: str, size: int) -> bytes:
    """The beginning of ``text`` that fits into ``size`` bytes, no character cut through."""
    encoded = text.encode()
    return encoded if len(encoded) <= size else encoded[:size].decode(errors="ignore").encode()


def _kind(pointer: int) -> bytes | None:
    """The name of a type of Csound's, the first member of its structure."""
    return ctypes.c_char_p.from_address(pointer).value
