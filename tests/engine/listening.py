"""An engine in the test's own process, and ways to wait for what it tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from csoundd.daemon import INTERCEPTORS
from csoundd.engine.client.engine import KINDS, Engine, InterceptorFactory
from csoundd.engine.options import EngineName, HostOptions
from csoundd.messages import (
    At,
    AudioBlock,
    Command,
    Drive,
    EngineEvent,
    Frames,
    LatePolicy,
    Outcome,
    Seconds,
    StateChanged,
)

E = TypeVar("E", bound=EngineEvent)
PATIENCE = 15.0

TONE = """
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
instr 1
  kfreq chnget "freq"
  asig oscili 0.3, kfreq
  outs asig, asig
endin
schedule(1, 0, -1)
"""


CRASHING: Final = """
giLooped ftgen 0, 0, 16, 2, 0
instr 2
  aOut flooper2 1, 1e9, -1e9, 1e9, 1, giLooped
endin
"""
"""An instrument that crashes every engine as soon as it plays: Csound reads far outside the table."""

PLAYED: Final = "schedule(2, 0.05, 1)\n"


class Heard:
    """Everything an engine told, kept; ``until`` waits for more."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.events: list[EngineEvent] = []
        self._stirred = asyncio.Event()
        for kind in KINDS:
            engine.on(kind, self._hear)

    def _hear(self, event: EngineEvent) -> None:
        self.events.append(event)
        self._stirred.set()

    async def until(self, wanted: Callable[[], object]) -> None:
        """Wait until ``wanted`` gives something true."""
        async with asyncio.timeout(PATIENCE):
            while not wanted():
                self._stirred.clear()
                await self._stirred.wait()

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def states(self) -> list[str]:
        return [event.state for event in self.of(StateChanged)]

    async def audio(self, frames: int) -> npt.NDArray[np.float64]:
        """The next ``frames`` of sound, from a run without gaps."""
        self.engine.capture(True)
        self.events = [event for event in self.events if not isinstance(event, AudioBlock)]
        await self.until(lambda: sum(len(event.frames) for event in self.of(AudioBlock)) >= frames)
        return np.concatenate([event.frames for event in self.of(AudioBlock)])[:frames]


def spectral_peak(frames: npt.NDArray[np.float64], sr: float = 48000.0) -> float:
    """The frequency, in Hz, of the strongest partial of the first channel."""
    column = frames[:, 0]
    spectrum = np.abs(np.fft.rfft(column * np.hanning(len(column))))
    return float(spectrum.argmax() * sr / len(column))


@asynccontextmanager
async def engine_in(
    workspace: Path,
    drive: Drive = "clock",
    options: tuple[str, ...] = (),
    engine: EngineName = "auto",
    more: Sequence[InterceptorFactory] = (),
) -> AsyncIterator[Engine]:
    """An engine, the best of this machine where none is named, with a daemon's interceptors; closed at the end."""
    host = HostOptions(engine, drive, str(workspace), options=options)
    async with Engine(host, (*INTERCEPTORS, *more)) as opened:
        yield opened


async def do(engine: Engine, method: str, *args: object) -> object:
    """The result of a call with all its arguments in order."""
    return await engine.request(Command(method, list(args), deadline=Seconds(PATIENCE)))


async def outcome_of(
    engine: Engine, method: str, *args: object, at: At | None = None, late: LatePolicy = "run"
) -> Outcome:
    """The whole outcome of a call."""
    answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    engine.call(Command(method, list(args), at=at, late=late, deadline=Seconds(PATIENCE)), answered.set_result)
    return await answered


def at_sample(sample: int) -> At:
    return At("sample", Frames(sample))
