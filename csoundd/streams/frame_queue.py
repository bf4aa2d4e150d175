"""A subscriber that is read from, where a client takes bytes and knows nothing of frames."""

from __future__ import annotations

import asyncio
from collections import deque

from csoundd.messages import StreamFrame


class FrameQueue:
    """Keeps the frames of one stream until they are taken; of more than ``most`` the oldest go."""

    def __init__(self, most: int) -> None:
        self._frames: deque[StreamFrame] = deque(maxlen=most)
        self._arrived = asyncio.Event()

    def hold(self, stream: str) -> None:
        """Nobody has to be told of the stream first."""

    def offer(self, frame: StreamFrame) -> None:
        """Take a frame."""
        self._frames.append(frame)
        self._arrived.set()

    async def take(self) -> StreamFrame:
        """The oldest frame that was not taken, as soon as there is one."""
        while not self._frames:
            self._arrived.clear()
            await self._arrived.wait()
        return self._frames.popleft()
