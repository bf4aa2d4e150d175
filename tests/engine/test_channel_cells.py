"""The memory that Csound 6 leaves behind each time it lists the channels does not add up."""

from __future__ import annotations

from pathlib import Path

import pytest

from csoundd.engine.client.engine import Engine
from tests.backends.engines import needs_native
from tests.engine.listening import TONE, do, engine_in

MEMORY = Path("/proc/self/statm")
pytestmark = [needs_native, pytest.mark.skipif(not MEMORY.exists(), reason="needs Linux to tell the memory")]

CHANNELS = 50
LISTINGS = 3000
LEFT_BEHIND = 48
"""Bytes for each channel and listing."""

PAGE = 4096


def memory(engine: Engine) -> int:
    """The bytes of the engine's process that are in memory."""
    return int(Path(f"/proc/{engine.info().pid}/statm").read_text().split()[1]) * PAGE


async def listed(engine: Engine, times: int) -> None:
    for _ in range(times):
        assert len(await do(engine, "csound.allocatedChannels")) == CHANNELS + 1  # type: ignore[arg-type]


async def test_listing_the_channels_again_and_again_takes_no_memory(tmp_path: Path) -> None:
    async with engine_in(tmp_path) as engine:
        declared = "".join(f'chn_k "c{number}", 3\n' for number in range(CHANNELS))
        await do(engine, "csound.compileOrc", TONE + declared, True)
        await do(engine, "thread.play")
        await listed(engine, LISTINGS // 10)
        before = memory(engine)
        await listed(engine, LISTINGS)

        assert memory(engine) - before < CHANNELS * LISTINGS * LEFT_BEHIND / 2
