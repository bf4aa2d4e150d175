"""Channels many at a time: the friendly sisters of ``csound.controlChannel`` and its kin, which answer with errors.

A value is a number (control), a text (string) or an array (audio). Patterns are globs: ``*``, ``?`` and ``[…]``.
"""

from __future__ import annotations

from typing import ClassVar

from csoundd.api.declare import Call, Example, Family, method
from csoundd.api.records import ChannelState
from csoundd.api.values import ChannelRef, Json

MIX: dict[str, object] = {"mix.dry": 0.8, "mix.wet": 0.2, "title": "Nocturne"}
SET = Call("channel.set", (MIX,))

Names = str | list[str]
ChannelStates = list[ChannelState]


def is_glob(name: str) -> bool:
    """Whether ``name`` is a pattern."""
    return any(character in name for character in "*?[")


class ChannelSets(Family):
    """Reading, writing and listing channels by name and by pattern, each call at one cycle edge."""

    namespace: ClassVar[str] = "channel"

    @method(
        scope="read",
        examples=(
            Example({"names": ["mix.*"]}, {"mix.dry": 0.8, "mix.wet": 0.2}, after=(SET,)),
            Example({"names": "title"}, {"title": "Nocturne"}, after=(SET,)),
            Example({"names": "nothing like it*"}, {}),
        ),
    )
    def get(self, names: Names) -> dict[str, Json]:
        """The values of channels, by names or patterns.

        A pattern may match nothing. Raises NotFound for a name without pattern that is not there.
        """
        ...

    @method(journal="channel", examples=(Example({"values": MIX}, None),))
    def set(self, values: dict[str, Json]) -> None:
        """Set many channels at once, creating those that are not there, by the kind of their values.

        Raises InvalidParams for a value that does not fit its channel: then none is set.
        """
        ...

    @method(
        scope="read",
        examples=(Example({"channel": "title"}, "Nocturne", after=(SET,)),),
    )
    def read(self, channel: ChannelRef) -> Json:
        """The value of one channel, by its name or by the handle that ``csound.channelPtr`` gave.

        Raises NotFound for a name that is not there, StaleHandle for a handle that is gone.
        """
        ...

    @method(journal="channel", examples=(Example({"channel": "title", "value": "Étude"}, None, after=(SET,)),))
    def write(self, channel: ChannelRef, value: Json) -> None:
        """Set one channel, by its name or by the handle that ``csound.channelPtr`` gave.

        Raises InvalidParams for a value that does not fit the channel, StaleHandle for a handle that is gone.
        """
        ...

    @method(
        scope="read",
        examples=(
            Example(
                {"pattern": "mix.*"},
                [
                    {"name": "mix.dry", "kind": "control", "mode": 1, "hints": None, "value": 0.8},
                    {"name": "mix.wet", "kind": "control", "mode": 1, "hints": None, "value": 0.2},
                ],
                after=(SET,),
            ),
        ),
    )
    def list(self, pattern: str = "*") -> ChannelStates:
        """Every channel whose name matches, in the order of names, with its kind, mode, hints and value."""
        ...
