"""Taps: what the engine delivers again and again while somebody subscribes to it.

A tap reads at most ``rate`` times a second of wall time, whatever the drive, and only between cycles;
so what it delivers is as of one sample.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from time import monotonic
from typing import Final, Protocol, cast

import numpy as np

from csoundd.api.channels import Channels, is_glob
from csoundd.api.values import ChannelInfo
from csoundd.engine.csound.backend import Backend, Reading
from csoundd.engine.host.named import ArrayTap, PvsTap
from csoundd.engine.host.performer import Performer
from csoundd.errors import InvalidParams, NotFound
from csoundd.messages import Frames, PollResult, Seconds

NEW_NAMES: Final = Seconds(0.1)
"""How often a tap looks for channels that did not exist before."""

GATHER: Final = Seconds(0.01)
"""How much audio a continuous audio-channel tap gathers in a frame."""

REST: Final = 4.0
"""A tap takes at most a fifth of the time: after a reading it rests for so many times what the reading took."""

NOTHING: Final = object()


class Tap(Protocol):
    """One thing read for a stream."""

    period: Seconds

    def read(self, now: float) -> object:
        """The data of the next frame, NOTHING where there is none to send."""


class ChannelsTap:
    """Control and string channels by name or glob. The first reading is complete."""

    def __init__(self, backend: Backend, names: list[str], rate: float, *, on_change: bool) -> None:
        self._backend, self._patterns, self._on_change = backend, names, on_change
        self.period = Seconds(1.0 / rate)
        self._readings: dict[str, Reading] = {}
        self._last: dict[str, object] = {}
        self._look_again = 0.0
        self._first = True
        for name in names:
            if not is_glob(name) and backend.kind(name) not in {"control", "string"}:
                raise NotFound(f"there is no control or string channel named {name!r}", channel=name)

    def read(self, now: float) -> object:
        if now >= self._look_again:
            self._find(now)
        values = {name: read() for name, read in self._readings.items()}
        changed = {n: v for n, v in values.items() if self._last.get(n, NOTHING) != v} if self._on_change else values
        first, self._first, self._last = self._first, False, values
        return changed if changed or first or not self._on_change else NOTHING

    def _find(self, now: float) -> None:
        self._look_again = now + NEW_NAMES
        for name in self._backend.names():
            if name not in self._readings and any(fnmatchcase(name, pattern) for pattern in self._patterns):
                if self._backend.kind(name) not in {"control", "string"}:
                    continue
                reading = self._backend.reading(name)
                if reading is not None:
                    self._readings[name] = reading

    def forget(self) -> None:
        """Drop what a reset has made stale; the next reading is complete again."""
        self._readings.clear()
        self._last.clear()
        self._look_again, self._first = 0.0, True


class ChannelListTap:
    """How many channels there are, whenever anything but a value has become different: names, kinds, modes, hints."""

    def __init__(self, backend: Backend, rate: float) -> None:
        self._channels = next(family for family in backend.families if isinstance(family, Channels))
        self.period = Seconds(1.0 / rate)
        self._last: list[ChannelInfo] | None = None

    def read(self, _now: float) -> object:
        channels = self._channels.allocatedChannels()
        if channels == self._last:
            return NOTHING
        self._last = channels
        return len(channels)


class TransportTap:
    """State, time and load of the performance."""

    def __init__(self, performer: Performer, rate: float) -> None:
        self._performer = performer
        self.period = Seconds(1.0 / rate)

    def read(self, _now: float) -> object:
        performer = self._performer
        return {
            "state": performer.state,
            "sample": performer.sample,
            "scoreTime": performer.score_time(),
            "cpuLoad": round(performer.cpu_load, 6),
            "lateCycles": performer.late_cycles,
        }


class AudioChannelTap:
    """An audio channel: one cycle of it at ``rate``, or without a rate every cycle, gathered."""

    def __init__(self, performer: Performer, name: str, rate: float | None) -> None:
        backend = performer.backend
        if backend.kind(name) != "audio":
            raise NotFound(f"there is no audio channel named {name!r}", channel=name)
        self._performer, self._name = performer, name
        self._cycles: list[object] = []
        self.period = Seconds(1.0 / rate) if rate else GATHER
        self.continuous = rate is None
        self.first = performer.sample

    def gather(self) -> None:
        """Take this cycle's samples."""
        reading = self._performer.backend.reading(self._name)
        if reading is not None:
            self._cycles.append(reading())

    def read(self, _now: float) -> object:
        if not self.continuous:
            self.gather()
        cycles, self._cycles = self._cycles, []
        if not cycles:
            return NOTHING
        self.first = Frames(self._performer.sample - len(cycles) * self._performer.backend.ksmps)
        return np.concatenate(cast("list[np.ndarray[tuple[int], np.dtype[np.float64]]]", cycles))


class Taps:
    """All the taps of one host, each with its next time."""

    def __init__(self, performer: Performer, deliver: Callable[[PollResult], None]) -> None:
        self._performer, self._deliver = performer, deliver
        self._taps: dict[str, Tap] = {}
        self._due: dict[str, float] = {}

    def add(self, name: str, kind: str, options: dict[str, object]) -> dict[str, object]:
        """Begin to read ``kind`` under ``name``, at once and then in its rhythm."""
        tap = self._made(kind, options)
        self._taps[name], self._due[name] = tap, monotonic()
        if isinstance(tap, AudioChannelTap) and tap.continuous:
            self._performer.after_cycle.append(tap.gather)
        return {}

    def _made(self, kind: str, options: dict[str, object]) -> Tap:
        performer, rate = self._performer, cast("float", options.get("rate"))
        match kind:
            case "channels":
                names = cast("list[str]", options["names"])
                return ChannelsTap(performer.backend, names, rate, on_change=bool(options.get("onChange")))
            case "channel-list":
                return ChannelListTap(performer.backend, rate)
            case "transport":
                return TransportTap(performer, rate)
            case "audio-channel":
                return AudioChannelTap(performer, cast("str", options["name"]), rate)
            case "pvs":
                return PvsTap(performer.backend, cast("str", options["name"]), rate, NOTHING)
            case "array":
                return ArrayTap(performer.backend, cast("str", options["name"]), rate, NOTHING)
            case _:
                raise InvalidParams(f"no tap of kind {kind!r}")

    def remove(self, name: str) -> None:
        """Stop reading what :meth:`add` began."""
        tap = self._taps.pop(name, None)
        self._due.pop(name, None)
        if isinstance(tap, AudioChannelTap) and tap.gather in self._performer.after_cycle:
            self._performer.after_cycle.remove(tap.gather)

    def forget(self) -> None:
        """Drop what a reset has made stale."""
        for tap in self._taps.values():
            if isinstance(tap, ChannelsTap):
                tap.forget()

    def wait(self, now: float) -> float | None:
        """Seconds until the next tap is due, None without taps."""
        return max(0.0, min(self._due.values()) - now) if self._due else None

    def turn(self) -> None:
        """Deliver what is due."""
        if not self._due:
            return
        now = monotonic()
        for name, due in list(self._due.items()):
            if due <= now:
                tap = self._taps[name]
                self._read(name, tap, now)
                begun, now = now, monotonic()
                self._due[name] = max(max(due, begun - tap.period) + tap.period, now + REST * (now - begun))

    def _read(self, name: str, tap: Tap, now: float) -> None:
        data = tap.read(now)
        if data is not NOTHING:
            sample = tap.first if isinstance(tap, AudioChannelTap) else self._performer.sample
            self._deliver(PollResult(name, sample, data))
