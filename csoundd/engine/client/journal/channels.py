"""The channels of an engine: how each was made, its hints and its latest value, whoever set it."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Final, cast

import numpy as np

from csoundd.limits import SESSION_HANDLES
from csoundd.messages import Command, Handle

Call = tuple[str, list[object]]

MAKERS: Final = frozenset({"csound.channelPtr", "csound.initPvsChannel", "csound.initArrayChannel"})
"""They make a channel where it is not there, and answer with a handle to it."""

HINTS: Final = "csound.setControlChannelHints"
SETTERS: Final = {"control": "csound.setControlChannel", "string": "csound.setStringChannel"}
NOTHING: Final = 0.0


@dataclass(slots=True)
class Channel:
    """One channel: the calls that make it, give it its hints and its value, and when a client last set that."""

    made: Call | None = None
    hints: Call | None = None
    value: Call | None = None
    moment: float = 0.0

    def set(self, method: str, args: list[object]) -> None:
        """A client has set the value."""
        self.value, self.moment = (method, args), monotonic()


class Channels:
    """The channels by name. Handles die with the host, and are kept only to know which channel a call was about."""

    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}
        self._names: dict[Handle, str] = {}

    def __len__(self) -> int:
        return len(self._channels)

    def keep(self, command: Command, result: object) -> None:
        """Take note of what ``command`` has made or set."""
        if command.method in MAKERS:
            self._keep_made(command, result)
        elif command.method == "channel.set":
            for name, value in cast("dict[str, object]", command.args[0]).items():
                self._channel(name).set("channel.set", [{name: value}])
        elif command.method == HINTS:
            if result == 0:
                self._channel(str(command.args[0])).hints = command.method, command.args
        else:
            name = self._name(command.args[0])
            self._channel(name).set(command.method, [name, *command.args[1:]])

    def _name(self, reference: object) -> str:
        return self._names.get(reference, reference.id) if isinstance(reference, Handle) else str(reference)

    def _keep_made(self, command: Command, result: object) -> None:
        parts = result if isinstance(result, list | tuple) else [result]
        handle = next((part for part in parts if isinstance(part, Handle)), None)
        if handle is None:
            return
        name = str(command.args[0])
        channel = self._channel(name)
        if channel.made is None or command.method != "csound.channelPtr":
            channel.made = command.method, command.args
        self._names[handle] = name
        if len(self._names) > SESSION_HANDLES:
            del self._names[next(iter(self._names))]

    def _channel(self, name: str) -> Channel:
        return self._channels.setdefault(name, Channel())

    def show(self, told: dict[str, list[object]]) -> None:
        """The engine shows values that have become different."""
        for name, (kind, value) in told.items():
            channel = self._channel(name)
            if kind == "array":
                dtype, sizes, data = cast("list[object]", value)
                channel.made = "csound.initArrayChannel", [name, dtype, sizes]
                channel.value = "csound.setArrayData", [name, _shaped(data)]
            else:
                channel.value = SETTERS[cast("str", kind)], [name, value]

    def calls(self) -> list[Call]:
        """What makes the channels and sets them: hints first, which set a value of their own."""
        calls: list[Call] = []
        for name, channel in self._channels.items():
            if channel.made is not None:
                calls.append(channel.made)
            if channel.hints is not None:
                if channel.made is None:
                    calls.append(channel.value or (SETTERS["control"], [name, NOTHING]))
                calls.append(channel.hints)
            if channel.value is not None:
                calls.append(channel.value)
        return calls

    def set_since(self, moment: float) -> list[Call]:
        """What sets the values that clients have set since a monotonic time."""
        channels = self._channels.values()
        return [channel.value for channel in channels if channel.value is not None and channel.moment > moment]


def _shaped(data: object) -> object:
    return data if data and isinstance(data, list) and isinstance(data[0], str) else np.asarray(data, np.float64)
