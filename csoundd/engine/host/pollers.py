"""Pollers: what the engine delivers again and again while somebody subscribes to it.

A poller reads at most ``rate`` times a second of wall time, whatever the drive, and only between cycles; so what it
delivers is as of one sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from time import monotonic
from typing import Any, Final, Protocol, TypeVar, cast

import numpy as np

from csoundd.api.array_channels import Arrays, Pvs
from csoundd.api.channels import Channels, is_glob
from csoundd.api.declare import MethodGroup
from csoundd.api.values import Array, ChannelInfo
from csoundd.engine.csound.backend import Backend, Reading
from csoundd.engine.host.performer import Performer
from csoundd.errors import InvalidParams, NotFound, Unsupported
from csoundd.limits import GATHERED_AUDIO_SECONDS, NEW_CHANNELS_SECONDS, POLLER_REST
from csoundd.messages import Frames, PollResult, Seconds
from csoundd.values import is_same

F = TypeVar("F", bound=MethodGroup)

NOTHING: Final = object()


class Poller(Protocol):
    """One thing read for a stream."""

    period: Seconds

    def read(self, now: float) -> object:
        """The data of the next frame, NOTHING where there is none to send."""


class ChannelsPoller:
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
        if not self._on_change:
            return values
        changed = {n: v for n, v in values.items() if not is_same(self._last.get(n, NOTHING), v)}
        first, self._first, self._last = self._first, False, values
        return changed if changed or first else NOTHING

    def _find(self, now: float) -> None:
        self._look_again = now + NEW_CHANNELS_SECONDS
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


class ChannelListPoller:
    """The number of channels, read whenever anything but a value has become different: names, kinds, modes, hints."""

    def __init__(self, backend: Backend, rate: float) -> None:
        self._channels = next(group for group in backend.groups if isinstance(group, Channels))
        self.period = Seconds(1.0 / rate)
        self._last: list[ChannelInfo] | None = None

    def read(self, _now: float) -> object:
        channels = self._channels.allocatedChannels()
        if is_same(self._last, channels):
            return NOTHING
        self._last = channels
        return len(channels)


class TransportPoller:
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


class AudioChannelPoller:
    """An audio channel: one cycle of it at ``rate``, or without a rate every cycle, gathered."""

    def __init__(self, performer: Performer, name: str, rate: float | None) -> None:
        backend = performer.backend
        if backend.kind(name) != "audio":
            raise NotFound(f"there is no audio channel named {name!r}", channel=name)
        self._performer, self._name = performer, name
        self._cycles: list[object] = []
        self.period = Seconds(1.0 / rate) if rate else GATHERED_AUDIO_SECONDS
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


class NamedPoller:
    """One channel by its name. While it is not there, as after a reset, there is nothing to deliver."""

    kind = ""

    def __init__(self, backend: Backend, name: str, rate: float) -> None:
        self._backend, self._name = backend, name
        self.period = Seconds(1.0 / rate)
        if backend.kind(name) != self.kind:
            raise NotFound(f"there is no {self.kind} channel named {name!r}", channel=name)

    def read(self, _now: float) -> object:
        """The contents of the channel, NOTHING where they are not new."""
        there = self._backend.kind(self._name) == self.kind
        return self.fresh() if there else NOTHING

    def fresh(self) -> object:
        """The contents of the channel, which is there, NOTHING where they are not new."""
        raise NotImplementedError


class PvsPoller(NamedPoller):
    """A spectral channel: a frame is new when the channel has counted it."""

    kind = "pvs"

    def __init__(self, backend: Backend, name: str, rate: float) -> None:
        self._channels = _served(backend.groups, Pvs)
        super().__init__(backend, name, rate)
        self._count = -1

    def fresh(self) -> object:
        count = self._channels.pvsDataFramecount(self._name)
        if count == self._count:
            return NOTHING
        self._count = count
        return self._channels.pvsData(self._name)


class ArrayPoller(NamedPoller):
    """An array channel: it is new when it differs from what was delivered last."""

    kind = "array"

    def __init__(self, backend: Backend, name: str, rate: float) -> None:
        self._channels = _served(backend.groups, Arrays)
        super().__init__(backend, name, rate)
        self._last: Array | list[str] | None = None

    def fresh(self) -> object:
        data = self._channels.arrayData(self._name)
        if is_same(self._last, data):
            return NOTHING
        self._last = data
        return data


def _served(groups: Sequence[MethodGroup], wanted: type[F]) -> F:
    """The implementation of ``wanted``. Raises Unsupported where this engine has none."""
    for group in groups:
        if isinstance(group, wanted):
            return group
    raise Unsupported(f"this engine has no {wanted.__name__.lower()} channels", hint="Csound 7 has them")


class Pollers:
    """All the pollers of one host, each with its next time."""

    def __init__(self, performer: Performer, deliver: Callable[[PollResult], None]) -> None:
        self._performer, self._deliver = performer, deliver
        self._pollers: dict[str, Poller] = {}
        self.due: dict[str, float] = {}
        """The monotonic time at which each is read next."""

    def add(self, name: str, kind: str, options: dict[str, Any]) -> dict[str, object]:
        """Begin to read ``kind`` under ``name``, at once and then in its rhythm."""
        poller = self._poller(kind, options)
        self._pollers[name], self.due[name] = poller, monotonic()
        if isinstance(poller, AudioChannelPoller) and poller.continuous:
            self._performer.after_cycle.add(poller.gather)
        return {}

    def _poller(self, kind: str, options: dict[str, Any]) -> Poller:
        performer = self._performer
        rate: Any = options.get("rate")
        match kind:
            case "channels":
                return ChannelsPoller(
                    performer.backend, options["names"], rate, on_change=bool(options.get("onChange"))
                )
            case "channel-list":
                return ChannelListPoller(performer.backend, rate)
            case "transport":
                return TransportPoller(performer, rate)
            case "audio-channel":
                return AudioChannelPoller(performer, options["name"], rate)
            case "pvs":
                return PvsPoller(performer.backend, options["name"], rate)
            case "array":
                return ArrayPoller(performer.backend, options["name"], rate)
            case _:
                raise InvalidParams(f"there is no poller of kind {kind!r}")

    def remove(self, name: str) -> None:
        """Stop reading what :meth:`add` began."""
        poller = self._pollers.pop(name, None)
        self.due.pop(name, None)
        if isinstance(poller, AudioChannelPoller):
            self._performer.after_cycle.remove(poller.gather)

    def forget(self) -> None:
        """Drop what a reset has made stale."""
        for poller in self._pollers.values():
            if isinstance(poller, ChannelsPoller):
                poller.forget()

    def wait(self, now: float) -> float:
        """Seconds until the next poller is due; there is one."""
        return max(0.0, min(self.due.values()) - now)

    def turn(self) -> None:
        """Deliver what is due."""
        now = monotonic()
        for name, due in list(self.due.items()):
            if due <= now:
                poller = self._pollers[name]
                self._read(name, poller, now)
                begun, now = now, monotonic()
                self.due[name] = max(max(due, begun - poller.period) + poller.period, now + POLLER_REST * (now - begun))

    def _read(self, name: str, poller: Poller, now: float) -> None:
        data = poller.read(now)
        if data is not NOTHING:
            sample = poller.first if isinstance(poller, AudioChannelPoller) else self._performer.sample
            self._deliver(PollResult(name, sample, data))


class SharedChannels:
    """The control channels that the front has named: their values after each turn, in the memory that it reads."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer
        self.readings: list[Callable[[], float]] = []

    def show(self, names: list[str]) -> list[str]:
        """Keep these channels from now on, and no others; returns those there are, by their places."""
        backend = self._performer.backend
        there = [name for name in names if backend.kind(name) == "control"]
        self.readings = [cast("Callable[[], float]", backend.reading(name)) for name in there]
        return there

    def refresh(self) -> None:
        """Bring the memory up to date."""
        performer = self._performer
        values = [read() or 0.0 for read in self.readings]
        performer.ring.shared_values.write(performer.sample, performer.cycle, performer.score_time(), values)

    def forget(self) -> None:
        """Csound was reset: the channels are gone."""
        self.readings.clear()
