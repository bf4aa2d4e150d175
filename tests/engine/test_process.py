"""One host process: its end, however late somebody hears of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from csoundd.engine.engines import placed
from csoundd.engine.options import HostOptions
from csoundd.engine.process.process import Process
from tests.engine.listening import PATIENCE

REASON = "the test has no use for it"


async def test_how_a_host_ended_is_told_after_it_was_let_go_of(tmp_path: Path) -> None:
    options = await asyncio.to_thread(placed, HostOptions(engine="auto", drive="step", realtime=False))
    process = await Process.start(replace(options, workspace=str(tmp_path)), lambda _: None)
    async with asyncio.timeout(PATIENCE):
        await process.greeting
        process.kill(REASON)
        await process.over()
        process.release()
        ended = await process.ended()
    assert (ended.cause, ended.hung, ended.running, ended.performing) == (REASON, True, 0, False)
