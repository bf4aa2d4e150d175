"""The topics of the API's callbacks: what the engine tells of its own accord.

A client that is too slow for them loses the oldest, and sees it by the numbers of the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from csoundd.api.callbacks import Graph, Invalue, Key, MidiEvent, NoOptions, OpenedFile, Outvalue
from csoundd.messages import CallbackEvent, Frames, StreamFrame
from csoundd.ports import StreamEngine, Subscriber
from csoundd.streams.backlog import KEPT, NEWEST, NEWEST_BYTES
from csoundd.streams.topics.topic import CallbackTopic, Options


class OutvalueTopic(CallbackTopic):
    """Values that the orchestra gives out."""

    name = "outvalue"
    options = NoOptions
    data = Outvalue
    about = "What ``outvalue`` says. A value that it repeats in every cycle is told once, until it changes."
    delivery = NEWEST


class InvalueTopic(CallbackTopic):
    """The names that the orchestra asks for: each comes once, also to those who subscribe later."""

    name = "invalue"
    options = NoOptions
    data = Invalue
    about = "Each name that ``invalue`` asks for, once, and each value that has grown too old."
    delivery = NEWEST

    def __init__(self, stream_id: str, chosen: Options, engine: StreamEngine) -> None:
        super().__init__(stream_id, chosen, engine)
        self._asked: dict[tuple[object, object], tuple[int, Frames, object]] = {}

    def welcome(self, subscriber: Subscriber, chosen: Options) -> None:
        """Send what was asked for before, under its own numbers."""
        del chosen
        for seq, sample, data in self._asked.values():
            subscriber.offer(StreamFrame(self.id, seq, sample, data, KEPT))

    def take(self, event: CallbackEvent) -> None:
        """Issue a name that is new, or one whose value has grown too old."""
        asked = cast("Mapping[str, object]", event.data)
        key = asked["name"], asked["kind"]
        if asked["stale"] or key not in self._asked:
            self.publish(event.sample, event.data, event.lost)
        if not asked["stale"]:
            self._asked.setdefault(key, (self.seq, event.sample, event.data))


class KeyboardTopic(CallbackTopic):
    """The keys that anybody presses."""

    name = "keyboard"
    options = NoOptions
    data = Key
    about = "The keys that anybody presses for ``sensekey``."
    delivery = NEWEST


class MidiTopic(CallbackTopic):
    """MIDI that the orchestra sends."""

    name = "midi"
    options = NoOptions
    data = MidiEvent
    about = "The MIDI messages that the orchestra sends, and what became of the driver."
    delivery = NEWEST


class GraphsTopic(CallbackTopic):
    """Drawings. They are large, and bounded by their bytes as audio is."""

    name = "graphs"
    options = NoOptions
    data = Graph
    about = "What ``display``, ``dispfft`` and new tables draw. A slow client loses the oldest drawings."
    delivery = NEWEST_BYTES


class FilesTopic(CallbackTopic):
    """The files that the engine opens."""

    name = "files"
    options = NoOptions
    data = OpenedFile
    about = "The files that the engine opens."
    delivery = NEWEST
