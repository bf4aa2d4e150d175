"""An evening of live coding in which the engine dies again and again: what sounds then, and how long is it silent.

2,000 pieces of code are evaluated, which define 200 instruments anew and play short notes with them; 40 of them are
wrong. Eight notes are held all the while, whose frequencies change. The engine is crashed by code 20 times, and killed
20 times. After each death the spectrum is compared with that of the second before: the level of each held note, and the
strongest of what should not sound. Told are the largest differences, and the silences of the first five and of the last
five deaths, counted from when the engine had ended: their length may not grow with the evening. Run as
``python -m benchmarks.evening [ENGINE…]``.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from csoundd.engine.client.engine import KINDS, Engine
from csoundd.engine.options import HostOptions
from csoundd.errors import CsounddError
from csoundd.messages import AudioBlock, Command, EngineEvent, Seconds, StateChanged

EVALUATIONS: Final = 2_000
INSTRUMENTS: Final = 200
WRONG_EVERY: Final = 50
DEATHS: Final = 40
HELD: Final = 8
SR: Final = 48_000
WINDOW: Final = 32_768
SETTLED: Final = 9.0
"""Seconds from one death to the next at least: that of a musician who has just been startled, not that of a loop."""

PATIENCE: Final = Seconds(30.0)
LEVEL: Final = 0.03
DECIBELS: Final = 1.0
"""A held note may be louder or softer by so much; what should not sound is 40 dB below it."""

BELOW: Final = -40.0
SILENCE: Final = 0.5

YES: Final = True
HEADER: Final = f"sr = {SR}\nksmps = 64\nnchnls = 1\n0dbfs = 1\n"
VOICE: Final = "instr {name}\n  aOut oscili {level}, p4\n  out aOut\nendin\n"
CRASH: Final = 'instr Crash\n  aOut subinstr p1\nendin\nschedule("Crash", 0, 1)\n'


def frequency(voice: int, generation: int) -> float:
    """A frequency in the middle of a bin of the spectrum, different for each voice."""
    bins = 300 + 120 * voice + 8 * (generation % 10)
    return bins * SR / WINDOW


@dataclass
class Evening:
    """One engine, and what is heard of it."""

    engine: Engine
    silence_began: float | None = None
    silences: list[float] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    audio: list[npt.NDArray[np.float64]] = field(default_factory=list)
    listening: bool = False
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, event: EngineEvent) -> None:
        """Note how long it is silent, and what sounds while somebody asks."""
        match event:
            case AudioBlock(_, frames):
                now = monotonic()
                if self.silence_began is not None and np.abs(frames).max() > LEVEL / 2:
                    self.silences.append(now - self.silence_began)
                    self.silence_began = None
                if self.listening:
                    self.audio.append(frames[:, 0].copy())
            case StateChanged("died"):
                self.silence_began = monotonic()
            case StateChanged("restored", restored=restored):
                self.failed += cast("list[str]", (restored or {}).get("failed", []))
        self.stirred.set()

    async def until(self, wanted: object) -> None:
        """Wait for ``wanted()``."""
        assert callable(wanted)
        async with asyncio.timeout(PATIENCE):
            while not wanted():
                self.stirred.clear()
                await self.stirred.wait()

    async def spectrum(self) -> npt.NDArray[np.float64]:
        """The level in dB of each bin of what sounds now."""
        self.audio.clear()
        self.listening = True
        await self.until(lambda: sum(map(len, self.audio)) >= WINDOW)
        self.listening = False
        frames = np.concatenate(self.audio)[:WINDOW]
        levels = np.abs(np.fft.rfft(frames * np.hanning(WINDOW))) * 4 / WINDOW
        return 20 * np.log10(np.maximum(levels, 1e-9))

    async def do(self, method: str, *args: object) -> object:
        """The result of a call."""
        return await self.engine.request(Command(method, list(args), deadline=PATIENCE))

    async def evaluate(self, number: int) -> None:
        """One evaluation: an instrument anew and a short note with it, or a mistake."""
        name = f"Ins{number % INSTRUMENTS}"
        if number % WRONG_EVERY == WRONG_EVERY - 1:
            await self.do("csound.compileOrc", f"instr {name}\n  aOut oscilx 0.1, 440\nendin\n", YES)
            return
        code = VOICE.format(name=name, level=0.02) + f'schedule("{name}", 0, 0.02, {5000 + number})\n'
        await self.do("csound.compileOrc", code, YES)
        if number % 25 == 0:
            await self.hold(number // 25 % HELD, number // 25)

    async def hold(self, voice: int, generation: int) -> None:
        """Have a held note sound at another frequency."""
        instrument = 1 + (voice + 1) / 100
        await self.do("csound.event", "i", [-instrument, 0.0, 0.0], YES)
        await self.do("csound.event", "i", [instrument, 0.0, -1.0, frequency(voice, generation)], YES)

    async def die(self, by_code: bool) -> None:  # noqa: FBT001 - the argument is the point
        """Have the engine die, and wait until it sounds again."""
        before = len(self.silences)
        if by_code:
            await self.do("csound.compileOrc", CRASH, YES)
        else:
            os.kill(cast("int", self.engine.info().pid), signal.SIGKILL)
        await self.until(lambda: len(self.silences) > before)


async def spent(engine: str, workspace: str) -> str:
    """One evening on ``engine``, in a line."""
    async with Engine(HostOptions(engine, "clock", workspace)) as opened:
        evening = Evening(opened)
        for kind in KINDS:
            opened.on(kind, evening.hear)
        opened.capture(wanted=True)
        await evening.do("csound.compileOrc", HEADER + VOICE.format(name=1, level=LEVEL), YES)
        await evening.do("thread.play")
        for voice in range(HELD):
            await evening.hold(voice, 0)
        changes, strangers, wrong = [], [], 0
        for number in range(EVALUATIONS):
            await evening.evaluate(number)
            if number % (EVALUATIONS // DEATHS) != EVALUATIONS // DEATHS - 1:
                continue
            await asyncio.sleep(SETTLED)
            reference = await evening.spectrum()
            await evening.die(by_code=number // (EVALUATIONS // DEATHS) % 2 == 0)
            await asyncio.sleep(0.1)
            spectrum = await evening.spectrum()
            held = reference > 20 * np.log10(LEVEL) - 6
            changes.append(float(np.abs(spectrum[held] - reference[held]).max()))
            near = np.convolve(held, np.ones(9), "same") > 0
            strangers.append(float(spectrum[~near].max() - 20 * np.log10(LEVEL)))
            wrong += changes[-1] > DECIBELS or strangers[-1] > BELOW or int(held.sum()) < HELD
        first, last = evening.silences[:5], evening.silences[-5:]
        return (
            f"{engine}: {len(changes)} deaths, {wrong} of them heard afterwards; held notes within "
            f"{max(changes):.2f} dB, the loudest that should not sound at {max(strangers):.0f} dB; "
            f"silent for {median(first):.3f} s at first and "
            f"{median(last):.3f} s at last, {max(evening.silences):.3f} s at most; "
            f"{len(set(evening.failed))} kinds of thing given up: {sorted(set(evening.failed))[:3]}"
        )


async def main(engines: list[str]) -> None:
    """Spend an evening on each engine, all at once: most of it is waiting."""

    async def one(engine: str) -> None:
        with TemporaryDirectory() as workspace:
            try:
                print(await spent(engine, str(Path(workspace))), flush=True)
            except (CsounddError, TimeoutError) as problem:
                print(f"{engine}: {problem!r}", flush=True)

    await asyncio.gather(*map(one, engines))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or ["native:7", "native:6", "wasm"]))
