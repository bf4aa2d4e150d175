"""What goes to the front without being asked for: events, what Csound printed, notice of new audio."""

from __future__ import annotations

from typing import Final

from csoundd.engine.host.performer import Performer
from csoundd.engine.link.frames import Kind, event_frame, frame
from csoundd.engine.link.host_end import HostEnd
from csoundd.engine.link.ring import Field
from csoundd.messages import Changed, EngineEvent, Fed, Frames, Printed, warning

SOUNDED: Final = frame([Kind.SOUNDED])
BACKLOG_BYTES: Final = 64 * 1024
"""With more than this unsent the front is busy, and one notice of new audio is as good as many."""

PRINTED_BYTES: Final = 4 * 1024 * 1024
"""With more than this unsent an orchestra prints faster than the front reads: messages are dropped, and counted."""


class Reports:
    """Tells the front what happens, what is printed always before what comes of it."""

    def __init__(self, link: HostEnd, performer: Performer) -> None:
        self.link, self.performer = link, performer
        self.backend = performer.backend
        self._sent_head = Frames(0)
        self._unprinted = 0
        performer.announce = self._announce
        performer.on_start = self._tell_format

    def tell(self, event: EngineEvent) -> None:
        """Send ``event`` to the front."""
        self.link.send(event_frame(event))

    def _tell_format(self) -> None:
        backend = self.backend
        rates = {"sr": backend.sr, "ksmps": backend.ksmps, "nchnls": backend.nchnls, "zerodbfs": backend.zerodbfs}
        self.tell(Fed("format", self.performer.sample, rates))

    def feed(self, topic: str, data: object) -> None:
        """Tell the front what a callback of the API delivered."""
        self.tell(Fed(topic, self.performer.sample, data))

    def _announce(self, event: Changed) -> None:
        self.performer.publish()
        self.tell_printed()
        self.tell(event)

    def tell_printed(self) -> list[str]:
        """Tell the front what Csound printed meanwhile, and return it."""
        printed = self.backend.printed()
        if not printed and not self._unprinted:
            return []
        if self.link.pending > PRINTED_BYTES:
            self._unprinted += len(printed)
            return [text for text, _ in printed]
        if self._unprinted:
            self.tell(warning(f"{self._unprinted} messages came too fast and were dropped"))
            self._unprinted = 0
        for text, attr in printed:
            self.tell(Printed(text, attr))
        return [text for text, _ in printed]

    def farewell(self) -> None:
        """Send what Csound printed last: the engine is about to end this process."""
        self.tell_printed()
        self.link.flush()

    def tell_news(self) -> None:
        """Tell what was printed in this turn, and that there is new audio."""
        self.tell_printed()
        head = Frames(self.performer.ring.header[Field.HEAD])
        if self.performer.capturing and head != self._sent_head and self.link.pending < BACKLOG_BYTES:
            self._sent_head = head
            self.link.send(SOUNDED)
