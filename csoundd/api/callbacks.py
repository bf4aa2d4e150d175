"""The data that the API's callbacks deliver on their topics, and the topic of each callback.

A method that takes a function names its topic here; calling it is subscribing the session to that topic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from csoundd.api.values import Array


@dataclass(frozen=True, slots=True)
class NoOptions:
    """There is nothing to choose."""


@dataclass(frozen=True, slots=True)
class Outvalue:
    """What an ``outvalue`` said: a number or a text."""

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
    """What became of the virtual MIDI driver; a ``message`` of the orchestra's has its bytes."""

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
