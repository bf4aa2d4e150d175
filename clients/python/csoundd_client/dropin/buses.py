"""Channels in libcsound's shapes: pointers as arrays, hints as structs, lists with their errors."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from csoundd_client import structs as wire
from csoundd_client.dropin.blocking import Blocking
from csoundd_client.dropin.remote import Call
from csoundd_client.dropin.sound import checked_samples
from csoundd_client.dropin.structs import (
    ChannelInfo,
    ControlChannelHints,
    ControlChannelInfo,
    channel_of,
    hints_for,
    hints_of,
    listed,
    mode_of,
)
from csoundd_client.shape import reader
from csoundd_client.values import ArrayLike, Handle, Samples

_CHANNELS: Final = reader(list[wire.ChannelInfo])
_MAYBE_CHANNELS: Final = reader(tuple[list[wire.ChannelInfo] | None, str])
_HINTS: Final = reader(tuple[wire.ControlChannelHints | None, int])


class Buses(Blocking):
    """The software bus."""

    ksmps: Callable[[], int]

    def channelPtr(self, name: str, kind: str, mode: str = "r") -> tuple[Samples | Handle | None, str]:
        """A channel that is there from now on, and an empty text, or None and what is wrong with it.

        Control and audio channels are arrays kept level with the engine's; of the other kinds it is a handle for
        ``stringData``, ``pvsData``, ``arrayData`` and their like.
        """
        wanted = "string" if kind == "str" else kind
        handle, problem = self._do("csound.channelPtr", [name, wanted, "".join(way for way in "rw" if way in mode)])
        if handle is None or wanted not in _POINTERS:
            return None if handle is None else Handle(handle.id), problem
        return self._pointer(name, wanted), problem

    def _pointer(self, name: str, kind: str) -> Samples:
        get, put, read, value = _POINTERS[kind]
        fetch = Call(get, [name], read)

        def write(start: int, changed: Samples) -> Call:
            whole = shared.held(key)
            return Call(put, [name, value(changed if whole is None else whole, start)])

        shared, key = self._link.shared, (kind, name)
        return self._link.keep(key, self._link.ask(fetch), fetch, write)

    def channelInfo(self, name: str) -> tuple[str, int]:
        """The kind and the direction of a channel, an empty text and 0 where there is none of that name."""
        kind, mode = self._ask("csound.channelInfo", [name])
        return kind, mode_of(mode)

    def allocatedChannels(self) -> list[ChannelInfo]:
        """All channels, an empty list where there are none."""
        return [channel_of(channel) for channel in self._ask("csound.allocatedChannels", [], _CHANNELS)]

    def listChannels(self) -> tuple[list[ControlChannelInfo] | None, str]:
        """All channels as structs, and an empty text, or None and what is wrong."""
        channels, problem = self._ask("csound.listChannels", [], _MAYBE_CHANNELS)
        return None if channels is None else [listed(channel) for channel in channels], problem

    def deleteChannelList(self, lst: object) -> None:
        """Do nothing: the list is the script's own."""

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
        """Say what a front end may know of a control channel; 0 where there is such a channel."""
        given = None if hints is None else hints_for(hints)
        rest = [behav, dflt, min, max, x, y, width, height, attributes]
        code: int = self._do("csound.setControlChannelHints", [name, given, *rest])
        return code

    def controlChannelHints(self, name: str) -> tuple[ControlChannelHints | None, int]:
        """What a front end may know of a control channel and 0, or None and a code."""
        hints, code = self._ask("csound.controlChannelHints", [name], _HINTS)
        return None if hints is None else hints_of(hints), code

    def audioChannel(self, name: str, samples: Samples | None = None) -> Samples:
        """One cycle of an audio channel, in ``samples`` where that is given. Raises ValueError for one too small."""
        if samples is not None:
            checked_samples(samples, self.ksmps())
        values = self._ask("csound.audioChannel", [name])
        if samples is None:
            return np.asarray(values, dtype=np.float64)
        samples[: len(values)] = values
        return samples

    def setAudioChannel(self, name: str, samples: ArrayLike) -> None:
        """Write one cycle of an audio channel. Raises ValueError for too few samples."""
        ksmps = self.ksmps()
        self._tell("csound.setAudioChannel", [name, checked_samples(samples, ksmps)[:ksmps]])


def _number(values: Samples, _start: int) -> float:
    return float(values[0])


def _cycle(values: Samples, _start: int) -> Samples:
    return values.copy()


def _first(result: Any) -> Samples:
    return np.array(result[:1], dtype=np.float64)


_Pointer = builtins.tuple[str, str, Callable[[Any], Any] | None, Callable[[Samples, int], Any]]
_POINTERS: Final[dict[str, _Pointer]] = {
    "control": ("csound.controlChannel", "csound.setControlChannel", _first, _number),
    "audio": ("csound.audioChannel", "csound.setAudioChannel", None, _cycle),
}
"""By kind: how to read it, how to write it, what makes an array of what is read, and what is written of an array."""
