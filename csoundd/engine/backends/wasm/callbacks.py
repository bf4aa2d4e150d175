"""What the embedded engine asks of the host and tells it while it performs: values, keys, files.

Each is one permanent Python function in the module's table; which of it anybody hears is the host's affair.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from csoundd.engine.backends.opened import tell_opened, type_name
from csoundd.engine.backends.surroundings import Surroundings
from csoundd.engine.backends.wasm.instance import Instance

EVENT, TEXT = 1, 2
LONGEST_TEXT: Final = 255
"""What fits into the string of an ``invalue``, in bytes: Csound makes them 256 long and says no size."""


class ValueCallbacks:
    """Answers ``invalue`` from what clients have pushed, and tells of ``outvalue``."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        self._instance, self._surroundings = instance, surroundings
        self._last: dict[str, tuple[object, int]] = {}
        instance.on_reset.append(self._last.clear)
        instance.call_back("csoundSetInputChannelCallback", self._asked, "iiii")
        instance.call_back("csoundSetOutputChannelCallback", self._said, "iiii")

    def _is_text(self, kind: int) -> bool:
        machine = self._instance.machine
        return machine.text_at(machine.word(kind)) == "S"

    def _asked(self, _csound: int, name: int, value: int, kind: int) -> None:
        invalues, machine = self._surroundings.feeds.invalues, self._instance.machine
        if self._is_text(kind):
            text = invalues.text(machine.text_at(name)).encode()[:LONGEST_TEXT]
            machine.write(value, text.decode(errors="ignore").encode() + b"\0")
        else:
            machine.write(value, struct.pack("<d", invalues.number(machine.text_at(name))))

    def _said(self, _csound: int, name: int, value: int, kind: int) -> None:
        if "outvalue" in self._surroundings.heard:
            machine = self._instance.machine
            given = machine.text_at(value) if self._is_text(kind) else machine.double(value).value
            self._tell(machine.text_at(name), given)

    def _tell(self, name: str, value: float | str) -> None:
        """Tell of a value, but not of one that is said again in the same cycle or in the next."""
        sample = self._instance.samples()
        last = self._last.get(name)
        self._last[name] = (value, sample)
        if last is None or last[0] != value or not 0 <= sample - last[1] <= self._instance.ksmps:
            self._surroundings.tell("outvalue", {"name": name, "value": value})


class KeyCallbacks:
    """Gives ``sensekey`` the keys that clients press."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        keys = surroundings.feeds.keys
        for kind, next_key in ((EVENT, keys.moves), (TEXT, keys.text)):
            self._install(instance, kind, next_key)
        # This Csound takes what a callback found only while a key of its own is 0; otherwise it reads standard input.
        instance.prepare_with(lambda: instance.c.csoundKeyPress(instance.cs, 0))

    def _install(self, instance: Instance, kind: int, next_key: Callable[[], int]) -> None:
        def sense(_data: int, code: int, _kind: int) -> int:
            instance.machine.write(code, struct.pack("<i", next_key()))
            return 0

        index = instance.guarded_callback(sense, "iii", "i")
        register = instance.c.csoundRegisterKeyboardCallback
        instance.prepare_with(lambda: register(instance.cs, index, 0, kind))


class FileCallbacks:
    """Tells of the files that the engine opens."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        self._instance, self._surroundings = instance, surroundings
        instance.call_back("csoundSetFileOpenCallback", self._opened, "iiiii")

    def _opened(self, _csound: int, path: int, kind: int, write: int, temp: int) -> None:
        inside = self._instance.machine.text_at(path).lstrip("/")
        tell_opened(self._surroundings, inside, type_name(kind), write=bool(write), temp=bool(temp))
