"""The outgoing queue of one session, as fast as its client takes it; the watch over clients that take nothing.

A queue takes answers and stream frames; while the sink has room they are written at once, else they wait in a backlog.
It outlives its sink: what comes in between waits for the next one. Where a client takes bytes and knows nothing of
frames, a FrameQueue takes its place, which is read from.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from csoundd.limits import STALLED_CLOSE_SECONDS, UNTOLD_STREAM_SECONDS
from csoundd.messages import Reply, Response, StreamFrame
from csoundd.ports import Encoder, Sink
from csoundd.streams.backlog import DEFAULT_BOUNDS, Backlog, Bounds, Dropped

log = logging.getLogger("csoundd.streams")

STALLED: Final = 4008
"""Close code of a connection that took nothing for too long."""


class SendQueue:
    """The outgoing queue of one session: answers, and the frames of what it subscribed to."""

    def __init__(
        self,
        encoder: Encoder,
        watch: StallWatch,
        bounds: Bounds = DEFAULT_BOUNDS,
        dropped: Dropped | None = None,
    ) -> None:
        self._encoder = encoder
        self._watch = watch
        self._backlog = Backlog(bounds, dropped)
        self._waits = False
        """Whether anything is in the backlog."""
        self._sink: Sink | None = None
        self._paused = False
        self._large: deque[Response | list[Response]] = deque()
        self._encoding: asyncio.Task[None] | None = None
        self._untold: dict[str, list[StreamFrame]] = {}
        self._level: Callable[[], None] | None = None

    @property
    def behind(self) -> bool:
        """Whether a client that is there has not taken what the engine is to wait for."""
        return self._sink is not None and self._backlog.holds

    def when_level(self, level: Callable[[], None]) -> None:
        """Call ``level`` once, as soon as nobody has to wait for this client any more."""
        self._level = level

    def _tell_level(self) -> None:
        if self._level is not None and not self.behind:
            level, self._level = self._level, None
            level()

    @property
    def depth(self) -> int:
        """How many answers and frames wait for the client."""
        return len(self._backlog)

    @property
    def waiting(self) -> bool:
        """Whether anything waits for the client."""
        return self._waits or (self._sink is not None and self._sink.pending > 0)

    @property
    def taken(self) -> int:
        """Bytes the socket has taken so far."""
        return 0 if self._sink is None else self._sink.taken

    def attach(self, sink: Sink) -> None:
        """Write to ``sink`` from now on, what waits first."""
        self._sink = sink
        self._watch.add(self)
        self.flush()

    def detach(self) -> None:
        """The sink is gone, or no longer this session's."""
        self._watch.discard(self)
        if self._sink is not None:
            self._take_calls(self._sink)
        self._sink = None
        self._tell_level()

    def stalled(self) -> None:
        """The client takes nothing: give the connection up, and keep what comes for the next."""
        if self._sink is not None:
            log.warning("a client took nothing for too long and is given up")
            self._sink.close(STALLED, "the client took nothing for too long", STALLED_CLOSE_SECONDS)
        self.detach()

    def reply(self, message: Response | list[Response]) -> None:
        """Send an answer; answers are never dropped."""
        if self._encoder.takes_long(message):
            self._large.append(message)
            if self._encoding is None:
                self._encoding = asyncio.create_task(self._encode_large(), name="large-answers")
            self._check_crowd()
            return
        self._send(self._encoder.encode(message), message)

    async def _encode_large(self) -> None:
        """Encode beside the event loop what takes long, one after another; meanwhile no more is read of the client."""
        while self._large:
            message = self._large[0]
            payload = await asyncio.to_thread(self._encoder.encode, message)
            self._large.popleft()
            self._send(payload, message)
        self._encoding = None
        self.flush()

    def _send(self, payload: bytes, message: Response | list[Response]) -> None:
        sink = self._sink
        if sink is not None and sink.writable and not self._waits:
            sink.write(payload)
        else:
            self._waits = True
            self._backlog.ahead(payload)
            self._check_crowd()
        if self._untold:
            self._tell(message)

    def offer(self, frame: StreamFrame) -> None:
        """Send a frame, or whatever of it and its like the client can take."""
        if frame.stream in self._untold:
            self._untold[frame.stream].append(frame)
            return
        sink = self._sink
        if sink is not None and sink.writable and not self._waits:
            sink.write(self._encoded(frame))
        else:
            self._waits = True
            frame.delivery.wait(self._backlog, frame, partial(self._encoded, frame))
            self._check_crowd()

    def hold(self, stream: str) -> None:
        """Keep the frames of ``stream`` back until an answer has told the client of it."""
        self._untold.setdefault(stream, [])
        asyncio.get_running_loop().call_later(UNTOLD_STREAM_SECONDS, self._let_go, stream)

    def flush(self, *, everything: bool = False) -> None:
        """Write what waits, as much as the sink has room for or all of it."""
        sink, backlog = self._sink, self._backlog
        if sink is None:
            return
        while backlog and (everything or sink.writable):
            waiting = backlog.pop()
            if waiting.payload:
                sink.write(waiting.payload)
            elif waiting.frame is not None:
                sink.write(self._encoded(waiting.frame))
        self._waits = bool(backlog)
        if backlog.relieved and not self._large:
            self._take_calls(sink)
        self._tell_level()

    def _encoded(self, frame: StreamFrame) -> bytes:
        encoded = frame.encoded.get(self._encoder.name)
        if encoded is None:
            encoded = frame.encoded[self._encoder.name] = self._encoder.encode(frame)
        return encoded

    def _check_crowd(self) -> None:
        """Take no more calls from a client that does not take the answers."""
        if self._sink is not None and not self._paused and (self._large or self._backlog.crowded):
            self._paused = True
            self._sink.pause_reading()

    def _take_calls(self, sink: Sink) -> None:
        if self._paused:
            self._paused = False
            sink.resume_reading()

    def _tell(self, message: Response | list[Response]) -> None:
        for response in message if isinstance(message, list) else (message,):
            if isinstance(response, Reply):
                result = response.result
                stream = result.get("stream") if isinstance(result, dict) else result
                if isinstance(stream, str):
                    self._let_go(stream)

    def _let_go(self, stream: str) -> None:
        for frame in self._untold.pop(stream, ()):
            self.offer(frame)


