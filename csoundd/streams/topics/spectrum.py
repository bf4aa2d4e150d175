"""Stage 5, topic ``spectrum``: the output's spectrum in decibels, computed here from what sounds."""

from __future__ import annotations

from typing import Final, cast

import numpy as np
import numpy.typing as npt

from csoundd.messages import EngineEvent, Frames, Sounded
from csoundd.streams.stream import Engine, Options, Stream

FLOOR: Final = 1e-10
"""The amplitude that stands for nothing: -200 dB."""

_USUAL_SR: Final = 48_000.0


class SpectrumStream(Stream):
    """The last ``size`` samples of each channel under a Hann window. A sine at full scale reaches 0 dB in its bin."""

    hears = (Sounded,)

    def __init__(self, stream_id: str, topic: str, options: Options, engine: Engine) -> None:
        super().__init__(stream_id, topic, options, engine)
        self._size, self._rate = cast("int", options["size"]), cast("float", options["rate"])
        self._window = np.hanning(self._size + 1)[:-1]
        self._recent: npt.NDArray[np.float64] = np.zeros((0, 0))
        self._next = Frames(-1)
        self._waited = 0

    def hear(self, event: EngineEvent) -> None:
        """Keep what sounds, and issue a frame when it is time and there is enough of it."""
        if not isinstance(event, Sounded) or not len(event.frames):
            return
        if event.sample != self._next or event.frames.shape[1] != self._recent.shape[1]:
            self._recent, self._waited = np.zeros((0, event.frames.shape[1])), 0
        self._next = Frames(event.sample + len(event.frames))
        self._recent = np.concatenate((self._recent, event.frames))[-self._size :]
        self._waited += len(event.frames)
        form = self.engine.format()
        due = self._waited * self._rate >= cast("float", form.get("sr", _USUAL_SR))
        if due and len(self._recent) == self._size:
            self._waited = 0
            self.publish(Frames(self._next - self._size), self._decibels(cast("float", form.get("zerodbfs", 1.0))))

    def _decibels(self, full: float) -> npt.NDArray[np.float32]:
        transformed = np.fft.rfft(self._recent * self._window[:, None], axis=0)
        amplitudes = np.abs(transformed).T * (2.0 / (self._window.sum() * full))
        amplitudes[:, [0, -1]] /= 2.0
        decibels: npt.NDArray[np.float64] = 20.0 * np.log10(np.maximum(amplitudes, FLOOR))
        return decibels.astype(np.float32)
