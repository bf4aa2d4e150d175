"""The topic ``messages``: what Csound prints, a stream for each level, always there.

As they go on counting without subscribers, a client that comes back can ask for what came after the last
number it knows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, cast

from csoundd.messages import WARNING, StreamFrame
from csoundd.ports import StreamEngine, Subscriber
from csoundd.streams.backlog import KEPT, Newest
from csoundd.streams.message_log import LEVELS, Logged, MessageLog
from csoundd.streams.topics.topic import Options, Topic, about

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
            if seq > cast("int", since):
                # Asked for in so many words, so nothing of it is dropped.
                subscriber.offer(StreamFrame(self.id, seq, logged.sample, logged.data, KEPT))

    def print(self, logged: Logged) -> None:
        """Issue a message, if it is severe enough."""
        if logged.seqs[self._place]:
            self.publish(logged.sample, logged.data)
