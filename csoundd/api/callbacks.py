"""The API's callbacks: keys, MIDI, graphs, files. What each delivers on its topic.

A method that takes a function names its topic here; calling it is subscribing the session to that topic.

There is one virtual MIDI driver, whose other end is the topic ``midi``. Bytes that clients push to the topic are what
the orchestra receives; bytes that it sends arrive on the stream with the sample they belong to. The driver is there
from the start, without any option, but on the native engine in drive ``device``, where ``csound.setHostMidiIO`` puts
it there; ``csound.setMidiModule`` takes a module of Csound's in its place. Each of the API's callbacks is a part of
the driver; setting any of them makes the session hear of them all.

A key is read by one ``sensekey``, once. What nobody reads waits, the last 256 keys of it.

A graph (of ``display``, ``dispfft``, a drawn table) is made once, drawn as often as its data change, and killed in the
end; the stream says which it is. Which files the engine may open is the workspace's affair: nobody is asked, and it
waits for no client.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from csoundd.api.declare import Call, Example, MethodGroup, method
from csoundd.api.values import Array, Callback, CInt, Json
from csoundd.states import ANY


@dataclass(frozen=True, slots=True)
class NoOptions:
    """There is nothing to choose."""


@dataclass(frozen=True, slots=True)
class Outvalue:
    """A value of an ``outvalue``: a number or a text."""

    name: str
    value: float | str


@dataclass(frozen=True, slots=True)
class Invalue:
    """A name that an ``invalue`` asks for: ``kind`` is ``k`` for numbers, ``S`` for texts.

    ``stale`` says that its value has grown older than it may, so that the default is answered.
    """

    name: str
    kind: Literal["k", "S"]
    stale: bool


@dataclass(frozen=True, slots=True)
class Key:
    """A key that somebody pressed, or with ``up`` let go: ``key`` is its character, ``code`` the character's number."""

    key: str
    code: int
    up: bool


@dataclass(frozen=True, slots=True)
class MidiEvent:
    """An event of the virtual MIDI driver; a ``message`` of the orchestra's has its bytes."""

    event: Literal["message", "inOpen", "inClose", "outOpen", "outClose", "devices", "error"]
    bytes: list[int]


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph that was made, drawn or killed (for the last, only its ``id``), or that there will be no more.

    ``data`` are the ``npts`` numbers drawn, between ``min`` and ``max``; ``absmax`` is the largest magnitude of this
    drawing, ``oabsmax`` of all. ``polarity``: 0 unknown, 1 negative, 2 positive, 3 both.
    """

    event: Literal["make", "draw", "kill", "exit"]
    id: int | None = None
    caption: str | None = None
    npts: int | None = None
    data: Array | None = None
    min: float | None = None
    max: float | None = None
    absmax: float | None = None
    oabsmax: float | None = None
    polarity: int | None = None


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that the engine opened: ``path`` in the workspace, or only its name where it is ``outside`` of that.

    ``type`` is Csound's word for what it is (``wave``, ``midi``, ``floats_text``, ...); ``temp`` says that Csound
    deletes it again.
    """

    path: str
    type: str
    write: bool
    temp: bool
    outside: bool


ANY_TOPIC: Final = "*"
"""In the place of a topic: every topic that needs no options will do."""

EVAL: Final = "eval"
"""The topic of values that are to come later: not to be subscribed to, each is a stream of its own."""

CALLBACKS: Final[dict[str, str]] = {
    "csound.setInputChannelCallback": "invalue",
    "csound.setOutputChannelCallback": "outvalue",
    "csound.registerKeyboardCallback": "keyboard",
    "csound.removeKeyboardCallback": "keyboard",
    "csound.setMessageStringCallback": "messages",
    "csound.setMakeGraphCallback": "graphs",
    "csound.setDrawGraphCallback": "graphs",
    "csound.setKillGraphCallback": "graphs",
    "csound.setExitGraphCallback": "graphs",
    "csound.setOpenFileCallback": "files",
    "csound.setOpenSoundFileCallback": "files",
    "csound.setExternalMidiInOpenCallback": "midi",
    "csound.setExternalMidiReadCallback": "midi",
    "csound.setExternalMidiInCloseCallback": "midi",
    "csound.setExternalMidiOutOpenCallback": "midi",
    "csound.setExternalMidiWriteCallback": "midi",
    "csound.setExternalMidiOutCloseCallback": "midi",
    "csound.setExternalMidiErrorStringCallback": "midi",
    "csound.setMidiDeviceListCallback": "midi",
    "thread.setProcessCallback": ANY_TOPIC,
    "thread.evalCode": EVAL,
}
"""The topic of each method that takes a function."""

CALLBACK_EVENTS: Final[dict[str, str]] = {
    "csound.setMakeGraphCallback": "make",
    "csound.setDrawGraphCallback": "draw",
    "csound.setKillGraphCallback": "kill",
    "csound.setExitGraphCallback": "exit",
    "csound.setExternalMidiInOpenCallback": "inOpen",
    "csound.setExternalMidiInCloseCallback": "inClose",
    "csound.setExternalMidiOutOpenCallback": "outOpen",
    "csound.setExternalMidiWriteCallback": "message",
    "csound.setExternalMidiOutCloseCallback": "outClose",
    "csound.setExternalMidiErrorStringCallback": "error",
    "csound.setMidiDeviceListCallback": "devices",
}
"""The one event of its topic that each function is for, where the topic has several and the function is not for all."""


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


GRAPHS: dict[str, object] = {"function": {"$stream": "graphs"}}


class Graphs(MethodGroup):
    """Whether graphs are drawn."""

    @method(journal="option", examples=(Example({"isGraphable": False}, result=True, fresh=True),))
    def setIsGraphable(self, isGraphable: bool) -> bool:
        """Say, before the start, whether somebody draws graphs, and learn what was said before that.

        It is so from the beginning; with false Csound prints them as characters among its messages.
        """
        ...


class GraphCallbacks(MethodGroup):
    """The callbacks of graphical display. Each returns the stream it feeds; null removes it."""

    @method(scope="read", states=ANY, served="front", examples=(Example(GRAPHS, "graphs/1", exact=False),))
    async def setMakeGraphCallback(self, function: Callback) -> str | None:
        """Hear when a graph is made: its number and caption."""
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example(GRAPHS, "graphs/1", exact=False),))
    async def setDrawGraphCallback(self, function: Callback) -> str | None:
        """Hear when a graph is drawn: its number, range and data."""
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example(GRAPHS, "graphs/1", exact=False),))
    async def setKillGraphCallback(self, function: Callback) -> str | None:
        """Hear when a graph is over."""
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example(GRAPHS, "graphs/1", exact=False),))
    async def setExitGraphCallback(self, function: Callback) -> str | None:
        """Hear when there will be no more graphs, at the end of the performance."""
        ...


FILES: dict[str, object] = {"function": {"$stream": "files"}}


class Files(MethodGroup):
    """The callbacks of opened files. Each returns the stream it feeds; null removes it."""

    @method(scope="read", states=ANY, served="front", examples=(Example(FILES, "files/1", exact=False),))
    async def setOpenFileCallback(self, function: Callback) -> str | None:
        """Hear of every file that is opened: its path in the workspace, what it is, whether it is written."""
        ...

    @method(scope="read", states=ANY, served="front", examples=(Example(FILES, "files/1", exact=False),))
    async def setOpenSoundFileCallback(self, function: Callback) -> str | None:
        """The same: sound files are among the files."""
        ...
