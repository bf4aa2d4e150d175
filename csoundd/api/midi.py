"""MIDI by the host: one virtual driver, whose other end is the topic ``midi``.

Bytes that clients push to the topic are what the orchestra receives; bytes that it sends arrive on the stream
with the sample they belong to. The driver is there from the start, without any option, but on the native engine in
drive ``device``, where ``csound.setHostMidiIO`` puts it there; ``csound.setMidiModule`` takes a module of Csound's in
its place. Each of the API's callbacks is a part of the driver; setting any of them makes the session hear of them all.
"""

from __future__ import annotations

from csoundd.api.declare import ANY, Example, Family, method
from csoundd.api.values import Callback

MIDI: dict[str, object] = {"function": {"$stream": "midi"}}


class Midi(Family):
    """The callbacks of an external MIDI driver. Each returns the stream it feeds; null removes it."""

    @method(states=ANY, served="front", examples=(Example(MIDI, "midi/1", exact=False),))
    async def setExternalMidiInOpenCallback(self, function: Callback) -> str | None:
        """Hear when the engine opens its MIDI input."""
        ...

    @method(states=ANY, served="front", examples=(Example(MIDI, "midi/1", exact=False),))
    async def setExternalMidiReadCallback(self, function: Callback) -> str | None:
        """Let the engine read the bytes that clients push; it reads once in every cycle and never waits."""
        ...

    @method(states=ANY, served="front", examples=(Example(MIDI, "midi/1", exact=False),))
    async def setExternalMidiInCloseCallback(self, function: Callback) -> str | None:
        """Hear when the engine closes its MIDI input."""
        ...

    @method(states=ANY, served="front", examples=(Example(MIDI, "midi/1", exact=False),))
    async def setExternalMidiOutOpenCallback(self, function: Callback) -> str | None:
        """Hear when the engine opens its MIDI output."""
        ...

    @method(states=ANY, served="front", examples=(Example(MIDI, "midi/1", exact=False),))
    async def setExternalMidiWriteCallback(self, function: Callback) -> str | None:
        """Hear every MIDI message that the orchestra sends."""
        ...

    @method(states=ANY, served="front", examples=(Example(MIDI, "midi/1", exact=False),))
    async def setExternalMidiOutCloseCallback(self, function: Callback) -> str | None:
        """Hear when the engine closes its MIDI output."""
        ...

    @method(states=ANY, served="front", examples=(Example(MIDI, "midi/1", exact=False),))
    async def setExternalMidiErrorStringCallback(self, function: Callback) -> str | None:
        """Hear of errors of the driver. It finds the words for them itself."""
        ...

    @method(states=ANY, served="front", examples=(Example(MIDI, "midi/1", exact=False),))
    async def setMidiDeviceListCallback(self, function: Callback) -> str | None:
        """Hear when the engine asks which MIDI devices there are: the answer is the driver's one port."""
        ...
