"""Stage 5, topic ``meters``: peak and effective level of each output channel."""

from __future__ import annotations

from typing import Final, cast

import numpy as np
import numpy.typing as npt

from csoundd.messages import EngineEvent, Frames, Sounded
from csoundd.streams.stream import Engine, Options, Stream

_USUAL_SR: Final = 48_000.0


class MetersStream(Stream):
    """Levels since the last frame, 1.0 being 0dbfs. There are frames while there is sound, silent or not."""

    hears = (Sounded,)

    def __init__(self, stream_id: str, topic: str, options: Options, engine: Engine) -> None:
        super().__init__(stream_id, topic, options, engine)
        self._rate = cast("float", options["rate"])
        self._peak: npt.NDArray[np.float64] = np.zeros(0)
        self._power: npt.NDArray[np.float64] = np.zeros(0)
        self._count = 0
        self._since = Frames(0)

    def hear(self, event: EngineEvent) -> None:
        """Measure, and issue a frame when it is time."""
        if not isinstance(event, Sounded) or not len(event.frames):
            return
        if self._count == 0 or event.frames.shape[1] != len(self._peak):
            self._begin(event)
        np.maximum(self._peak, np.abs(event.frames).max(axis=0), out=self._peak)
        self._power += np.einsum("ij,ij->j", event.frames, event.frames)
        self._count += len(event.frames)
        form = self.engine.format()
        if self._count * self._rate >= cast("float", form.get("sr", _USUAL_SR)):
            full = cast("float", form.get("zerodbfs", 1.0))
            rms = np.sqrt(self._power / self._count) / full
            self.publish(self._since, {"peak": (self._peak / full).tolist(), "rms": rms.tolist()})
            self._count = 0

    def _begin(self, event: Sounded) -> None:
        channels = event.frames.shape[1]
        self._peak, self._power, self._count = np.zeros(channels), np.zeros(channels), 0
        self._since = event.sample
