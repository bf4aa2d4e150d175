"""Reading, writing and listing channels by name and by pattern, each call at one cycle edge.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Final, Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import ChannelState
from csoundd_client.values import Handle, Json, Timing

_LIST_CHANNEL_STATE: Final = reader(list[ChannelState])


class ChannelSets(Namespace):
    """Reading, writing and listing channels by name and by pattern, each call at one cycle edge."""

    def get(self, names: str | Sequence[str], **timing: Unpack[Timing]) -> Call[dict[str, Json]]:
        """The values of channels, by names or patterns.

        A pattern may match nothing. Raises NotFound for a name without pattern that is not there.
        """
        return self._request("channel.get", [names], timing)

    def set(self, values: Mapping[str, Json], **timing: Unpack[Timing]) -> Call[None]:
        """Set many channels at once, creating those that are not there, by the kind of their values.

        Raises InvalidParams for a value that does not fit its channel: then none is set.
        """
        return self._request("channel.set", [values], timing)

    def read(self, channel: Handle | str, **timing: Unpack[Timing]) -> Call[Json]:
        """The value of one channel, by its name or by the handle that ``csound.channelPtr`` gave.

        Raises NotFound for a name that is not there, StaleHandle for a handle that is gone.
        """
        return self._request("channel.read", [channel], timing)

    def write(self, channel: Handle | str, value: Json, **timing: Unpack[Timing]) -> Call[None]:
        """Set one channel, by its name or by the handle that ``csound.channelPtr`` gave.

        Raises InvalidParams for a value that does not fit the channel, StaleHandle for a handle that is gone.
        """
        return self._request("channel.write", [channel, value], timing)

    def list(self, pattern: str = "*", **timing: Unpack[Timing]) -> Call[builtins.list[ChannelState]]:
        """Every channel whose name matches, in the order of names, with its kind, mode, hints and value."""
        return self._request("channel.list", [pattern], timing, _LIST_CHANNEL_STATE)
