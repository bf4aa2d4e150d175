"""The server's clock as seen from the client."""

from __future__ import annotations

import time
from typing import Any

import pytest

from csoundd_client import connect
from tests.client.fake import FakeServer

AHEAD = 1000.0


async def test_the_offset_is_that_of_the_servers_clock(server: FakeServer) -> None:
    server.results["session.ping"] = lambda params: {"t": params[0], "wall": time.time() + AHEAD, "sample": 48_000}
    async with connect(server.url) as cs:
        clock = await cs.clock(times=5)
    assert clock.offset == pytest.approx(AHEAD, abs=0.5)
    assert clock.wall(10.0) == pytest.approx(10.0 + clock.offset)
    assert clock.sample_at(clock.taken + 2.0, 48_000.0) == 48_000 + 96_000
    assert server.methods.count("session.ping") == 5


async def test_one_clock_reading_far_off_does_not_count(server: FakeServer) -> None:
    walls = iter([AHEAD, AHEAD, 1e9, AHEAD, AHEAD])

    def pong(params: Any) -> Any:
        return {"t": params[0], "wall": time.time() + next(walls), "sample": 0}

    server.results["session.ping"] = pong
    async with connect(server.url) as cs:
        assert (await cs.clock(times=5)).offset == pytest.approx(AHEAD, abs=0.5)
