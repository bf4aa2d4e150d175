"""Stage 6: what one client could not take yet, within bounds.

Answers stay, and go ahead of everything else; the rest keeps the order it came in. Audio and messages lose their
oldest frames, the latest-value frames of a stream become one; the numbers of the frames that are left tell the client
what it missed, and of messages a line says how many.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Final

from csoundd.messages import StreamFrame
from csoundd.streams.merge import merged, notice


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait for one client.

    ``audio_bytes`` over all its audio streams, ``audio_span`` samples of each, ``messages`` frames; beyond
    ``answers`` or ``answer_bytes`` of what is never dropped no more calls are taken from it.
    """

    audio_bytes: int = 2 << 20
    audio_span: int = 192_000
    messages: int = 1000
    answers: int = 1000
    answer_bytes: int = 4 << 20


DEFAULT_BOUNDS: Final = Bounds()


@dataclass(slots=True)
class Waiting:
    """An encoded message, or a frame that may still change and is encoded when it goes."""

    payload: bytes
    frame: StreamFrame | None = None
    weight: int = 1


class Backlog:
    """A queue that knows what may go when there is too much of it."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._first: deque[bytes] = deque()
        self._queue: OrderedDict[int, Waiting] = OrderedDict()
        self._last = 0
        self._audio: dict[str, deque[int]] = {}
        self._messages: deque[int] = deque()
        self._notices: dict[str, int] = {}
        self._latest: dict[str, int] = {}
        self._audio_bytes = 0
        self._kept = 0
        self._kept_bytes = 0

    def __len__(self) -> int:
        return len(self._first) + len(self._queue)

    @property
    def crowded(self) -> bool:
        """Whether there is too much in it that cannot be dropped."""
        return self._kept > self._bounds.answers or self._kept_bytes > self._bounds.answer_bytes

    @property
    def relieved(self) -> bool:
        """Whether it is well below being crowded."""
        return self._kept * 2 <= self._bounds.answers and self._kept_bytes * 2 <= self._bounds.answer_bytes

    def keep(self, payload: bytes, *, first: bool = True) -> None:
        """Add what is never dropped, ahead of all that may be dropped or, like what is sent again, in its turn."""
        self._kept += 1
        self._kept_bytes += len(payload)
        if first:
            self._first.append(payload)
        else:
            self._add(Waiting(payload))

    def audio(self, frame: StreamFrame, payload: bytes) -> None:
        """Add an audio frame; the oldest go where that is too much."""
        turns = self._audio.setdefault(frame.stream, deque())
        turns.append(self._add(Waiting(payload, frame)))
        self._audio_bytes += len(payload)
        while len(turns) > 1 and frame.sample - self._sample(turns[0]) > self._bounds.audio_span:
            self._drop_audio(frame.stream)
        while self._audio_bytes > self._bounds.audio_bytes and (len(turns) > 1 or len(self._audio) > 1):
            self._drop_audio(min(self._audio, key=lambda stream: self._audio[stream][0]))

    def message(self, frame: StreamFrame, payload: bytes) -> None:
        """Add a message; where that is too much the oldest goes, and a notice says how many did."""
        self._messages.append(self._add(Waiting(payload, frame)))
        if len(self._messages) > self._bounds.messages:
            self._drop_message(self._messages.popleft())

    def latest(self, frame: StreamFrame) -> None:
        """Add the state of a stream, or bring the one that waits up to date."""
        turn = self._latest.get(frame.stream)
        if turn is None:
            self._latest[frame.stream] = self._add(Waiting(b"", frame))
            return
        waiting = self._queue[turn]
        if waiting.frame is not None:
            waiting.frame = merged(waiting.frame, frame, waiting.weight)
            waiting.weight += 1

    def take(self) -> Waiting:
        """What goes next; raises KeyError where there is nothing."""
        if self._first:
            payload = self._first.popleft()
            self._kept -= 1
            self._kept_bytes -= len(payload)
            return Waiting(payload)
        turn, waiting = self._queue.popitem(last=False)
        frame = waiting.frame
        if frame is None:
            self._kept -= 1
            self._kept_bytes -= len(waiting.payload)
        elif frame.policy == "audio":
            self._forget_audio(frame.stream, waiting)
        elif self._notices.get(frame.stream) == turn:
            del self._notices[frame.stream]
        elif frame.policy == "messages":
            self._messages.popleft()
        else:
            del self._latest[frame.stream]
        return waiting

    def _add(self, waiting: Waiting) -> int:
        self._last += 1
        self._queue[self._last] = waiting
        return self._last

    def _sample(self, turn: int) -> int:
        frame = self._queue[turn].frame
        return frame.sample if frame is not None else 0

    def _drop_audio(self, stream: str) -> None:
        self._forget_audio(stream, self._queue.pop(self._audio[stream][0]))

    def _forget_audio(self, stream: str, waiting: Waiting) -> None:
        turns = self._audio[stream]
        turns.popleft()
        if not turns:
            del self._audio[stream]
        self._audio_bytes -= len(waiting.payload)

    def _drop_message(self, turn: int) -> None:
        dropped = self._queue[turn].frame
        if dropped is None:
            return
        if not dropped.stream.startswith("messages/"):
            # The numbers of what is left say it: a notice would be no event of the topic.
            del self._queue[turn]
            return
        noted = self._notices.get(dropped.stream)
        if noted is None:
            self._notices[dropped.stream] = turn
            self._queue[turn] = Waiting(b"", notice(dropped, 1))
        else:
            del self._queue[turn]
            waiting = self._queue[noted]
            waiting.weight += 1
            waiting.frame = notice(dropped, waiting.weight)
