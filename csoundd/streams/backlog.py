"""The backlog of one client, within bounds, and the ways in which frames wait in it.

Answers stay, and go ahead of everything else; the rest keeps the order it came in. What becomes of the frames of a
stream its topic declares, with one of the ways below. The numbers of the frames that are left tell the client what it
missed.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from csoundd.messages import Merge, Notice, StreamFrame, WaitingFrames

Payload = Callable[[], bytes]


class Urgent:
    """Frames that are never dropped and, like answers, go ahead of what waits: changes of the engine's state."""

    def wait(self, waiting: WaitingFrames, _frame: StreamFrame, payload: Payload) -> None:
        """Wait ahead of the others."""
        waiting.ahead(payload())


class Kept:
    """Frames that are never dropped and keep their turn: what a client has asked for in so many words."""

    def wait(self, waiting: WaitingFrames, _frame: StreamFrame, payload: Payload) -> None:
        """Wait in turn."""
        waiting.keep(payload())


class Held:
    """Frames that wait for the client while the engine waits for it in turn: audio without losses."""

    def wait(self, waiting: WaitingFrames, frame: StreamFrame, payload: Payload) -> None:
        """Wait in turn."""
        waiting.hold(frame, payload())


class NewestBytes:
    """Frames of which the oldest are dropped once they are too many bytes: audio and drawings."""

    def wait(self, waiting: WaitingFrames, frame: StreamFrame, payload: Payload) -> None:
        """Wait, in the place of older ones where there are too many bytes."""
        waiting.newest_bytes(frame, payload())


@dataclass(frozen=True, slots=True)
class Newest:
    """Frames of which the oldest are dropped once they are too many: events and messages.

    Where ``notice`` is given, a frame with its data says how many are missing.
    """

    notice: Notice | None = None

    def wait(self, waiting: WaitingFrames, frame: StreamFrame, payload: Payload) -> None:
        """Wait, in the place of older ones where there are too many."""
        waiting.newest(frame, payload(), self.notice)


def _newer(_old: object, new: object, _weight: int) -> object:
    return new


@dataclass(frozen=True, slots=True)
class Latest:
    """Frames of which one stands for all, encoded when it goes: states, values, levels."""

    merge: Merge = _newer

    def wait(self, waiting: WaitingFrames, frame: StreamFrame, _payload: Payload) -> None:
        """Wait, as one with those of the same stream that wait already."""
        waiting.latest(frame, self.merge)


