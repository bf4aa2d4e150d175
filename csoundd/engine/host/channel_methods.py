"""``channel.*``: the friendly methods for channels, the same over every backend."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import cast

import numpy as np

from csoundd.api.channels import Channels, ChannelSets, Names, is_glob
from csoundd.api.values import ChannelInfo, ChannelRef, ChannelState, Json
from csoundd.engine.csound.backend import Backend
from csoundd.engine.csound.channels import named
from csoundd.engine.csound.handles import Handles
from csoundd.engine.host.calls import Calls
from csoundd.errors import InvalidParams, NotFound

READABLE = frozenset({"control", "string", "audio"})


class HostChannels(ChannelSets):
    """Many channels at one cycle edge."""

    def __init__(self, backend: Backend, calls: Calls, handles: Handles) -> None:
        self._backend, self._calls, self._handles = backend, calls, handles
        channels = next(group for group in backend.groups if isinstance(group, Channels))
        # By itself: whether a channel may be set was asked for all of them together, and there may be hundreds.
        self._set_control: Callable[..., object] = channels.setControlChannel

    def read(self, channel: ChannelRef, *, session: str | None = None) -> Json:
        return self._value(named(channel, self._handles, session))

    def write(self, channel: ChannelRef, value: Json, *, session: str | None = None) -> None:
        self.set({named(channel, self._handles, session): value}, session=session)

    def get(self, names: Names) -> dict[str, Json]:
        wanted = [names] if isinstance(names, str) else names
        found: dict[str, Json] = {}
        for name in wanted:
            found |= self._matching(name) if is_glob(name) else {name: self._value(name)}
        return found

    def _matching(self, pattern: str) -> dict[str, Json]:
        names = sorted(name for name in self._backend.names() if fnmatchcase(name, pattern))
        return {name: self._value(name) for name in names if self._backend.kind(name) in READABLE}

    def _value(self, name: str) -> Json:
        reading = self._backend.reading(name)
        if reading is None:
            raise NotFound(f"there is no channel named {name!r}", channel=name)
        return reading()

    def set(self, values: dict[str, Json], *, session: str | None = None) -> None:
        # All are looked at before the first is set.
        settings = [self._setting(session, name, value) for name, value in values.items()]
        for setting, args in settings:
            setting(*args)

    def _setting(self, session: str | None, name: str, value: Json) -> tuple[Callable[..., object], tuple[object, ...]]:
        """The function that sets a channel, and its arguments. Raises InvalidParams for a value of another kind."""
        kind, setting = "control", self._set_control
        match value:
            case bool():
                args: tuple[object, ...] = name, float(value)
            case int() | float():
                args = name, value
            case str():
                kind, setting, args = "string", self._calls.invoke, ("csound.setStringChannel", [name, value], session)
            case np.ndarray() | list():
                args = "csound.setAudioChannel", [name, _samples(name, value)], session
                kind, setting = "audio", self._calls.invoke
            case _:
                raise InvalidParams(f"the value of {name!r} should be a number, a text or an array")
        there = self._backend.kind(name)
        if there not in {"", kind}:
            raise InvalidParams(f"{name!r} is a channel of kind {there}", channel=name)
        return setting, args

    def list(self, pattern: str = "*") -> builtins.list[ChannelState]:
        infos = cast("builtins.list[ChannelInfo]", self._calls.invoke("csound.allocatedChannels", []))
        matching = sorted((i for i in infos if fnmatchcase(i.name, pattern)), key=lambda info: info.name)
        return [self._state(info) for info in matching]

    def _state(self, info: ChannelInfo) -> ChannelState:
        reading = self._backend.reading(info.name) if info.kind in READABLE else None
        return ChannelState(info.name, info.kind, info.mode, info.hints, reading and reading())


def _samples(name: str, value: object) -> object:
    """An array of numbers, or a list of them. Raises InvalidParams for anything else."""
    samples = np.asarray(value) if _is_flat(value) else None
    if samples is None or samples.ndim != 1 or samples.dtype.kind not in "biuf":
        raise InvalidParams(f"the value of {name!r} should be one row of numbers")
    return samples


def _is_flat(value: object) -> bool:
    return isinstance(value, np.ndarray) or (
        isinstance(value, builtins.list) and all(isinstance(number, int | float) for number in value)
    )
