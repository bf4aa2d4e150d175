"""One subscription as its reader sees it: frames in order, never more of them waiting than the queue holds.

What a full queue loses is counted like what the network lost, and told with the next frame.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from csoundd_client.failures import CsounddError, Unreadable
from csoundd_client.values import Reader

T = TypeVar("T")

CONFLATED: Final = frozenset({"channels"})
"""Topics of values by name, of which only the latest counts: a full queue merges its frames instead of dropping one."""

CONTINUED: Final = frozenset({"messages"})
"""Topics that the server keeps for a while, so that a new session can go on where the old one ended."""


@dataclass(frozen=True, slots=True)
class Frame(Generic[T]):
    """One frame of a stream.

    ``sample`` is the first sample it is about. ``lost`` counts the frames that went missing just before it, or
    of values and levels those that were merged into it; ``gap`` is true with them, and also where it cannot be
    known how many went missing: after a reconnection that had to begin anew.
    """

    seq: int
    sample: int
    data: T
    lost: int = 0
    gap: bool = False


@dataclass(slots=True, eq=False)
class Arrival:
    """A frame as it came; ``series`` rises when the numbering begins anew."""

    series: int
    seq: int
    sample: int
    data: Any


@dataclass(frozen=True, slots=True)
class End:
    """The end of a performance: the number of its last frame, the sample that it was over at, and why.

    ``reason`` is ``ended`` (the score is over, or it was stopped), ``reset`` or ``failed``.
    """

    seq: int
    sample: int
    reason: str


class Registry(Protocol):
    """Who brings a subscription about and ends it."""

    async def open(self, subscription: Subscription[Any]) -> None:
        """Have frames offered to it from now on."""
        ...

    async def close(self, subscription: Subscription[Any]) -> None:
        """Offer it nothing any more."""
        ...


class Subscription(Generic[T]):
    """A stream while it is entered: ``async with cs.spout() as frames: async for frame in frames: ...``.

    ``id`` is the stream's name on the wire, ``options`` what the server made of the options, ``lost`` how many
    frames have gone missing so far. An iteration over what sounds stops where a performance is over, with ``ended``
    set; another one goes on with the next performance, and ``across()`` with all of them.
    """

    def __init__(
        self,
        registry: Registry,
        topic: str,
        options: dict[str, Any],
        *,
        read: Reader | None = None,
        queue: int = 256,
    ) -> None:
        if queue < 1:
            raise ValueError("a queue holds at least one frame")
        self.topic = topic
        self.asked = {name: value for name, value in options.items() if value is not None}
        self.id = ""
        self.options: dict[str, Any] = {}
        self.lost = 0
        self._registry = registry
        self._read = read
        self._size = queue
        self.ended: End | None = None
        self._queue: deque[Arrival | End] = deque()
        self._arrived: asyncio.Future[None] | None = None
        self._series = 0
        self._newest: int | None = None
        self._known: int | None = None
        self._latest: tuple[int, int] | None = None
        self._ended = False
        self._error: CsounddError | None = None

    async def __aenter__(self) -> Self:
        await self._registry.open(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end(None)
        await self._registry.close(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame[T]:
        """The next frame; the end of the iteration when the client was closed.

        Raises ConnectionLost, or what refused a new session, where the connection is gone for good.
        """
        while not self._queue:
            if self._error is not None:
                raise self._error
            if self._ended:
                raise StopAsyncIteration
            await self._wait()
        arrival = self._queue.popleft()
        if isinstance(arrival, End):
            self.ended = arrival
            raise StopAsyncIteration
        return self._frame(arrival)

    async def across(self) -> AsyncIterator[Frame[T]]:
        """The frames of one performance after another, until the client is closed."""
        while self._queue or not self._ended:
            async for frame in self:
                yield frame

    def offer(self, seq: int, sample: int, data: Any) -> None:
        """Take a frame from the connection, at the cost of the oldest one where the queue is full."""
        known, self._known = self._known, None
        if seq == known:
            return
        if len(self._queue) >= self._size and not self.asked.get("lossless"):
            data = self._make_room(data)
        self._newest = seq
        self._queue.append(Arrival(self._series, seq, sample, data))
        self._wake()

    def offer_end(self, end: End) -> None:
        """The performance is over."""
        self._queue.append(end)
        self._wake()

    def _make_room(self, data: Any) -> Any:
        """Drop the oldest frame for one with ``data``; returns that, with what only the dropped one had."""
        oldest = next((arrival for arrival in self._queue if isinstance(arrival, Arrival)), None)
        if oldest is None:
            return data
        self._queue.remove(oldest)
        return self._merged(oldest.data, data) if self.topic in CONFLATED else data

    def renew(self) -> dict[str, Any]:
        """The options with which to go on in a new session, where frames are numbered anew."""
        if self.topic in CONTINUED and self._newest is not None:
            self._known = self._newest
            return {**self.asked, "since": self._newest}
        self._series += 1
        return self.asked

    def end(self, error: CsounddError | None) -> None:
        """No more frames will come, because of ``error`` or because nobody wants them."""
        self._ended = True
        self._error = error
        self._wake()

    async def _wait(self) -> None:
        if self._arrived is None:
            self._arrived = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._arrived)

    def _wake(self) -> None:
        if self._arrived is not None:
            self._arrived.set_result(None)
            self._arrived = None

    def _merged(self, oldest: Any, data: Any) -> Any:
        """Values that only the dropped frame had move on to the one after it."""
        following = self._queue[0] if self._queue else None
        if not isinstance(following, Arrival):
            return {**oldest, **data}
        following.data = {**oldest, **following.data}
        return data

    def _frame(self, arrival: Arrival) -> Frame[T]:
        lost, gap = self._missing(arrival)
        self._latest = (arrival.series, arrival.seq)
        self.lost += lost
        return Frame(arrival.seq, arrival.sample, self._data(arrival.data), lost, gap)

    def _data(self, data: Any) -> Any:
        if self._read is None:
            return data
        try:
            return self._read(data)
        except (TypeError, ValueError) as error:
            raise Unreadable(f"a frame of {self.topic} is not what the contract says: {error}") from None

    def _missing(self, arrival: Arrival) -> tuple[int, bool]:
        if self._latest is None:
            return 0, arrival.series > 0
        series, seq = self._latest
        if arrival.series != series or arrival.seq <= seq:
            return 0, True
        lost = arrival.seq - seq - 1
        return lost, lost > 0