class Watched(Protocol):
    """The sending side of one connection."""

    @property
    def waiting(self) -> bool:
        """Whether anything waits for the client."""

    @property
    def taken(self) -> int:
        """Bytes the socket has taken so far."""

    def stalled(self) -> None:
        """Nothing has been taken for too long."""


@dataclass(slots=True)
class _Seen:
    taken: int
    still: float


class StallWatch:
    """Tells a connection when something has waited for ``patience`` seconds and the socket took no byte."""

    def __init__(self, patience: float = 10.0, interval: float = 1.0) -> None:
        self._patience = patience
        self._interval = interval
        self._seen: dict[Watched, _Seen | None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._looked = 0.0
        self.given_up = 0
        """Connections that took nothing for too long."""

    def add(self, watched: Watched) -> None:
        """Look at ``watched`` from now on."""
        self._seen[watched] = None
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._looked = loop.time()
            self._timer = loop.call_later(self._interval, self._look)

    def discard(self, watched: Watched) -> None:
        """Do not look at ``watched`` any more."""
        self._seen.pop(watched, None)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        # While this process itself stood still no client could show that it takes anything.
        passed = min(loop.time() - self._looked, 2 * self._interval)
        self._looked = loop.time()
        for watched in [watched for watched in self._seen if self._is_stalled(watched, passed)]:
            self.discard(watched)
            self.given_up += 1
            watched.stalled()
        self._timer = loop.call_later(self._interval, self._look) if self._seen else None

    def _is_stalled(self, watched: Watched, passed: float) -> bool:
        seen = self._seen[watched]
        if not watched.waiting:
            self._seen[watched] = None
        elif seen is None or seen.taken != watched.taken:
            self._seen[watched] = _Seen(watched.taken, 0.0)
        else:
            seen.still += passed
            return seen.still >= self._patience
        return False


class FrameQueue:
    """Keeps the frames of one stream until they are taken.

    Of more than ``most`` the oldest go, and ``gone`` is called for each.
    """

    def __init__(self, most: int, gone: Callable[[], None]) -> None:
        self._most, self._gone = most, gone
        self._frames: deque[StreamFrame] = deque()
        self._arrived = asyncio.Event()

    def hold(self, stream: str) -> None:
        """Nobody has to be told of the stream first."""

    @property
    def behind(self) -> bool:
        """Nobody waits for it: the oldest frames go."""
        return False

    def when_level(self, level: Callable[[], None]) -> None:
        """It is never behind."""
        level()

    def offer(self, frame: StreamFrame) -> None:
        """Take a frame; what is heard has no end."""
        if frame.ended is not None:
            return
        if len(self._frames) == self._most:
            self._frames.popleft()
            self._gone()
        self._frames.append(frame)
        self._arrived.set()

    async def read(self) -> StreamFrame:
        """The oldest frame that was not taken, as soon as there is one."""
        while not self._frames:
            self._arrived.clear()
            await self._arrived.wait()
        return self._frames.popleft()
