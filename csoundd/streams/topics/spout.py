"""Stage 5, topic ``spout``: the audio output, in blocks of the size that was asked for."""

from __future__ import annotations

from typing import Final, cast

import numpy as np
import numpy.typing as npt

from csoundd.errors import InvalidParams
from csoundd.messages import EngineEvent, Frames, Sounded
from csoundd.streams.stream import Engine, Options, Stream

Block = npt.NDArray[np.float64]

_I16_PEAK: Final = 32767.0


class SpoutStream(Stream):
    """Blocks of exactly ``block`` frames. Floats keep Csound's own scale, integers are full at 0dbfs.

    Where the engine's samples jump, what had been gathered of a block is left out and a new block begins.
    """

    policy = "audio"
    hears = (Sounded,)

    def __init__(self, stream_id: str, topic: str, options: Options, engine: Engine) -> None:
        super().__init__(stream_id, topic, options, engine)
        self._format = cast("str", options["format"])
        self._size = cast("int", options["block"])
        self._columns = cast("list[int] | None", options["channels"])
        self._block: Block = np.empty((0, 0))
        self._filled = 0
        self._next = Frames(-1)

    async def open(self) -> None:
        """Begin at the next sample; raises InvalidParams for a channel that the output does not have."""
        self._filled, self._next = 0, Frames(-1)
        there = self.engine.format().get("nchnls")
        if self._columns is not None and isinstance(there, int) and max(self._columns) >= there:
            raise InvalidParams(f"channels: the output has {there}, counted from 0", parameter="channels")

    def hear(self, event: EngineEvent) -> None:
        """Gather samples, and issue the blocks that are full."""
        if not isinstance(event, Sounded):
            return
        frames = self._chosen(event.frames)
        if event.sample != self._next or frames.shape[1] != self._block.shape[1]:
            self._block, self._filled = np.empty((self._size, frames.shape[1])), 0
        self._next = Frames(event.sample + len(frames))
        at = 0
        while at < len(frames):
            count = min(self._size - self._filled, len(frames) - at)
            self._block[self._filled : self._filled + count] = frames[at : at + count]
            self._filled += count
            at += count
            if self._filled == self._size:
                self._filled = 0
                self.publish(Frames(event.sample + at - self._size), self._converted())

    def _chosen(self, frames: Block) -> Block:
        """The columns asked for; one that is not there (any more) is silent."""
        if self._columns is None:
            return frames
        there = frames.shape[1]
        chosen = np.zeros((len(frames), len(self._columns)))
        for place, column in enumerate(self._columns):
            if column < there:
                chosen[:, place] = frames[:, column]
        return chosen

    def _converted(self) -> npt.NDArray[np.generic]:
        if self._format == "f64":
            return self._block.copy()
        if self._format == "f32":
            return self._block.astype(np.float32)
        full = cast("float", self.engine.format().get("zerodbfs", 1.0))
        return np.rint(np.clip(self._block / full, -1.0, 1.0) * _I16_PEAK).astype(np.int16)
