"""Many resets of an engine and many crashes of its host, and what memory they leave behind.

``python -m tests.soak --engine native:7 --resets 500 --crashes 200`` writes one line for each and ends with status 1
where one of them took more than 5 % of what was in use after the first tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from csoundd.engine.client.engine import KINDS, Engine
from csoundd.messages import StateChanged
from tests.engine.listening import Heard, do, engine_in

MOST = 1.05
ALIVE = 0.6
"""Seconds after which a death is no sign of a crash loop."""

PIECE = """
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
giWave ftgen 1, 0, 65536, 10, 1, 0.5
chn_k "level", 3
chn_S "title", 3
instr 1
  klevel chnget "level"
  asig oscili klevel, 440, 1
  outs asig, asig
endin
instr Held
  kvalue invalue "asked"
  outvalue "told", kvalue
endin
schedule(1, 0, -1)
schedule("Held", 0, -1)
"""


def memory(pid: int) -> int:
    """The bytes of a process that are in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def measured(what: str, times: int, once: Callable[[], Awaitable[None]], in_use: Callable[[], int]) -> bool:
    """Do it so many times, and say whether the memory in use stayed what it was after the first tenth."""
    for _ in range(times // 10):
        await once()
    before = in_use()
    for _ in range(times - times // 10):
        await once()
    after = in_use()
    print(f"{what}: {times} times, {before / 1e6:.1f} MB after a tenth, {after / 1e6:.1f} MB at the end", flush=True)
    return after <= before * MOST


async def reset(engine: Engine) -> None:
    """Compile a piece, play a little of it, and forget it."""
    assert await do(engine, "csound.compileOrc", PIECE, True) == 0
    assert await do(engine, "csound.start") == 0
    await do(engine, "csound.setControlChannel", "level", 0.5)
    await do(engine, "csound.allocatedChannels")
    for _ in range(10):
        await do(engine, "csound.performKsmps")
    await do(engine, "csound.reset")


async def crash(engine: Engine) -> None:
    """End the host as a fault of Csound's does, and wait until the piece is restored."""
    heard = Heard(engine)
    os.kill(pid(engine), signal.SIGSEGV)
    await heard.until(lambda: [event for event in heard.of(StateChanged) if event.event == "restored"])
    for kind in KINDS:
        engine.off(kind, heard._hear)
    await asyncio.sleep(ALIVE)


def pid(engine: Engine) -> int:
    """The process of the engine."""
    found = engine.info().pid
    assert isinstance(found, int)
    return found


async def soak(engine_name: str, resets: int, crashes: int) -> bool:
    """Both, on one engine."""
    with tempfile.TemporaryDirectory() as folder:
        async with engine_in(Path(folder), "step", engine=engine_name) as engine:
            steady = await measured(
                f"{engine_name}: reset, the host", resets, lambda: reset(engine), lambda: memory(pid(engine))
            )
        async with engine_in(Path(folder), "step", engine=engine_name) as engine:
            assert await do(engine, "csound.compileOrc", PIECE, True) == 0
            assert await do(engine, "csound.start") == 0
            hosts: list[int] = []

            async def crash_once() -> None:
                await crash(engine)
                hosts.append(memory(pid(engine)))

            calm = await measured(f"{engine_name}: crash, the front", crashes, crash_once, lambda: memory(os.getpid()))
            print(f"{engine_name}: the host had {hosts[0] / 1e6:.1f} MB after the first crash", end=", ")
            print(f"{hosts[-1] / 1e6:.1f} MB after the last", flush=True)
    return steady and calm and hosts[-1] <= hosts[0] * MOST


def main() -> None:
    """Soak the engines that were named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", action="append", help="native:7, native:6 or wasm; may be repeated")
    parser.add_argument("--resets", type=int, default=500)
    parser.add_argument("--crashes", type=int, default=200)
    given = parser.parse_args()
    engines = given.engine or ["native:7", "native:6"]
    results = [asyncio.run(soak(engine, given.resets, given.crashes)) for engine in engines]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
