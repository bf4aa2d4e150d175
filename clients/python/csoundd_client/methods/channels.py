"""Values that the orchestra and the outside share by name.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final, Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.structs import ChannelInfo, ControlChannelHints
from csoundd_client.values import ArrayLike, Samples, Timing

_TUPLE_FLOAT_INT: Final = reader(tuple[float, int])
_LIST_CHANNEL_INFO: Final = reader(list[ChannelInfo])
_TUPLE_CONTROL_CHANNEL_HINTS_NONE_INT: Final = reader(tuple[ControlChannelHints | None, int])


class Channels(Namespace):
    """Values that the orchestra and the outside share by name."""

    def controlChannel(self, name: str, **timing: Unpack[Timing]) -> Call[tuple[float, int]]:
        """The value of a control channel.

        Returns the value and a return code, ``[0.0, 0]`` for a name that is not there.
        """
        return self._request("csound.controlChannel", [name], timing, _TUPLE_FLOAT_INT)

    def setControlChannel(self, name: str, val: float, **timing: Unpack[Timing]) -> Call[None]:
        """Set a control channel, creating it where it is not there. Instruments see it from the next cycle on."""
        return self._request("csound.setControlChannel", [name, val], timing)

    def stringChannel(self, name: str, **timing: Unpack[Timing]) -> Call[str]:
        """The text of a string channel, empty for a name that is not there."""
        return self._request("csound.stringChannel", [name], timing)

    def setStringChannel(self, name: str, string: str, **timing: Unpack[Timing]) -> Call[None]:
        """Set a string channel, creating it where it is not there."""
        return self._request("csound.setStringChannel", [name, string], timing)

    def audioChannel(self, name: str, samples: ArrayLike | None = None, **timing: Unpack[Timing]) -> Call[Samples]:
        """One cycle of an audio channel: ``ksmps`` samples, zeros for a name that is not there.

        ``samples`` exists for libcsound's sake (a buffer to fill) and is ignored.
        """
        return self._request("csound.audioChannel", [name, samples], timing)

    def setAudioChannel(self, name: str, samples: ArrayLike, **timing: Unpack[Timing]) -> Call[None]:
        """Set the samples of an audio channel; it takes at least ``ksmps`` of them.

        Raises InvalidParams for fewer samples than a cycle has.
        """
        return self._request("csound.setAudioChannel", [name, samples], timing)

    def allocatedChannels(self, **timing: Unpack[Timing]) -> Call[list[ChannelInfo]]:
        """Every channel there is, with its mode: 1 for input, 2 for output, 3 for both. The list may be empty."""
        return self._request("csound.allocatedChannels", [], timing, _LIST_CHANNEL_INFO)

    def controlChannelHints(self, name: str, **timing: Unpack[Timing]) -> Call[tuple[ControlChannelHints | None, int]]:
        """The hints of a control channel, set by ``chnparams`` or setControlChannelHints, and a return code.

        The hints are null, and the code is not 0, where the channel is not there, is no control channel, or
        has never been given any.
        """
        return self._request("csound.controlChannelHints", [name], timing, _TUPLE_CONTROL_CHANNEL_HINTS_NONE_INT)
