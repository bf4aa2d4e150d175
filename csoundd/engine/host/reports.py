"""What goes to the front without being asked for: events, what Csound printed, notice of new audio.

All but changes of state is bounded here, at the source: the front keeps only so many messages, and an orchestra can
print more in a second than anybody reads in a day. What is dropped is counted, and the count is told.
"""

from __future__ import annotations

from collections import Counter, deque
from time import monotonic
from typing import Final

from csoundd.engine.csound.printing import Wanted
from csoundd.engine.host.performer import Performer
from csoundd.engine.link.frames import Kind, event_frame, frame, printed_frame
from csoundd.engine.link.host_end import HostEnd
from csoundd.engine.link.ring import Field
from csoundd.errors import EngineError
from csoundd.messages import CallbackEvent, Frames, Outcome, PollResult, Seconds, StateChanged, warning

SOUNDED: Final = frame([Kind.AUDIO])
BUSY_BYTES: Final = 64 * 1024
"""With more than this unsent the front is busy: what is printed and what taps would read waits."""

OUTPUT_BYTES: Final = 1024 * 1024
"""With more than this unsent nothing is added to it."""

LINES: Final = 10_000
"""How many lines may come at once, as many as the front keeps."""

LINES_PER_SECOND: Final = 2_000
LINES_PER_TURN: Final = 400
"""How many lines are read at once: about 2 ms, so that commands and cycles do not wait for them."""

ERRORS: Final = 1_000
ERRORS_PER_SECOND: Final = 200
"""How many errors may come although the lines are used up."""

LEAST_LINES: Final = 100
OWN_LINES: Final = 1_000
"""How many lines of its own any call, and a compilation, may print although the lines are used up."""

EVENTS: Final = 10_000
EVENTS_PER_SECOND: Final = 4_000
"""What callbacks deliver (``outvalue``, ``midi``, graphs, files); a MIDI cable carries 1,000 messages a second."""

UNIT_BYTES: Final = 256
"""A line or an event counts as one for so many of its bytes."""

FRAME_LINES: Final = 20
"""Lines in one frame at most."""

NOTICE_WAIT: Final = Seconds(0.2)
"""How soon after something was dropped the count is told, at the latest."""

LAST_LINES: Final = 12
"""How many of Csound's last lines an engine error quotes."""


class Allowance:
    """How much may go out: ``most`` at once, and then as much as comes back at ``rate`` a second."""

    def __init__(self, most: int, rate: int) -> None:
        self._most, self._rate = most, rate
        self._left, self._since = float(most), monotonic()

    def left(self) -> int:
        """How many there may be now."""
        now = monotonic()
        self._left = min(self._most, self._left + (now - self._since) * self._rate)
        self._since = now
        return max(0, int(self._left))

    def spend(self, count: float) -> None:
        """Take note of what went out."""
        self._left -= count


