"""Ends an engine that will not come back: one stuck in a command past its deadline, or in a cycle."""

from __future__ import annotations

import asyncio
from time import monotonic_ns
from typing import Final

from csoundd.engine.engine import Engine
from csoundd.engine.link.ring import Field
from csoundd.engine.process.process import NANOSECONDS, Process
from csoundd.messages import Seconds

PERIOD: Final = Seconds(0.1)
CYCLE_LIMIT: Final = Seconds(10.0)
"""A burst of cycles that takes longer than this will not end (a note may load a large file in one)."""

STUCK: Final = Seconds(1.0)
"""How long a host may show no sign of life once a call has run past its deadline."""


async def watch(engine: Engine, process: Process) -> None:
    """Look after ``process`` until cancelled."""
    asked: tuple[int, int] | None = None
    while True:
        await asyncio.sleep(PERIOD)
        header, now = process.ring.header, monotonic_ns()
        turn = int(header[Field.TURN])
        endless = bool(header[Field.PERFORMING]) and now - header[Field.SINCE_NS] > CYCLE_LIMIT * NANOSECONDS
        if endless and asked is None:
            process.interrupt("a cycle did not end")
        if _expired(engine, process) or (endless and asked is None):
            asked = (turn, now)
        if asked is not None and turn != asked[0]:
            asked = None
        elif asked is not None and now - asked[1] > STUCK * NANOSECONDS:
            process.interrupt("it stopped answering")
            asked = (turn, now)


def _expired(engine: Engine, process: Process) -> bool:
    """Time out what is past its deadline, and end an engine that is still at it. Whether to look for life."""
    running = int(process.ring.header[Field.RUNNING])
    command = engine.pending.command(running)
    expired = set(engine.pending.expire())
    if running in expired and command is not None:
        process.interrupt(f"it was stuck in {command.method} past the deadline")
    if expired:
        engine.give_up(expired)
    return bool(expired)
