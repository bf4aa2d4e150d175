"""Properties of channels beside their values: kinds, hints, handles, locks.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final, Literal, Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import ChannelInfo, ControlChannelHints
from csoundd_client.values import Handle, Json, Timing

_TUPLE_STR_INT: Final = reader(tuple[str, int])
_TUPLE_HANDLE_NONE_STR: Final = reader(tuple[Handle | None, str])
_TUPLE_LIST_CHANNEL_INFO_NONE_STR: Final = reader(tuple[list[ChannelInfo] | None, str])


class Bus(Namespace):
    """Properties of channels beside their values: kinds, hints, handles, locks."""

    def channelInfo(self, name: str, **timing: Unpack[Timing]) -> Call[tuple[str, int]]:
        """A channel's kind (``control``, ``audio``, ``string``, ``pvs`` or ``array``) and mode.

        ``["", 0]`` for a name that is not there.
        """
        return self._request("csound.channelInfo", [name], timing, _TUPLE_STR_INT)

    def channelVarTypeName(self, name: str, **timing: Unpack[Timing]) -> Call[str]:
        """A channel's kind, in the words of channelInfo; empty for a name that is not there."""
        return self._request("csound.channelVarTypeName", [name], timing)

    def channelDatasize(self, name: str, **timing: Unpack[Timing]) -> Call[int]:
        """Bytes that a channel's data take up in the engine, 0 for a name that is not there."""
        return self._request("csound.channelDatasize", [name], timing)

    def channelPtr(
        self,
        name: str,
        kind: Literal["control", "audio", "string", "pvs", "array"],
        mode: Literal["r", "w", "rw"] = "r",
        **timing: Unpack[Timing],
    ) -> Call[tuple[Handle | None, str]]:
        """Make sure that a channel is there, and answer with a handle to it in place of a pointer.

        A channel that is there already has to be of this kind and is given the mode besides its own. Where that
        fails the handle is null and the text beside it says why.
        """
        return self._request("csound.channelPtr", [name, kind, mode], timing, _TUPLE_HANDLE_NONE_STR)

    def listChannels(self, **timing: Unpack[Timing]) -> Call[tuple[list[ChannelInfo] | None, str]]:
        """Every channel there is and an error text; null in place of an empty list. See allocatedChannels."""
        return self._request("csound.listChannels", [], timing, _TUPLE_LIST_CHANNEL_INFO_NONE_STR)

    def deleteChannelList(self, lst: Json, **timing: Unpack[Timing]) -> Call[None]:
        """Do nothing: the list that listChannels sent is a copy."""
        return self._request("csound.deleteChannelList", [lst], timing)

    def lockChannel(self, channel: str, **timing: Unpack[Timing]) -> Call[None]:
        """Keep other clients from writing to a channel until unlockChannel, or for a second at most.

        The engine itself is never locked. Raises NotFound for a name that is not there.
        """
        return self._request("csound.lockChannel", [channel], timing)

    def unlockChannel(self, channel: str, **timing: Unpack[Timing]) -> Call[None]:
        """Let other clients write to a channel again that this session had locked."""
        return self._request("csound.unlockChannel", [channel], timing)

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
        **timing: Unpack[Timing],
    ) -> Call[int]:
        """Tell front ends what a control channel is meant for: its default, its range, where its control belongs.

        ``behav`` is how it runs: 0 takes the hints away, 1 is for whole numbers, 2 linear, 3 exponential. With
        ``hints`` given, the rest is ignored. Returns 0, or -1 where the channel is not there, is no control
        channel, or the values contradict each other (a default out of range, an exponential range with 0 in it).
        """
        return self._request(
            "csound.setControlChannelHints",
            [name, hints, behav, dflt, min, max, x, y, width, height, attributes],
            timing,
        )

    def stringData(self, sdata: Handle | str, **timing: Unpack[Timing]) -> Call[str]:
        """The text of a string channel, given by its handle or its name.

        Raises NotFound for a name that is not there.
        """
        return self._request("csound.stringData", [sdata], timing)

    def setStringData(self, sdata: Handle | str, string: str, **timing: Unpack[Timing]) -> Call[None]:
        """Set the text of a string channel, given by its handle or its name.

        Raises NotFound for a name that is not there.
        """
        return self._request("csound.setStringData", [sdata, string], timing)
