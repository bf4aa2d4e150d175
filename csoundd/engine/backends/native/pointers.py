"""Pointers to channels, asked for once and kept until a reset.

On the performance thread, between two cycles, a channel is plain memory: reading it through a kept pointer
costs a twentieth of a call. Asking with type 0 tells whether a channel is there and never creates one.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from csoundd.engine.backends.backend import Reading
from csoundd.engine.backends.native.instance import Instance

TYPE_MASK: Final = 15
INPUT_OUTPUT: Final = 48
CONTROL, AUDIO, STRING, PVS, VAR, ARRAY = 1, 2, 3, 4, 5, 6
KINDS: Final = {CONTROL: "control", AUDIO: "audio", STRING: "string", PVS: "pvs", VAR: "var", ARRAY: "array"}


class Pointers:
    """The channels of one instance."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._controls: dict[str, ctypes.c_double] = {}
        self._audio: dict[str, npt.NDArray[np.float64]] = {}
        instance.on_reset.append(self._forget)

    def _forget(self) -> None:
        self._controls.clear()
        self._audio.clear()

    def bits(self, name: str) -> int:
        """Csound's type and mode bits of a channel, 0 where there is none."""
        pointer = ctypes.POINTER(ctypes.c_double)()
        found = self._instance.c.csoundGetChannelPtr(self._instance.pointer, ctypes.byref(pointer), name.encode(), 0)
        return max(0, int(found))

    def kind(self, name: str) -> str:
        """A channel's kind, empty where there is none."""
        if name in self._controls:
            return "control"
        return KINDS.get(self.bits(name) & TYPE_MASK, "")

    def address(self, name: str, bits: int) -> Any:
        """Where the data of a channel are, made with these type and mode bits where it is not there.

        None where the name is that of another kind, or cannot be made.
        """
        pointer = ctypes.POINTER(ctypes.c_double)()
        code = self._instance.c.csoundGetChannelPtr(self._instance.pointer, ctypes.byref(pointer), name.encode(), bits)
        return pointer if code == 0 else None

    def there(self, name: str) -> Any:
        """Where the data of a channel that is there are."""
        return self.address(name, self.bits(name))

    def control(self, name: str) -> ctypes.c_double | None:
        """The memory of a control channel, None where there is no such channel."""
        value = self._controls.get(name)
        if value is not None:
            return value
        bits = self.bits(name)
        return self._keep(name, bits) if bits & TYPE_MASK == CONTROL else None

    def _keep(self, name: str, bits: int) -> ctypes.c_double | None:
        pointer = self.address(name, bits)
        if not pointer:
            return None
        address = ctypes.addressof(pointer.contents)
        return self._controls.setdefault(name, ctypes.c_double.from_address(address))

    def made_control(self, name: str) -> ctypes.c_double | None:
        """The memory of a control channel, made where it was not there; None where the name has another kind."""
        return self.control(name) or self._keep(name, CONTROL | 16)

    def audio(self, name: str) -> npt.NDArray[np.float64] | None:
        """The ksmps samples of an audio channel, None where there is no such channel."""
        samples = self._audio.get(name)
        bits = 0 if samples is not None else self.bits(name)
        if samples is None and bits & TYPE_MASK == AUDIO and self._instance.started:
            pointer = self.address(name, bits)
            samples = np.ctypeslib.as_array(pointer, shape=(self._instance.ksmps,))
            self._audio[name] = samples
        return samples

    def string(self, name: str) -> str:
        """The text of a string channel that is there."""
        c, pointer, encoded = self._instance.c, self._instance.pointer, name.encode()
        size = int(c.csoundGetChannelDatasize(pointer, encoded))
        if size <= 0:
            return ""
        buffer = ctypes.create_string_buffer(size + 1)
        c.csoundGetStringChannel(pointer, encoded, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_char)))
        return buffer.value.decode(errors="replace")

    def reading(self, name: str) -> Reading | None:
        """How to read a control, string or audio channel again and again."""
        match self.kind(name):
            case "control":
                return lambda: None if (value := self.control(name)) is None else value.value
            case "string":
                return lambda: self.string(name)
            case "audio":
                return lambda: np.array(self.audio(name))
            case _:
                return None