URGENT: Final = Urgent()
KEPT: Final = Kept()
HELD: Final = Held()
NEWEST_BYTES: Final = NewestBytes()
NEWEST: Final = Newest()
LATEST: Final = Latest()


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of what may wait for one client.

    ``audio_bytes`` over all its streams of large frames, ``audio_span`` samples of each, ``messages`` frames of events;
    beyond ``answers`` or ``answer_bytes`` of what is never dropped no more calls are taken from it. ``held_bytes`` is
    more than comes while an engine waits for the client: beyond it nothing can be waiting, and the oldest is dropped.
    """

    audio_bytes: int = 2 << 20
    audio_span: int = 192_000
    messages: int = 1000
    answers: int = 1000
    answer_bytes: int = 4 << 20
    held_bytes: int = 32 << 20


DEFAULT_BOUNDS: Final = Bounds()

Dropped = Counter[tuple[str, ...]]
"""How many frames went without having been sent, by ``large`` and ``event``."""


@dataclass(slots=True)
class Waiting:
    """An encoded message, or a frame that may still change and is encoded when it goes.

    ``gone`` is called with its turn when it is taken.
    """

    payload: bytes
    gone: Callable[[int, Waiting], None]
    frame: StreamFrame | None = None
    weight: int = 1


class Backlog:
    """A queue that knows what may go when there is too much of it, and counts in ``dropped`` what went."""

    def __init__(self, bounds: Bounds, dropped: Dropped | None = None) -> None:
        self._dropped = Counter() if dropped is None else dropped
        self._bounds = bounds
        self._ahead: deque[bytes] = deque()
        self._queue: OrderedDict[int, Waiting] = OrderedDict()
        self._last = 0
        self._large: dict[str, deque[int]] = {}
        self._large_bytes = 0
        self._events: deque[int] = deque()
        self._notices: dict[str, int] = {}
        self._latest: dict[str, int] = {}
        self._kept = 0
        self._kept_bytes = 0
        self._held_bytes = 0

    def __len__(self) -> int:
        return len(self._ahead) + len(self._queue)

    @property
    def holds(self) -> bool:
        """Whether anything is in it that the engine is to wait for."""
        return self._held_bytes > 0

    @property
    def crowded(self) -> bool:
        """Whether there is too much in it that cannot be dropped."""
        return self._kept > self._bounds.answers or self._kept_bytes > self._bounds.answer_bytes

    @property
    def relieved(self) -> bool:
        """Whether it is well below being crowded."""
        return self._kept * 2 <= self._bounds.answers and self._kept_bytes * 2 <= self._bounds.answer_bytes

    def ahead(self, payload: bytes) -> None:
        """Add what is never dropped, ahead of all but its like."""
        self._count(payload, 1)
        self._ahead.append(payload)

    def keep(self, payload: bytes) -> None:
        """Add what is never dropped, in its turn."""
        self._count(payload, 1)
        self._add(Waiting(payload, self._kept_gone))

    def hold(self, frame: StreamFrame, payload: bytes) -> None:
        """Add a frame that the engine waits for, or a large one like others where it does not."""
        if self._held_bytes + len(payload) > self._bounds.held_bytes:
            self.newest_bytes(frame, payload)
            return
        self._held_bytes += len(payload)
        self._add(Waiting(payload, self._held_gone))

    def newest_bytes(self, frame: StreamFrame, payload: bytes) -> None:
        """Add a large frame; the oldest go where that is too much."""
        turns = self._large.setdefault(frame.stream, deque())
        turns.append(self._add(Waiting(payload, self._large_gone, frame)))
        self._large_bytes += len(payload)
        while len(turns) > 1 and frame.sample - self._sample(turns[0]) > self._bounds.audio_span:
            self._drop_large(frame.stream)
        while self._large_bytes > self._bounds.audio_bytes and (len(turns) > 1 or len(self._large) > 1):
            self._drop_large(min(self._large, key=lambda stream: self._large[stream][0]))

    def newest(self, frame: StreamFrame, payload: bytes, notice: Notice | None) -> None:
        """Add an event; where that is too much the oldest goes, and ``notice`` tells of it in its place."""
        self._events.append(self._add(Waiting(payload, self._event_gone, frame)))
        if len(self._events) > self._bounds.messages:
            self._drop_event(self._events.popleft(), notice)

    def latest(self, frame: StreamFrame, merge: Merge) -> None:
        """Add the state of a stream, or bring the one that waits up to date.

        The merged frame has the number of the newer one, so that the gap tells how many it stands for.
        """
        turn = self._latest.get(frame.stream)
        if turn is None:
            self._latest[frame.stream] = self._add(Waiting(b"", self._latest_gone, frame))
            return
        waiting = self._queue[turn]
        if waiting.frame is not None:
            data = merge(waiting.frame.data, frame.data, waiting.weight)
            waiting.frame = StreamFrame(frame.stream, frame.seq, frame.sample, data, frame.delivery)
            waiting.weight += 1

    def pop(self) -> Waiting:
        """The message that goes next; raises KeyError where there is none."""
        if self._ahead:
            payload = self._ahead.popleft()
            self._count(payload, -1)
            return Waiting(payload, self._kept_gone)
        turn, waiting = self._queue.popitem(last=False)
        waiting.gone(turn, waiting)
        return waiting

    def _add(self, waiting: Waiting) -> int:
        self._last += 1
        self._queue[self._last] = waiting
        return self._last

    def _count(self, payload: bytes, change: int) -> None:
        self._kept += change
        self._kept_bytes += change * len(payload)

    def _kept_gone(self, _turn: int, waiting: Waiting) -> None:
        self._count(waiting.payload, -1)

    def _held_gone(self, _turn: int, waiting: Waiting) -> None:
        self._held_bytes -= len(waiting.payload)

    def _large_gone(self, _turn: int, waiting: Waiting) -> None:
        assert waiting.frame is not None
        stream = waiting.frame.stream
        turns = self._large[stream]
        turns.popleft()
        if not turns:
            del self._large[stream]
        self._large_bytes -= len(waiting.payload)

    def _event_gone(self, _turn: int, _waiting: Waiting) -> None:
        self._events.popleft()

    def _latest_gone(self, _turn: int, waiting: Waiting) -> None:
        assert waiting.frame is not None
        del self._latest[waiting.frame.stream]

    def _notice_gone(self, _turn: int, waiting: Waiting) -> None:
        assert waiting.frame is not None
        del self._notices[waiting.frame.stream]

    def _sample(self, turn: int) -> int:
        frame = self._queue[turn].frame
        return frame.sample if frame is not None else 0

    def _drop_large(self, stream: str) -> None:
        turn = self._large[stream][0]
        self._dropped["large",] += 1
        self._large_gone(turn, self._queue.pop(turn))

    def _drop_event(self, turn: int, notice: Notice | None) -> None:
        dropped = self._queue[turn].frame
        assert dropped is not None
        self._dropped["event",] += 1
        if notice is None:
            # The numbers of what is left say it: a notice would be no event of the topic.
            del self._queue[turn]
            return
        noted = self._notices.get(dropped.stream)
        if noted is None:
            self._notices[dropped.stream] = noted = turn
            self._queue[turn] = Waiting(b"", self._notice_gone, weight=0)
        else:
            del self._queue[turn]
        waiting = self._queue[noted]
        waiting.weight += 1
        data = notice(waiting.weight)
        waiting.frame = StreamFrame(dropped.stream, dropped.seq, dropped.sample, data, dropped.delivery)
