"""One recording: the samples that belong to it, and the thread that writes them."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Final, Protocol, cast

import numpy as np
import numpy.typing as npt

from csoundd.engine.options import HostOptions
from csoundd.messages import Frames, Sounded
from csoundd.wav import Bits, WavWriter

WAITING_BYTES: Final = 64 * 1024 * 1024
"""How much may wait for the disk: more than a minute of eight channels."""

UNHEARD: Final = (48000.0, 1)
"""Rate and channels of a recording that nothing was ever heard of."""


class Engine(Protocol):
    """What a recording needs to know of the engine."""

    @property
    def options(self) -> HostOptions:
        """Among them the drive."""

    def format(self) -> dict[str, object]:
        """``{sr, ksmps, nchnls, zerodbfs}``, empty before Csound has been started."""


class Take:
    """A recording from ``sample`` on. Raises OSError where ``path`` cannot be written.

    What is missing between two samples becomes silence, also the time that the engine was away after a crash.
    """

    def __init__(self, path: Path, name: str, bits: Bits, sample: int, engine: Engine) -> None:
        self.name = name
        self.over = False
        """Whether nothing more can go into the file: the disk refused, or the sound has other channels now."""
        self._engine = engine
        self._next = sample
        self._frames = self._nchnls = 0
        self._away_since: float | None = None
        self._queued = self._written = 0
        self._failure: OSError | None = None
        self._wav = WavWriter(path, bits)
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="recorder")
        sr, nchnls = self._rate(), engine.format().get("nchnls")
        if isinstance(nchnls, int):
            self._nchnls = nchnls
            self._wav.begin(sr, nchnls)

    def _rate(self) -> float:
        sr = self._engine.format().get("sr")
        return float(sr) if isinstance(sr, int | float) else UNHEARD[0]

    def interrupted(self) -> None:
        """The engine died; another will go on, and count its samples from 0."""
        if self._away_since is None:
            self._away_since = monotonic()

    def hear(self, event: Sounded) -> float:
        """Take what belongs to the recording; how many seconds before it are missing."""
        sample, frames = event.sample, event.frames
        if self._away_since is not None:
            self._next, self._away_since = sample - self._time_away(len(frames)), None
        early = self._next - sample
        if early > 0:
            sample, frames = Frames(sample + early), frames[early:]
        if self.over or not len(frames) or not self._fits(frames):
            return 0.0
        silence = sample - self._next
        if not self._write(frames, silence):
            return 0.0
        self._next = sample + len(frames)
        return silence / self._rate()

    def _time_away(self, frames: int) -> int:
        if self._away_since is None or self._engine.options.drive not in {"clock", "device"}:
            return 0
        return max(0, round((monotonic() - self._away_since) * self._rate()) - frames)

    def _fits(self, frames: npt.NDArray[np.float64]) -> bool:
        self._nchnls = self._nchnls or frames.shape[1]
        self.over = frames.shape[1] != self._nchnls or self._failure is not None
        return not self.over

    def _write(self, frames: npt.NDArray[np.float64], silence: int) -> bool:
        """Queue ``frames`` for the disk; false where too much waits for it already."""
        if self._queued - self._written > WAITING_BYTES:
            if self._engine.options.drive != "free":
                return False
            # Nothing paces this drive: it can wait, and then nothing is lost.
            self._disk.submit(lambda: None).result()
        self._queued += frames.nbytes
        self._frames += silence + len(frames)
        full = cast("float", self._engine.format().get("zerodbfs", 1.0))
        self._disk.submit(self._append, frames / full, self._rate(), silence)
        return True

    def _append(self, frames: npt.NDArray[np.float64], sr: float, silence: int) -> None:
        self._written += frames.nbytes
        if self._failure is None:
            try:
                self._wav.write(frames, sr, silence=silence)
            except OSError as problem:
                self._failure = problem

    def close(self, sample: int | None) -> Future[None]:
        """Complete the file, with nothing from ``sample`` on; the result comes when it is whole, or an OSError."""
        surplus = 0 if sample is None or self._away_since is not None else max(0, self._next - sample)
        closed = self._disk.submit(self._complete, max(0, self._frames - surplus), self._rate())
        self._disk.shutdown(wait=False)
        return closed

    def _complete(self, frames: int, sr: float) -> None:
        try:
            self._wav.begin(sr, self._nchnls or UNHEARD[1])
            self._wav.cut(frames)
        finally:
            self._wav.close()
        if self._failure is not None:
            raise self._failure
