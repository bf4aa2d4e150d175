"""Addresses of channels, asked for once and kept until a reset; asking never creates a channel.

On the performance thread, between two cycles, a channel is plain memory: reading it through a kept pointer
costs a twentieth of a call. Asking with type 0 tells whether a channel is there and never creates one.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np

from csoundd.api.values import ChannelInfo, ChannelKind, ChannelMode, ControlChannelHints
from csoundd.engine.csound.backend import Points, Reading
from csoundd.engine.csound.instance import CsoundInstance

CSOUND_7: Final = 7000
TYPE_MASK: Final = 15
MODE_SHIFT: Final = 4
CONTROL, AUDIO, STRING, PVS, VAR, ARRAY = 1, 2, 3, 4, 5, 6
KINDS: Final = {CONTROL: "control", AUDIO: "audio", STRING: "string", PVS: "pvs", VAR: "var", ARRAY: "array"}
INPUT, INPUT_OUTPUT = 16, 48
MODES: Final[dict[ChannelMode, int]] = {"r": INPUT, "w": 32, "rw": INPUT_OUTPUT}


class Pointers:
    """The channels of one instance."""

    def __init__(self, instance: CsoundInstance) -> None:
        self._instance, self._c = instance, instance.c
        self._controls: dict[str, ctypes.c_double] = {}
        self._audio: dict[str, Points] = {}
        instance.on_reset.append(self._forget)

    def _forget(self) -> None:
        self._controls.clear()
        self._audio.clear()

    def ask(self, name: str, bits: int) -> tuple[int, int]:
        """``csoundGetChannelPtr``: its code and the address it found."""
        return self._c.out(self._c.csoundGetChannelPtr, name, bits)

    def string(self, name: str) -> str:
        """The text of a string channel that is there."""
        # csoundGetStringChannel would make an output of the channel, beside what it is.
        address = self.found(name, STRING)
        return self._c.text_at(self._c.pointer_at(address)) if address else ""

    def set_string(self, name: str, string: str) -> None:
        """Set a string channel, made where it is not there."""
        self._c.csoundSetStringChannel(name, string)

    def data_bytes(self, name: str) -> int:
        """``csoundGetChannelDatasize`` of a channel that is there."""
        return int(self._c.csoundGetChannelDatasize(name))

    def hints(self, name: str) -> tuple[ControlChannelHints | None, int]:
        """``csoundGetControlChannelHints`` of a control channel that is there, and its code."""
        code, structure = self._c.filled(self._c.csoundGetControlChannelHints, self._c.layouts.hints, name)
        return (self._hints_of(structure), 0) if code == 0 else (None, code)

    def _hints_of(self, structure: Any) -> ControlChannelHints:
        return ControlChannelHints(
            structure.behav,
            structure.dflt,
            structure.min,
            structure.max,
            structure.x,
            structure.y,
            structure.width,
            structure.height,
            self._c.text(structure.attributes),
        )

    def set_hints(self, name: str, hints: ControlChannelHints) -> int:
        """``csoundSetControlChannelHints`` of a control channel that is there."""
        numbers = (hints.behav, hints.dflt, hints.min, hints.max, hints.x, hints.y, hints.width, hints.height)
        with self._c.lent(hints.attributes) as attributes:
            structure = self._c.layouts.hints(*numbers, attributes)
            return int(self._c.csoundSetControlChannelHints(name, self._c.by_value(structure)))

    def listed(self) -> list[ChannelInfo]:
        """Every channel with its kind, mode and hints."""
        c, kind = self._c, self._c.layouts.channel
        count, address = c.out(c.csoundListChannels)
        if count <= 0 or not address:
            return []
        size = ctypes.sizeof(kind)
        entries: list[Any] = [c.structure(kind, address + index * size) for index in range(count)]
        channels = [
            channel_info(c.text(entry.name) or "", entry.type, self._hints_of(entry.hints)) for entry in entries
        ]
        c.free_channel_cells(address, count)
        c.csoundDeleteChannelList(address)
        return channels

    def refusal(self, kind: ChannelKind) -> str:
        """Why no channel of this kind can be made now, empty where one can."""
        if kind == "array" and self._c.version < CSOUND_7:
            return "Csound 6 has no array channels"
        if kind == "audio" and self._c.sizes_audio_at_start and not self._instance.started:
            # Its memory is as long as a cycle, which Csound knows from the start on.
            return "an audio channel can be made once the engine has started"
        return ""

    def bits(self, name: str) -> int:
        """Csound's type and mode bits of a channel, 0 where there is none."""
        return max(0, self.ask(name, 0)[0])

    def kind(self, name: str) -> str:
        """A channel's kind, empty where there is none."""
        if name in self._controls:
            return "control"
        return KINDS.get(self.bits(name) & TYPE_MASK, "")

    def address(self, name: str, bits: int) -> int:
        """The address of a channel's data, made with these type and mode bits where it was not there.

        0 where the name is that of another kind, or cannot be made.
        """
        code, address = self.ask(name, bits)
        return address if code == 0 else 0

    def found(self, name: str, kind: int) -> int:
        """The address of the data of a channel of this kind, 0 where there is none."""
        bits = self.bits(name)
        return self.address(name, bits) if bits & TYPE_MASK == kind else 0

    def control(self, name: str) -> ctypes.c_double | None:
        """The memory of a control channel, None where there is no such channel."""
        value = self._controls.get(name)
        return self._kept(name, self.found(name, CONTROL)) if value is None else value

    def made_control(self, name: str) -> ctypes.c_double | None:
        """The memory of a control channel, made where it was not there; None where the name has another kind."""
        value = self.control(name)
        return self._kept(name, self.address(name, CONTROL | INPUT)) if value is None else value

    def _kept(self, name: str, address: int) -> ctypes.c_double | None:
        return self._controls.setdefault(name, self._c.double(address)) if address else None

    def audio(self, name: str) -> Points | None:
        """The ksmps samples of an audio channel, None where there is no such channel."""
        samples = self._audio.get(name)
        address = self.found(name, AUDIO) if samples is None and self._instance.started else 0
        if address:
            samples = self._audio[name] = self._c.view(address, (self._instance.ksmps,))
        return samples

    def made_audio(self, name: str) -> Points | None:
        """The samples of an audio channel, made where it was not there; None where the name has another kind."""
        if not self.kind(name):
            self.address(name, AUDIO | INPUT)
        return self.audio(name)

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


def channel_info(name: str, bits: int, hints: ControlChannelHints) -> ChannelInfo:
    """A channel as a list of them has it; the hints of one that nobody gave any are not told."""
    kind = KINDS.get(bits & TYPE_MASK, "")
    hinted = kind == "control" and (hints.behav != 0 or hints.attributes is not None)
    return ChannelInfo(name, kind, bits >> MODE_SHIFT & 3, hints if hinted else None)
