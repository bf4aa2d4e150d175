"""The software bus, the same on every engine: values, hints and listings."""

from __future__ import annotations

from typing import Final

import numpy as np

from csoundd.api.channel_info import Bus
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
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.csound.pointers import CONTROL, KINDS, MODE_SHIFT, MODES, TYPE_MASK, Pointers
from csoundd.engine.csound.references import References
from csoundd.errors import InvalidParams

FAILED: Final = -1


class ChannelValues(Channels):
    """Values of control, string and audio channels."""

    def __init__(self, instance: CsoundInstance, pointers: Pointers) -> None:
        self._instance, self._pointers = instance, pointers

    def controlChannel(self, name: str) -> tuple[float, int]:
        value = self._pointers.control(name)
        if value is not None:
            return value.value, 0
        # Of another kind: what the library answers, the bits of its kind and mode. Of none: 0, and none is made.
        return 0.0, self._pointers.bits(name)

    def setControlChannel(self, name: str, val: float) -> None:
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


class ChannelFacts(Bus):
    """What there is to know of channels beside their values."""

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

    def channelPtr(self, name: str, kind: ChannelKind, mode: ChannelMode = "r") -> tuple[Handle | None, str]:
        there = self._pointers.kind(name)
        if there not in {"", kind}:
            return None, f"{'An' if there[0] in 'aeiou' else 'A'} {there} channel named {name} already exists"
        refusal = self._pointers.refusal(kind)
        if refusal:
            return None, refusal
        bits = next(bits for bits, word in KINDS.items() if word == kind)
        if not self._pointers.address(name, bits | MODES[mode]):
            return None, "The specified channel name or type is not valid"
        return self._references.made(name), ""

    def stringData(self, sdata: ChannelRef) -> str:
        return self._pointers.string(self._references.name(sdata, "string"))

    def setStringData(self, sdata: ChannelRef, string: str) -> None:
        self._pointers.set_string(self._references.name(sdata, "string"), string)
