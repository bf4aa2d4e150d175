"""Output: what goes to the front without being asked for: events, what Csound printed, notice of new audio.

All but changes of state is bounded here, at the source: the front keeps only so many messages, and an orchestra can
print more in a second than anybody reads in a day. What is dropped is counted, and the count is told.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import astuple
from math import inf
from time import monotonic
from typing import Final

from csoundd.engine.csound.backend import Backend, Wanted
from csoundd.engine.link.memory import Field, Ring
from csoundd.engine.link.protocol import HostEnd, Kind, encode, encode_event, encode_printed
from csoundd.errors import CsounddError, EngineError
from csoundd.limits import (
    BUSY_BYTES,
    COMPILATION_LINES,
    DROPPED_NOTICE_SECONDS,
    ERRORS,
    ERRORS_PER_SECOND,
    EVENTS,
    EVENTS_PER_SECOND,
    LINES,
    LINES_PER_SECOND,
    LINES_PER_TURN,
    MESSAGE_LINES,
    OUTPUT_BYTES,
    QUOTED_LINES,
    UNIT_BYTES,
)
from csoundd.messages import CallbackEvent, Frames, PollResult, StateChanged, warning
from csoundd.values import AudioFormat

NEW_AUDIO: Final = encode([Kind.AUDIO])


class Allowance:
    """An allowance (a token bucket): ``most`` at once, and then as much as comes back at ``rate`` a second."""

    def __init__(self, most: int, rate: int) -> None:
        self._most, self._rate = most, rate
        self._left, self._since = float(most), monotonic()

    def left(self) -> int:
        """The number that may go out now."""
        now = monotonic()
        self._left = min(self._most, self._left + (now - self._since) * self._rate)
        self._since = now
        return max(0, int(self._left))

    def spend(self, count: float) -> None:
        """Take note of what went out."""
        self._left -= count


class Dropped:
    """Counts what came too fast, until the count is told."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.due = 0.0
        """The monotonic time at which the counts are to be told."""

    def add(self, what: str, count: int) -> None:
        """Count what was dropped."""
        if not self.counts:
            self.due = monotonic() + DROPPED_NOTICE_SECONDS
        self.counts[what] += count

    def notices(self) -> list[tuple[str, int]]:
        """A line of its own for each kind, with its attribute; what was counted is told with that."""
        notices = [warning(f"{count} {what} came too fast and were dropped") for what, count in self.counts.items()]
        self.counts.clear()
        return [(notice.text, notice.attr) for notice in notices]


class CallbackOutput:
    """Tells the front what callbacks of the API deliver, each with the first sample of the cycle that it is of."""

    def __init__(self, link: HostEnd, ring: Ring, dropped: Dropped) -> None:
        self._link, self._header, self._dropped = link, ring.header, dropped
        self._allowance = Allowance(EVENTS, EVENTS_PER_SECOND)
        self._lost: Counter[str] = Counter()

    def tell(self, topic: str, data: object) -> None:
        """Tell the front of one event, or count it where there are too many."""
        if self._link.backlog > OUTPUT_BYTES or not self._allowance.left():
            self._lost[topic] += 1
            self._dropped.add(f"events of {topic}", 1)
            return
        encoded = encode_event(
            CallbackEvent(topic, Frames(self._header[Field.CALLBACK_SAMPLE]), data, self._lost.pop(topic, 0))
        )
        self._allowance.spend(1 + len(encoded) // UNIT_BYTES)
        self._link.offer(encoded)


class Output:
    """Tells the front what happens. What is printed comes before what comes of it, unless there is too much of it."""

    def __init__(self, link: HostEnd, ring: Ring, backend: Backend, dropped: Dropped) -> None:
        self._link, self._header, self._backend, self.dropped = link, ring.header, backend, dropped
        self._lines, self._errors = Allowance(LINES, LINES_PER_SECOND), Allowance(ERRORS, ERRORS_PER_SECOND)
        self._last: deque[str] = deque(maxlen=QUOTED_LINES)
        self._lost: Counter[str] = Counter()
        self._audio_told = Frames(0)
        self.lines_waiting = 0
        """Lines of Csound's that have not been read yet."""

    @property
    def busy(self) -> bool:
        """Whether the front has more to read than it has read."""
        return self._link.backlog > BUSY_BYTES

    def tell_format(self) -> None:
        """Tell the front the rates of a Csound that has been started."""
        backend = self._backend
        rates = AudioFormat(sr=backend.sr, ksmps=backend.ksmps, nchnls=backend.nchnls, zerodbfs=backend.zerodbfs)
        self._link.send(encode([Kind.FORMAT, list(astuple(rates))]))

    def poll_result(self, event: PollResult) -> None:
        """Tell the front what a poller has read, or count it where the front is far behind."""
        if self._link.backlog > OUTPUT_BYTES:
            self._lost[event.name] += 1
            return
        lost = self._lost.pop(event.name, 0)
        self._link.offer(encode_event(PollResult(event.name, event.sample, event.data, lost)))

    def announce(self, event: StateChanged) -> None:
        """Tell the front of a change, after all that was printed before it."""
        self.tell_printed()
        self._link.send(encode_event(event))

    def make_way(self) -> None:
        """Let no lines wait that would stand before those of a call."""
        if self.lines_waiting:
            self.tell_printed(wait=False)

    def tell_printed(self, least: int = 0, *, wait: bool = True) -> list[str]:
        """Tell the front what Csound printed meanwhile, ``least`` lines whatever came before, and return it.

        More than a turn may tell waits for the next, or is dropped.
        """
        allowed, errors = self._lines.left(), self._errors.left()
        most = max(least, 0 if self._link.backlog > BUSY_BYTES else min(allowed, LINES_PER_TURN))
        room = max(0, allowed - most) if wait else 0
        printed, dropped, self.lines_waiting = self._backend.printed(Wanted(most, room, errors))
        if dropped:
            self.dropped.add("messages", dropped)
        if self.dropped.counts and allowed and monotonic() >= self.dropped.due:
            self._link.offer(encode_printed(self.dropped.notices()))
        if not printed:
            return []
        self._lines.spend(sum(1 + len(text) // UNIT_BYTES for text, _ in printed))
        if len(printed) > most:
            self._errors.spend(len(printed) - most)
        for start in range(0, len(printed), MESSAGE_LINES):
            self._link.offer(encode_printed(printed[start : start + MESSAGE_LINES]))
        texts = [text for text, _ in printed]
        self._last.extend(texts[-QUOTED_LINES:])
        return texts

    def wait(self, now: float) -> float:
        """Seconds until there is something to tell, infinite where there is nothing."""
        if self.lines_waiting and not self.busy:
            return 0.0
        wait = self._link.wait if self._link.backlog else inf
        return min(wait, max(0.0, self.dropped.due - now) or DROPPED_NOTICE_SECONDS) if self.dropped.counts else wait

    def explain(self, error: CsounddError) -> None:
        """Give an error, if it is Csound's, the last lines printed."""
        if type(error) is EngineError:
            error.messages = list(self._last)

    def flush(self) -> None:
        """Send what Csound printed last: the engine is lost, and its process may be about to end."""
        self.tell_printed(COMPILATION_LINES)
        self._link.settle()
        self._link.flush()

    def tell_audio(self) -> None:
        """Tell that there is new audio."""
        head = Frames(self._header[Field.HEAD])
        # One notice is enough until the front has read; a run of audio that begins anew has notices of its own.
        heeded = self._header[Field.READ] >= self._audio_told or head < self._audio_told
        if head != self._audio_told and heeded:
            self._audio_told = head
            self._link.send(NEW_AUDIO)
