"""Stage 5, topic ``messages``: what Csound prints, a stream for each level, always there.

As they go on counting without subscribers, a client that comes back can ask for what came after the last
number it knows.
"""

from __future__ import annotations

from typing import cast

from csoundd.messages import EngineEvent, StreamFrame
from csoundd.streams.message_log import LEVELS, Logged, MessageLog
from csoundd.streams.stream import Engine, Options, Stream, Subscriber


class MessagesStream(Stream):
    """The messages of one level and those more severe."""

    policy = "messages"
    permanent = True

    def __init__(self, stream_id: str, level: str, engine: Engine, log: MessageLog) -> None:
        super().__init__(stream_id, "messages", {"level": level}, engine)
        self._place = LEVELS.index(level)
        self._log = log

    @classmethod
    def normal(cls, options: Options) -> Options:
        """From when on is everybody's own affair."""
        return {"level": options["level"]}

    def welcome(self, subscriber: Subscriber, options: Options) -> None:
        """Send again what came after the number ``since``, as far as it is kept."""
        since = options.get("since")
        if since is None:
            return
        for logged in self._log:
            seq = logged.seqs[self._place]
            if seq > cast("int", since):
                # Asked for in so many words, so nothing of it is dropped.
                subscriber.offer(StreamFrame(self.id, seq, logged.sample, logged.data, "keep"))

    def print(self, logged: Logged) -> None:
        """Issue a message, if it is severe enough."""
        if logged.seqs[self._place]:
            self.publish(logged.sample, logged.data)

    def hear(self, event: EngineEvent) -> None:
        """Messages come from the log, which has them first."""
