"""The topics of what the engine tells of its own accord: its state, Csound's messages, and the API's callbacks.

There is a stream of messages for each level, always there: as they go on counting without subscribers, a client that
comes back can ask for what came after the last number it knows. A client that is too slow for the others loses the
oldest events, and sees it by the numbers of the rest; of the engine's state it loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from csoundd.api.callbacks import Graph, Invalue, Key, MidiEvent, NoOptions, OpenedFile, Outvalue
from csoundd.messages import WARNING, CallbackEvent, Frames, State, StateChanged, StreamFrame
from csoundd.ports import StreamEngine, Subscriber
from csoundd.streams.backlog import KEPT, NEWEST, NEWEST_BYTES, URGENT, Newest
from csoundd.streams.message_log import LEVELS, Logged, MessageLog
from csoundd.streams.topics.topic import CallbackTopic, Options, StateTopic, Topic, about


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """There is nothing to choose."""


@dataclass(frozen=True, slots=True)
class EngineChange:
    """The engine changed state, or something befell it.

    ``restored`` counts what a new host was given back. With the event ``recorded`` the file ``recording`` is complete,
    whatever ended it; a ``reason`` says why it ended early.
    """

    event: str
    state: State
    epoch: int
    reason: str | None = None
    restored: dict[str, Any] | None = None
    recording: str | None = None


class EngineTopic(StateTopic):
    """The changes of the engine; none is ever dropped."""

    name = "engine"
    options = EngineOptions
    data = EngineChange
    about = "Every change of the engine's state, crashes and restarts among them, and the end of each recording."
    delivery = URGENT

    def change(self, event: StateChanged) -> None:
        """Pass a change on, without the members that say nothing."""
        data: dict[str, object] = {"event": event.event, "state": event.state, "epoch": event.epoch}
        if event.reason is not None:
            data["reason"] = event.reason
        if event.restored is not None:
            data["restored"] = event.restored
        if event.recording is not None:
            data["recording"] = event.recording
        self.publish(self.engine.sample(), data)


MessageLevel = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class MessagesOptions:
    """The messages to receive: how severe, and from which on."""

    level: MessageLevel = field(default="info", metadata=about("the least severe kind that is wanted"))
    since: int | None = field(default=None, metadata=about("first send again what is kept after this sequence number"))


@dataclass(frozen=True, slots=True)
class Message:
    """A line that Csound printed: ``attr`` is Csound's own attribute, ``level`` what it comes to."""

    text: str
    attr: int
    level: MessageLevel


def _notice(count: int) -> object:
    """A message in the place of ``count`` messages that were dropped."""
    lines = "1 message was" if count == 1 else f"{count} messages were"
    return {"text": f"{lines} dropped: this client is too slow for them\n", "attr": WARNING, "level": "warning"}


class MessagesTopic(Topic):
    """The messages of one level and those more severe."""

    name = "messages"
    options = MessagesOptions
    data = Message
    about = "What Csound prints, line by line. Where a client is too slow for them, a line says how many were dropped."
    delivery = Newest(_notice)

    permanent = True

    def __init__(self, stream_id: str, level: str, engine: StreamEngine, log: MessageLog) -> None:
        super().__init__(stream_id, {"level": level}, engine)
        self._place = LEVELS.index(level)
        self._log = log

    @classmethod
    def normal(cls, chosen: Options) -> Options:
        """From when on is everybody's own affair."""
        return {"level": chosen["level"]}

    def welcome(self, subscriber: Subscriber, chosen: Options) -> None:
        """Send again what came after the number ``since``, as far as it is kept."""
        since = chosen.get("since")
        if since is None:
            return
        for logged in self._log:
            seq = logged.seqs[self._place]
            if seq > since:
                # Asked for in so many words, so nothing of it is dropped.
                subscriber.offer(StreamFrame(self.id, seq, logged.sample, logged.data, KEPT))

    def print(self, logged: Logged) -> None:
        """Issue a message, if it is severe enough."""
        if logged.seqs[self._place]:
            self.publish(logged.sample, logged.data)


class OutvalueTopic(CallbackTopic):
    """Values that the orchestra gives out."""

    name = "outvalue"
    channels = "tells"
    options = NoOptions
    data = Outvalue
    about = "What ``outvalue`` says. A value that it repeats in every cycle is told once, until it changes."
    delivery = NEWEST


class InvalueTopic(CallbackTopic):
    """The names that the orchestra asks for: each comes once, also to those who subscribe later."""

    name = "invalue"
    channels = "tells"
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

    def deliver(self, event: CallbackEvent) -> None:
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
