"""The software bus, the same on every engine: addresses of channels, handles to them, values, hints and listings.

On the performance thread, between two cycles, a channel is plain memory: reading it through a kept pointer costs a
twentieth of a call. Addresses are asked for once and kept until a reset. Asking with type 0 tells whether a channel is
there and never creates one.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from csoundd.api.channels import Bus, Channels
from csoundd.api.values import (
    ChannelInfo,
    ChannelKind,
    ChannelMode,
    ChannelRef,
    ControlChannelHints,
    Handle,
    Json,
    Samples,
)
from csoundd.engine.csound.backend import CSOUND_7, Points, Reading
from csoundd.engine.csound.handles import Handles
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.errors import InvalidParams, NotFound

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
        self.controls: dict[str, ctypes.c_double] = {}
        """The memory of the control channels that were asked for, by name."""
        self._audio: dict[str, Points] = {}
        instance.on_reset.append(self._forget)

    def _forget(self) -> None:
        self.controls.clear()
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
        with self._c.alloc_temp(hints.attributes) as attributes:
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
        if name in self.controls:
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
        value = self.controls.get(name)
        return self._kept(name, self.found(name, CONTROL)) if value is None else value

    def made_control(self, name: str) -> ctypes.c_double | None:
        """The memory of a control channel, made where it was not there; None where the name has another kind."""
        value = self.control(name)
        return self._kept(name, self.address(name, CONTROL | INPUT)) if value is None else value

    def _kept(self, name: str, address: int) -> ctypes.c_double | None:
        return self.controls.setdefault(name, self._c.double(address)) if address else None

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
        """A function that reads a control, string or audio channel, to be called again and again."""
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


WORDS: Final = frozenset({"channel", "pvs", "array"})
"""The kinds of handles that stand for a channel."""


class Kinds(Protocol):
    """The one question that is asked of a backend's channels here."""

    def kind(self, name: str) -> str:
        """The kind of a channel, empty where there is none. Never creates one."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel that a handle stands for."""

    name: str


def _stays() -> None:
    """A channel outlives the handles to it."""


class References:
    """Handles to channels, and back."""

    def __init__(self, channels: Kinds, handles: Handles) -> None:
        self._channels, self._handles = channels, handles

    def make(self, session: str | None, name: str, word: str = "channel") -> Handle:
        """A handle of ``session`` to the channel ``name``. Raises WrongState without a session."""
        return self._handles.make(session, word, Channel(name), _stays)

    def name(self, session: str | None, reference: ChannelRef, kind: str) -> str:
        """The name of the channel of this kind that ``session`` means.

        Raises NotFound where there is none, StaleHandle for a handle that is gone.
        """
        name = named(reference, self._handles, session)
        if self._channels.kind(name) != kind:
            raise NotFound(f"there is no {kind} channel {name!r}", channel=name)
        return name


def named(reference: object, handles: Handles, session: str | None) -> str:
    """The name of a channel given by name or by a handle of ``session``. Raises StaleHandle."""
    if not isinstance(reference, Handle):
        return str(reference)
    word = reference.id.partition(":")[0]
    return handles.get(session, reference, word if word in WORDS else "channel", Channel).name


FAILED: Final = -1


