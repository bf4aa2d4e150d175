"""The callbacks of an external MIDI driver. Each returns the stream it feeds; null removes it.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.call import Call
from csoundd_client.envelope import UNTIMED
from csoundd_client.namespace import Namespace
from csoundd_client.values import StreamRef


class Midi(Namespace):
    """The callbacks of an external MIDI driver. Each returns the stream it feeds; null removes it."""

    def setExternalMidiInOpenCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Hear when the engine opens its MIDI input."""
        return self._request("csound.setExternalMidiInOpenCallback", [function], UNTIMED)

    def setExternalMidiReadCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Let the engine read the bytes that clients push; it reads once in every cycle and never waits."""
        return self._request("csound.setExternalMidiReadCallback", [function], UNTIMED)

    def setExternalMidiInCloseCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Hear when the engine closes its MIDI input."""
        return self._request("csound.setExternalMidiInCloseCallback", [function], UNTIMED)

    def setExternalMidiOutOpenCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Hear when the engine opens its MIDI output."""
        return self._request("csound.setExternalMidiOutOpenCallback", [function], UNTIMED)

    def setExternalMidiWriteCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Hear every MIDI message that the orchestra sends."""
        return self._request("csound.setExternalMidiWriteCallback", [function], UNTIMED)

    def setExternalMidiOutCloseCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Hear when the engine closes its MIDI output."""
        return self._request("csound.setExternalMidiOutCloseCallback", [function], UNTIMED)

    def setExternalMidiErrorStringCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Hear of errors of the driver. It finds the words for them itself."""
        return self._request("csound.setExternalMidiErrorStringCallback", [function], UNTIMED)

    def setMidiDeviceListCallback(self, function: StreamRef | None) -> Call[str | None]:
        """Hear when the engine asks which MIDI devices there are: the answer is the driver's one port."""
        return self._request("csound.setMidiDeviceListCallback", [function], UNTIMED)
