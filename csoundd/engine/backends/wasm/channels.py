"""The software bus on the embedded engine: values, hints and listings."""

from __future__ import annotations

import struct
from typing import Final

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
from csoundd.engine.backends.references import References
from csoundd.engine.backends.wasm.instance import Instance
from csoundd.engine.backends.wasm.pointers import AUDIO, CONTROL, INPUT, KINDS, TYPE_MASK, Pointers
from csoundd.errors import InvalidParams

MODE_SHIFT: Final = 4
MODES: Final = {"r": INPUT, "w": 32, "rw": 48}
FAILED: Final = -1
HINTS: Final = struct.Struct("<i4x3d4iI4x")
ENTRY: Final = struct.Struct("<Ii")
"""A channel in a list: its name and type bits; its hints follow."""


class WasmChannels(Channels):
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
        return self._pointers.string(name)

    def setStringChannel(self, name: str, string: str) -> None:
        if self._pointers.kind(name) not in {"", "string"}:
            raise InvalidParams(f"{name!r} is a channel of another kind", hint=self._pointers.kind(name))
        set_string(self._instance, name, string)

    def audioChannel(self, name: str, samples: Samples | None = None) -> Samples:
        found = self._pointers.audio(name)
        return np.zeros(self._instance.ksmps) if found is None else np.array(found)

    def setAudioChannel(self, name: str, samples: Samples) -> None:
        ksmps, given = self._instance.ksmps, np.asarray(samples, np.float64)
        if given.ndim != 1 or len(given) < ksmps:
            raise InvalidParams(f"a cycle has {ksmps} samples", ksmps=ksmps)
        if self._pointers.kind(name) == "":
            self._pointers.address(name, AUDIO | INPUT)
        channel = self._pointers.audio(name)
        if channel is None:
            raise InvalidParams(f"{name!r} is a channel of another kind", hint=self._pointers.kind(name))
        channel[:] = given[:ksmps]

    def allocatedChannels(self) -> list[ChannelInfo]:
        return listed(self._instance)

    def controlChannelHints(self, name: str) -> tuple[ControlChannelHints | None, int]:
        if self._pointers.bits(name) & TYPE_MASK != CONTROL:
            return None, FAILED
        instance = self._instance
        with instance.machine.lend(name, bytes(HINTS.size)) as (text, hints):
            code = int(instance.c.csoundGetControlChannelHints(instance.cs, text, hints))
            return (hints_at(instance, hints), 0) if code == 0 else (None, code)


class WasmBus(Bus):
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
        with self._instance.machine.lend(name) as text:
            return int(self._instance.c.csoundGetChannelDatasize(self._instance.cs, text))

    def channelPtr(self, name: str, kind: ChannelKind, mode: ChannelMode = "r") -> tuple[Handle | None, str]:
        there = self._pointers.kind(name)
        if there not in {"", kind}:
            return None, f"A {there} channel named {name} already exists"
        number = next(bits for bits, word in KINDS.items() if word == kind)
        if not self._pointers.address(name, number | MODES[mode]):
            return None, f"the {kind} channel {name} could not be made"
        return self._references.made(name), ""

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
        machine, csound = self._instance.machine, self._instance.cs
        with machine.lend(name, given.attributes or "", bytes(HINTS.size)) as (text, words, structure):
            pointer = 0 if given.attributes is None else words
            rectangle = (given.x, given.y, given.width, given.height)
            packed = HINTS.pack(given.behav, given.dflt, given.min, given.max, *rectangle, pointer)
            machine.write(structure, packed)
            return int(self._instance.c.csoundSetControlChannelHints(csound, text, structure))

    def stringData(self, sdata: ChannelRef) -> str:
        return self._pointers.string(self._references.name(sdata, "string"))

    def setStringData(self, sdata: ChannelRef, string: str) -> None:
        set_string(self._instance, self._references.name(sdata, "string"), string)


def set_string(instance: Instance, name: str, string: str) -> None:
    """Set a string channel, made where it is not there."""
    with instance.machine.lend(name, string) as (channel, text):
        instance.c.csoundSetStringChannel(instance.cs, channel, text)


def hints_at(instance: Instance, pointer: int) -> ControlChannelHints:
    """Csound's hints structure as ours."""
    *values, attributes = HINTS.unpack(instance.machine.bytes_at(pointer, HINTS.size))
    text = instance.machine.text_at(attributes) if attributes else None
    behav, dflt, least, most, x, y, width, height = values
    return ControlChannelHints(behav, dflt, least, most, x, y, width, height, text)


def listed(instance: Instance) -> list[ChannelInfo]:
    """Every channel with its kind, mode and hints."""
    count = int(instance.c.csoundListChannels(instance.cs, instance.words))
    if count <= 0:
        return []
    pointer = instance.machine.word(instance.words)
    size = ENTRY.size + HINTS.size
    entries = [_channel_info(instance, pointer + index * size) for index in range(count)]
    instance.c.csoundDeleteChannelList(instance.cs, pointer)
    return entries


def _channel_info(instance: Instance, pointer: int) -> ChannelInfo:
    name, bits = ENTRY.unpack(instance.machine.bytes_at(pointer, ENTRY.size))
    kind, hints = KINDS.get(bits & TYPE_MASK, ""), hints_at(instance, pointer + ENTRY.size)
    hinted = kind == "control" and (hints.behav != 0 or hints.attributes is not None)
    return ChannelInfo(instance.machine.text_at(name), kind, bits >> MODE_SHIFT & 3, hints if hinted else None)
