"""What Csound asks of the host and tells it while it performs: values, keys, files.

Each is one permanent function; which of it anybody hears is the host's affair.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from csoundd.engine.csound.binding import Binding
from csoundd.engine.csound.file_events import tell_opened, type_name
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.csound.outvalues import Outvalues, fitting
from csoundd.engine.csound.surroundings import Surroundings

EVENT: Final = 1
TEXT: Final = 2
NO_KEY: Final = 0


class ValueCallbacks:
    """Answers ``invalue`` from what clients have pushed, and tells of ``outvalue``."""

    def __init__(self, instance: CsoundInstance, surroundings: Surroundings) -> None:
        self._c, self._invalues = instance.c, surroundings.feeds.invalues
        self._outvalues = Outvalues(instance, surroundings)
        instance.call_back("csoundSetInputChannelCallback", self._asked, "aaaa")
        instance.call_back("csoundSetOutputChannelCallback", self._said, "aaaa")

    def _is_text(self, kind: int) -> bool:
        """Whether a type of Csound's, whose structure begins with its name, is that of texts."""
        return self._c.text_at(self._c.pointer_at(kind)) == "S"

    def _asked(self, _csound: int, name: int, value: int, kind: int) -> None:
        if self._is_text(kind):
            self._c.write(value, fitting(self._invalues.text(self._c.text_at(name))) + b"\0")
        else:
            self._c.double(value).value = self._invalues.number(self._c.text_at(name))

    def _said(self, _csound: int, name: int, value: int, kind: int) -> None:
        if self._outvalues.heard:
            given = self._c.text_at(value) if self._is_text(kind) else self._c.double(value).value
            self._outvalues.tell(self._c.text_at(name), given)


class KeyCallbacks:
    """Gives ``sensekey`` the keys that clients press, which keeps it from the terminal."""

    def __init__(self, instance: CsoundInstance, surroundings: Surroundings) -> None:
        self._c, keys = instance.c, surroundings.feeds.keys
        self._pair = ((EVENT, _sense(self._c, keys.moves)), (TEXT, _sense(self._c, keys.text)))
        instance.prepare_with(self._install)

    def _install(self) -> None:
        # Until the first key was pressed 6.18 reads the process's own input, whatever a callback answers; Csound 7
        # takes what a callback found only while a key of its own is 0: docs/upstream-faults.md#csound-sensekey-stdin.
        self._c.csoundKeyPress(NO_KEY)
        for kind, sense in self._pair:
            # A reset may leave them in place: what is registered twice is asked twice.
            self._c.csoundRemoveKeyboardCallback(sense)
            self._c.csoundRegisterKeyboardCallback(sense, None, kind)


def _sense(c: Binding, next_key: Callable[[], int]) -> int:
    def sense(_data: int, code: int, _kind: int) -> int:
        c.write(code, struct.pack("<i", next_key()))
        return 0

    return c.function(sense, "aai", "i")


class FileCallbacks:
    """Hears of every file, by the callback that Csound 7 no longer documents and still calls with the file's kind."""

    def __init__(self, instance: CsoundInstance, surroundings: Surroundings) -> None:
        self._instance, self._surroundings = instance, surroundings
        instance.call_back("csoundSetFileOpenCallback", self._opened, "aaiii")

    def _opened(self, _csound: int, path: int, kind: int, write: int, temp: int) -> None:
        name = self._instance.path_at(path)
        tell_opened(self._surroundings, name, type_name(kind), write=bool(write), temp=bool(temp))
