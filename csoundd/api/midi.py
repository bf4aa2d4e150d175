"""MIDI by the host: one virtual driver, whose other end is the topic ``midi``.

Bytes that clients push to the topic are what the orchestra receives; bytes that it sends arrive on the stream
with the sample they belong to. It takes ``csound.setHostMidiIO`` before the start. Each of the API's callbacks
is a part of the driver; setting one makes the session hear of that part.
"""

from __future__ import annotations

from csoundd.api.declare import Example, Family, method
from csoundd.api.values import Callback

MIDI: dict[str, object] = {"function": {"$stream": "midi"}}


class Midi(Family):
    """The callbacks of an external MIDI driver. Each returns the stream it feeds; null removes it."""

    @method(examples=(Example(MIDI, "midi/1", exact=False),))
    def setExternalMidiInOpenCallback(self, function: Callback) -> str | None:
        """Hear when the engine opens its MIDI input."""
        ...

    @method(examples=(Example(MIDI, "midi/1", exact=False),))
    def setExternalMidiReadCallback(self, function: Callback) -> str | None:
        """Let the engine read the bytes that clients push; it reads once in every cycle and never waits."""
        ...

    @method(examples=(Example(MIDI, "midi/1", exact=False),))
    def setExternalMidiInCloseCallback(self, function: Callback) -> str | None:
        """Hear when the engine closes its MIDI input."""
        ...

    @method(examples=(Example(MIDI, "midi/1", exact=False),))
    def setExternalMidiOutOpenCallback(self, function: Callback) -> str | None:
        """Hear when the engine opens its MIDI output."""
        ...

    @method(examples=(Example(MIDI, "midi/1", exact=False),))
    def setExternalMidiWriteCallback(self, function: Callback) -> str | None:
        """Hear every MIDI message that the orchestra sends."""
        ...

    @method(examples=(Example(MIDI, "midi/1", exact=False),))
    def setExternalMidiOutCloseCallback(self, function: Callback) -> str | None:
        """Hear when the engine closes its MIDI output."""
        ...

    @method(examples=(Example(MIDI, "midi/1", exact=False),))
    def setExternalMidiErrorStringCallback(self, function: Callback) -> str | None:
        """Hear of errors of the driver. It finds the words for them itself."""
        ...

    @method(examples=(Example(MIDI, "midi/1", exact=False),))
    def setMidiDeviceListCallback(self, function: Callback) -> str | None:
        """Hear when the engine asks which MIDI devices there are: the answer is the driver's one port."""
        ...