class Reports:
    """Tells the front what happens. What is printed comes before what comes of it, unless there is too much of it."""

    def __init__(self, link: HostEnd, performer: Performer) -> None:
        self.link, self.performer = link, performer
        self.backend = performer.backend
        self._sent_head = Frames(0)
        self._lines, self._errors = Allowance(LINES, LINES_PER_SECOND), Allowance(ERRORS, ERRORS_PER_SECOND)
        self._events = Allowance(EVENTS, EVENTS_PER_SECOND)
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._lost: Counter[str] = Counter()
        self._untold: Counter[str] = Counter()
        self._notice_due, self._waiting = 0.0, 0
        performer.announce = self._announce
        performer.on_start = self._tell_format

    @property
    def busy(self) -> bool:
        """Whether the front has more to read than it has read."""
        return self.link.backlog > BUSY_BYTES

    def _tell_format(self) -> None:
        backend = self.backend
        self.link.send(frame([Kind.FORMAT, [backend.sr, backend.ksmps, backend.nchnls, backend.zerodbfs]]))

    def tapped(self, event: PollResult) -> None:
        """Tell the front what a tap has read."""
        if self.link.backlog > OUTPUT_BYTES:
            self._lost[event.tap] += 1
            return
        lost = self._lost.pop(event.tap, 0)
        self.link.offer(event_frame(PollResult(event.tap, event.sample, event.data, lost)))

    def feed(self, topic: str, data: object) -> None:
        """Tell the front what a callback of the API delivered."""
        if self.link.backlog > OUTPUT_BYTES or not self._events.left():
            self._lost[topic] += 1
            self._drop(f"events of {topic}", 1)
            return
        framed = event_frame(CallbackEvent(topic, self.performer.sample, data, self._lost.pop(topic, 0)))
        self._events.spend(1 + len(framed) // UNIT_BYTES)
        self.link.offer(framed)

    def _announce(self, event: StateChanged) -> None:
        self.performer.publish()
        self.tell_printed()
        self.link.send(event_frame(event))

    def make_way(self) -> None:
        """Let no lines wait that would stand before those of a call."""
        if self._waiting:
            self.tell_printed(wait=False)

    def tell_printed(self, least: int = 0, *, wait: bool = True) -> list[str]:
        """Tell the front what Csound printed meanwhile, ``least`` lines whatever came before, and return it.

        More than a turn may tell waits for the next, or is dropped.
        """
        allowed, errors = self._lines.left(), self._errors.left()
        most = max(least, 0 if self.busy else min(allowed, LINES_PER_TURN))
        room = max(0, allowed - most) if wait else 0
        printed, dropped, self._waiting = self.backend.printed(Wanted(most, room, errors))
        if dropped:
            self._drop("messages", dropped)
        if self._untold and allowed and monotonic() >= self._notice_due:
            self._tell_dropped()
        if not printed:
            return []
        self._lines.spend(sum(1 + len(text) // UNIT_BYTES for text, _ in printed))
        if len(printed) > most:
            self._errors.spend(len(printed) - most)
        for start in range(0, len(printed), FRAME_LINES):
            self.link.offer(printed_frame(printed[start : start + FRAME_LINES]))
        texts = [text for text, _ in printed]
        self._last.extend(texts[-LAST_LINES:])
        return texts

    def _drop(self, what: str, count: int) -> None:
        if not self._untold:
            self._notice_due = monotonic() + NOTICE_WAIT
        self._untold[what] += count

    def _tell_dropped(self) -> None:
        notices = [warning(f"{count} {what} came too fast and were dropped") for what, count in self._untold.items()]
        self._untold.clear()
        self.link.offer(printed_frame([(notice.text, notice.attr) for notice in notices]))

    def wait(self, now: float) -> float | None:
        """Seconds until there is something to tell, None where there is nothing."""
        if self._waiting and not self.busy:
            return 0.0
        return max(0.0, self._notice_due - now) or NOTICE_WAIT if self._untold else None

    def explained(self, outcome: Outcome) -> Outcome:
        """``outcome``, to whose error, if it is Csound's, the last lines printed belong."""
        if type(outcome.error) is EngineError:
            outcome.error.messages = list(self._last)
        return outcome

    def farewell(self) -> None:
        """Send what Csound printed last: the engine is about to end this process."""
        self.tell_printed(OWN_LINES)
        self.link.settle()
        self.link.flush()

    def tell_news(self) -> None:
        """Tell what was printed in this turn, and that there is new audio."""
        self.tell_printed()
        header = self.performer.ring.header
        head = Frames(header[Field.HEAD])
        if self.performer.capturing and head != self._sent_head and self._heard(header[Field.READ], head):
            self._sent_head = head
            self.link.send(SOUNDED)

    def _heard(self, read: int, head: Frames) -> bool:
        """Whether the last notice of audio has been heeded, or was about a run of audio that is over."""
        return read >= self._sent_head or head < self._sent_head
