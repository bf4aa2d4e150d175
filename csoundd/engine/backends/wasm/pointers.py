"""Addresses of channels, asked for once and kept until a reset; asking never creates a channel."""

from __future__ import annotations

import ctypes
from typing import Final

import numpy as np
import numpy.typing as npt

from csoundd.engine.backends.backend import Reading
from csoundd.engine.backends.wasm.instance import Instance

TYPE_MASK: Final = 15
INPUT: Final = 16
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

    def ask(self, name: str, bits: int) -> tuple[int, int]:
        """``csoundGetChannelPtr``: its code and the address it found."""
        instance = self._instance
        with instance.machine.lend(name) as text:
            code = int(instance.c.csoundGetChannelPtr(instance.cs, instance.words, text, bits))
        return code, instance.machine.word(instance.words)

    def bits(self, name: str) -> int:
        """Csound's type and mode bits of a channel, 0 where there is none."""
        return max(0, self.ask(name, 0)[0])

    def kind(self, name: str) -> str:
        """A channel's kind, empty where there is none."""
        if name in self._controls:
            return "control"
        return KINDS.get(self.bits(name) & TYPE_MASK, "")

    def address(self, name: str, bits: int) -> int:
        """The address of a channel's data, made where it was not there; 0 where the name has another kind."""
        code, pointer = self.ask(name, bits)
        return pointer if code == 0 else 0

    def found(self, name: str, kind: int) -> int:
        """The address of the data of a channel of this kind, 0 where there is none."""
        bits = self.bits(name)
        return self.address(name, bits) if bits & TYPE_MASK == kind else 0

    def control(self, name: str) -> ctypes.c_double | None:
        """The memory of a control channel, None where there is no such channel."""
        value = self._controls.get(name)
        if value is None:
            pointer = self.found(name, CONTROL)
            value = self._kept(name, pointer) if pointer else None
        return value

    def _kept(self, name: str, pointer: int) -> ctypes.c_double:
        return self._controls.setdefault(name, self._instance.machine.double(pointer))

    def made_control(self, name: str) -> ctypes.c_double | None:
        """The memory of a control channel, made where it was not there; None where the name has another kind."""
        value = self.control(name)
        if value is None:
            pointer = self.address(name, CONTROL | INPUT)
            value = self._kept(name, pointer) if pointer else None
        return value

    def audio(self, name: str) -> npt.NDArray[np.float64] | None:
        """The ksmps samples of an audio channel, None where there is no such channel."""
        samples = self._audio.get(name)
        if samples is None and self._instance.started:
            pointer = self.found(name, AUDIO)
            if pointer:
                samples = self._instance.machine.array(pointer, (self._instance.ksmps,))
                self._audio[name] = samples
        return samples

    def string(self, name: str) -> str:
        """The text of a string channel that is there."""
        machine, pointer = self._instance.machine, self.found(name, STRING)
        return machine.text_at(machine.word(pointer)) if pointer else ""

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
