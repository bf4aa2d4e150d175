"""Properties of channels beside their values: kinds, hints, handles, locks.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.dropin.blocking import Blocking
from csoundd_client.values import Handle


class Bus(Blocking):
    """Properties of channels beside their values: kinds, hints, handles, locks."""

    def channelVarTypeName(self, name: str) -> str:
        """A channel's kind, in the words of channelInfo; empty for a name that is not there."""
        return self._ask("csound.channelVarTypeName", [name])

    def channelDatasize(self, name: str) -> int:
        """Bytes that a channel's data take up in the engine, 0 for a name that is not there."""
        return self._ask("csound.channelDatasize", [name])

    def lockChannel(self, channel: str) -> None:
        """Keep other clients from writing to a channel until unlockChannel, or for a second at most.

        The engine itself is never locked. Raises NotFound for a name that is not there.
        """
        self._do("csound.lockChannel", [channel])

    def unlockChannel(self, channel: str) -> None:
        """Let other clients write to a channel again that this session had locked."""
        self._do("csound.unlockChannel", [channel])

    def stringData(self, sdata: Handle | str) -> str:
        """The text of a string channel, given by its handle or its name.

        Raises NotFound for a name that is not there.
        """
        return self._ask("csound.stringData", [sdata])

    def setStringData(self, sdata: Handle | str, string: str) -> None:
        """Set the text of a string channel, given by its handle or its name.

        Raises NotFound for a name that is not there.
        """
        self._do("csound.setStringData", [sdata, string])
