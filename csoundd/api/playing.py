"""MIDI and the computer keyboard: what clients play.

There is one virtual MIDI driver, whose other end is the topic ``midi``. Bytes that clients push to the topic are what
the orchestra receives; bytes that it sends arrive on the stream with the sample they belong to. The driver is there
from the start, without any option, but on the native engine in drive ``device``, where ``csound.setHostMidiIO`` puts
it there; ``csound.setMidiModule`` takes a module of Csound's in its place. Each of the API's callbacks is a part of
the driver; setting any of them makes the session hear of them all.

A key is read by one ``sensekey``, once. What nobody reads waits, the last 256 keys of it.
"""

from __future__ import annotations

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import Callback, CInt, Json
from csoundd.states import ANY

MIDI: dict[str, object] = {"function": {"$stream": "midi"}}


class Midi(MethodGroup):
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


KEYS: dict[str, str] = {"$stream": "keyboard"}


class Keyboard(MethodGroup):
    """Keys to the orchestra."""

    @method(examples=(Example({"c": "a"}, None), Example({"c": 97}, None)))
    def keyPress(self, c: CInt | str) -> None:
        """Press a key, given as a character (of a longer text the first counts) or as its ASCII code."""
        ...


class KeyboardCallbacks(MethodGroup):
    """Hearing of the keys."""

    @method(
        states=ANY,
        served="front",
        examples=(Example({"function": KEYS, "userdata": None, "typemask": 2}, "keyboard/1", exact=False),),
    )
    async def registerKeyboardCallback(self, function: Callback, userdata: Json, typemask: CInt) -> str | None:
        """Hear of the keys that anybody presses, by keyPress or by pushing to the topic ``keyboard``.

        ``sensekey`` reads them in any case, so ``typemask`` and ``userdata`` are ignored. Returns the stream on
        which they arrive, where the API returns a code; null removes it.
        """
        ...

    @method(
        states=ANY,
        served="front",
        examples=(
            Example({"function": KEYS}, None, after=(Call("csound.registerKeyboardCallback", (KEYS, None, 2)),)),
        ),
    )
    async def removeKeyboardCallback(self, function: Callback) -> None:
        """Take back what registerKeyboardCallback did for this session."""
        ...