class ChannelValues(Channels):
    """Values of control, string and audio channels."""

    def __init__(self, instance: CsoundInstance, pointers: Pointers) -> None:
        self._instance, self._pointers, self._controls = instance, pointers, pointers.controls

    def controlChannel(self, name: str) -> tuple[float, int]:
        value = self._pointers.control(name)
        if value is not None:
            return value.value, 0
        # Of another kind: what the library answers, the bits of its kind and mode. Of none: 0, and none is made.
        return 0.0, self._pointers.bits(name)

    def setControlChannel(self, name: str, val: float) -> None:
        value = self._controls.get(name)
        if value is None:
            value = self._pointers.made_control(name)
            if value is None:
                raise self._of_another_kind(name)
        value.value = val

    def stringChannel(self, name: str) -> str:
        return self._pointers.string(name) if self._pointers.kind(name) == "string" else ""

    def setStringChannel(self, name: str, string: str) -> None:
        if self._pointers.kind(name) not in {"", "string"}:
            raise self._of_another_kind(name)
        self._pointers.set_string(name, string)

    def audioChannel(self, name: str, samples: Samples | None = None) -> Samples:
        found = self._pointers.audio(name)
        return np.zeros(self._instance.ksmps) if found is None else np.array(found)

    def setAudioChannel(self, name: str, samples: Samples) -> None:
        ksmps, given = self._instance.ksmps, np.asarray(samples, np.float64)
        if given.ndim != 1 or len(given) < ksmps:
            raise InvalidParams(f"a cycle has {ksmps} samples", ksmps=ksmps)
        channel = self._pointers.made_audio(name)
        if channel is None:
            raise self._of_another_kind(name)
        channel[:] = given[:ksmps]

    def _of_another_kind(self, name: str) -> InvalidParams:
        return InvalidParams(f"{name!r} is a channel of another kind", hint=self._pointers.kind(name))

    def allocatedChannels(self) -> list[ChannelInfo]:
        return self._pointers.listed()

    def controlChannelHints(self, name: str) -> tuple[ControlChannelHints | None, int]:
        if self._pointers.bits(name) & TYPE_MASK != CONTROL:
            return None, FAILED
        return self._pointers.hints(name)


class ChannelProperties(Bus):
    """Properties of channels beside their values."""

    def __init__(self, pointers: Pointers, references: References) -> None:
        self._pointers, self._references = pointers, references

    def channelInfo(self, name: str) -> tuple[str, int]:
        bits = self._pointers.bits(name)
        return KINDS.get(bits & TYPE_MASK, ""), bits >> MODE_SHIFT & 3

    def channelVarTypeName(self, name: str) -> str:
        return self._pointers.kind(name)

    def channelDatasize(self, name: str) -> int:
        return self._pointers.data_bytes(name) if self._pointers.kind(name) else 0

    def listChannels(self) -> tuple[list[ChannelInfo] | None, str]:
        return self._pointers.listed() or None, ""

    def deleteChannelList(self, lst: Json) -> None:
        return None

    def setControlChannelHints(
        self,
        name: str,
        hints: ControlChannelHints | None = None,
        behav: int = 0,
        dflt: float = 0.01,
        min: float = 0.0,
        max: float = 1.0,
        x: int = 0,
        y: int = 0,
        width: int = 0,
        height: int = 0,
        attributes: str | None = None,
    ) -> int:
        if self._pointers.bits(name) & TYPE_MASK != CONTROL:
            return FAILED
        given = hints or ControlChannelHints(behav, dflt, min, max, x, y, width, height, attributes)
        if isinstance(given, dict):
            given = ControlChannelHints(**given)
        return self._pointers.set_hints(name, given)

    def channelPtr(
        self, name: str, kind: ChannelKind, mode: ChannelMode = "r", *, session: str | None = None
    ) -> tuple[Handle | None, str]:
        there = self._pointers.kind(name)
        if there not in {"", kind}:
            return None, f"{'An' if there[0] in 'aeiou' else 'A'} {there} channel named {name} already exists"
        refusal = self._pointers.refusal(kind)
        if refusal:
            return None, refusal
        bits = next(bits for bits, word in KINDS.items() if word == kind)
        if not self._pointers.address(name, bits | MODES[mode]):
            return None, "The specified channel name or type is not valid"
        return self._references.make(session, name), ""

    def stringData(self, sdata: ChannelRef, *, session: str | None = None) -> str:
        return self._pointers.string(self._references.name(session, sdata, "string"))

    def setStringData(self, sdata: ChannelRef, string: str, *, session: str | None = None) -> None:
        self._pointers.set_string(self._references.name(session, sdata, "string"), string)
