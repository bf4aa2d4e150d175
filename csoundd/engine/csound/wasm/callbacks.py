"""What the embedded engine asks of the host and tells it while it performs: values, keys, files.

Each is one permanent Python function in the module's table; which of it anybody hears is the host's affair.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from csoundd.engine.csound.opened import tell_opened, type_name
from csoundd.engine.csound.outvalues import Outvalues, fitting
from csoundd.engine.csound.surroundings import Surroundings
from csoundd.engine.csound.wasm.instance import Instance

EVENT, TEXT = 1, 2


class ValueCallbacks:
    """Answers ``invalue`` from what clients have pushed, and tells of ``outvalue``."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        self._instance, self._invalues = instance, surroundings.feeds.invalues
        self._outvalues = Outvalues(instance, surroundings)
        instance.call_back("csoundSetInputChannelCallback", self._asked, "iiii")
        instance.call_back("csoundSetOutputChannelCallback", self._said, "iiii")

    def _is_text(self, kind: int) -> bool:
        machine = self._instance.machine
        return machine.text_at(machine.word(kind)) == "S"

    def _asked(self, _csound: int, name: int, value: int, kind: int) -> None:
        invalues, machine = self._invalues, self._instance.machine
        if self._is_text(kind):
            machine.write(value, fitting(invalues.text(machine.text_at(name))) + b"\0")
        else:
            machine.write(value, struct.pack("<d", invalues.number(machine.text_at(name))))

    def _said(self, _csound: int, name: int, value: int, kind: int) -> None:
        if self._outvalues.heard:
            machine = self._instance.machine
            given = machine.text_at(value) if self._is_text(kind) else machine.double(value).value
            self._outvalues.tell(machine.text_at(name), given)


class KeyCallbacks:
    """Gives ``sensekey`` the keys that clients press."""

    def __init__(self, instance: Instance, surroundings: Surroundings) -> None:
        keys = surroundings.feeds.keys
        for kind, next_key in ((EVENT, keys.moves), (TEXT, keys.text)):
            self._install(instance, kind, next_key)
        # This Csound takes what a callback found only while a key of its own is 0; otherwise it reads standard input:
        # docs/upstream-faults.md#csound-sensekey-stdin.
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
