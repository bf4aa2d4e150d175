"""The software bus on the system's Csound: values, hints and listings."""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np

from csoundd.api.bus import Bus
from csoundd.api.channels import Channels
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
from csoundd.engine.backends.native.instance import CSOUND_7, Instance
from csoundd.engine.backends.native.leftovers import free_cells
from csoundd.engine.backends.native.pointers import CONTROL, KINDS, TYPE_MASK, Pointers
from csoundd.engine.backends.references import References
from csoundd.errors import InvalidParams

MODE_SHIFT: Final = 4
FAILED: Final = -1
AUDIO_INPUT: Final = 2 | 16
MODES: Final[dict[ChannelMode, int]] = {"r": 16, "w": 32, "rw": 48}


class NativeChannels(Channels):
    """Values of control, string and audio channels."""

    def __init__(self, instance: Instance, pointers: Pointers) -> None:
        self._instance, self._pointers = instance, pointers

    def controlChannel(self, name: str) -> tuple[float, int]:
        value = self._pointers.control(name)
        return (0.0 if value is None else value.value), 0

    def setControlChannel(self, name: str, val: float) -> None:
        value = self._pointers.made_control(name)
        if value is None:
            raise InvalidParams(f"{name!r} is a channel of another kind", hint=self._pointers.kind(name))
        value.value = val

    def stringChannel(self, name: str) -> str:
        return self._pointers.string(name) if self._pointers.kind(name) == "string" else ""

    def setStringChannel(self, name: str, string: str) -> None:
        if self._pointers.kind(name) not in {"", "string"}:
            raise InvalidParams(f"{name!r} is a channel of another kind", hint=self._pointers.kind(name))
        self._instance.c.csoundSetStringChannel(self._instance.pointer, name.encode(), string.encode())

    def audioChannel(self, name: str, samples: Samples | None = None) -> Samples:
        found = self._pointers.audio(name)
        return np.zeros(self._instance.ksmps) if found is None else np.array(found)

    def setAudioChannel(self, name: str, samples: Samples) -> None:
        ksmps, given = self._instance.ksmps, np.asarray(samples, np.float64)
        if given.ndim != 1 or len(given) < ksmps:
            raise InvalidParams(f"a cycle has {ksmps} samples", ksmps=ksmps)
        channel = self._made_audio(name)
        if channel is None:
            raise InvalidParams(f"{name!r} is a channel of another kind", hint=self._pointers.kind(name))
        channel[:] = given[:ksmps]

    def _made_audio(self, name: str) -> Samples | None:
        if self._pointers.kind(name) == "":
            pointer = ctypes.POINTER(ctypes.c_double)()
            c = self._instance.c
            c.csoundGetChannelPtr(self._instance.pointer, ctypes.byref(pointer), name.encode(), AUDIO_INPUT)
        return self._pointers.audio(name)

    def allocatedChannels(self) -> list[ChannelInfo]:
        return listed(self._instance)

    def controlChannelHints(self, name: str) -> tuple[ControlChannelHints | None, int]:
        if self._pointers.bits(name) & TYPE_MASK != CONTROL:
            return None, FAILED
        structure = self._instance.module.ControlChannelHints()
        c = self._instance.c
        code = int(c.csoundGetControlChannelHints(self._instance.pointer, name.encode(), ctypes.byref(structure)))
        return (hints_of(structure), 0) if code == 0 else (None, code)


class NativeBus(Bus):
    """What there is to know of channels beside their values."""

    def __init__(self, instance: Instance, pointers: Pointers, references: References) -> None:
        self._instance, self._pointers, self._references = instance, pointers, references

    def channelInfo(self, name: str) -> tuple[str, int]:
        bits = self._pointers.bits(name)
        return KINDS.get(bits & TYPE_MASK, ""), bits >> MODE_SHIFT & 3

    def channelVarTypeName(self, name: str) -> str:
        return self._pointers.kind(name)

    def channelDatasize(self, name: str) -> int:
        if not self._pointers.kind(name):
            return 0
        return int(self._instance.c.csoundGetChannelDatasize(self._instance.pointer, name.encode()))

    def listChannels(self) -> tuple[list[ChannelInfo] | None, str]:
        return listed(self._instance) or None, ""

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
        structure = self._structure(given)
        return int(self._instance.c.csoundSetControlChannelHints(self._instance.pointer, name.encode(), structure))

    def _structure(self, hints: ControlChannelHints) -> Any:
        encoded = None if hints.attributes is None else hints.attributes.encode()
        fields = (hints.behav, hints.dflt, hints.min, hints.max, hints.x, hints.y, hints.width, hints.height)
        return self._instance.module.ControlChannelHints(*fields, encoded)

    def channelPtr(self, name: str, kind: ChannelKind, mode: ChannelMode = "r") -> tuple[Handle | None, str]:
        there = self._pointers.kind(name)
        if there not in {"", kind}:
            return None, f"{'An' if there[0] in 'aeiou' else 'A'} {there} channel named {name} already exists"
        bits = next(bits for bits, word in KINDS.items() if word == kind)
        if kind == "array" and self._instance.version < CSOUND_7:
            return None, "Csound 6 has no array channels"
        if kind == "audio" and not self._instance.started:
            # Its memory is as long as a cycle, which Csound knows from the start on.
            return None, "an audio channel can be made once the engine has started"
        if not self._pointers.address(name, bits | MODES[mode]):
            return None, "The specified channel name or type is not valid"
        return self._references.made(name), ""

    def stringData(self, sdata: ChannelRef) -> str:
        return self._pointers.string(self._references.name(sdata, "string"))

    def setStringData(self, sdata: ChannelRef, string: str) -> None:
        name = self._references.name(sdata, "string")
        self._instance.c.csoundSetStringChannel(self._instance.pointer, name.encode(), string.encode())


def hints_of(structure: Any) -> ControlChannelHints:
    """Csound's hints structure as ours."""
    attributes: bytes | None = structure.attributes
    return ControlChannelHints(
        structure.behav,
        structure.dflt,
        structure.min,
        structure.max,
        structure.x,
        structure.y,
        structure.width,
        structure.height,
        None if attributes is None else attributes.decode(errors="replace"),
    )


def listed(instance: Instance) -> list[ChannelInfo]:
    """Every channel with its kind, mode and hints."""
    structure = instance.module.ControlChannelInfo
    pointer = ctypes.POINTER(structure)()
    count = int(instance.c.csoundListChannels(instance.pointer, ctypes.byref(pointer)))
    if count <= 0:
        return []
    entries = [_channel_info(pointer[index]) for index in range(count)]
    free_cells(instance, pointer, count)
    instance.c.csoundDeleteChannelList(instance.pointer, pointer)
    return entries


def _channel_info(entry: Any) -> ChannelInfo:
    kind = KINDS.get(entry.type & TYPE_MASK, "")
    hinted = kind == "control" and (entry.hints.behav != 0 or entry.hints.attributes is not None)
    name = entry.name.decode(errors="replace")
    return ChannelInfo(name, kind, entry.type >> MODE_SHIFT & 3, hints_of(entry.hints) if hinted else None)
