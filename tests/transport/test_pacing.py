"""The pace of requests over HTTP, and of connections: who wants more than a share waits, and in the end is refused."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from csoundd.access import SourceRates
from csoundd.access.quotas import Quota
from csoundd.errors import LimitExceeded
from csoundd.limits import EARLY_SECONDS, HTTP_BURST_SECONDS, OVER_LIMIT_REST_SECONDS, REFUSALS_UNTIL_REST
from csoundd.metrics import Counts
from csoundd.transport.pacing import Paced

SHARE = 0.5


class Busy:
    """Takes processor time for each request, and says so."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.served = seconds, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        ends = time.thread_time() + self.seconds
        while time.thread_time() < ends:
            pass
        await asyncio.sleep(0)
        self.served += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


class Naps:
    """Takes the place of ``asyncio.sleep``, and keeps for how long it was to be."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds: list[float] = []
        self._sleep = asyncio.sleep
        monkeypatch.setattr("csoundd.transport.pacing.asyncio.sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        if seconds:
            self.seconds.append(seconds)
        await self._sleep(0)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> Naps:
    return Naps(monkeypatch)


async def asked(app: Paced, host: str = "10.0.0.1", kind: str = "http", body: list[bytes] | None = None) -> list[Any]:
    """What is sent for a request of ``host``."""
    parts, told = list(body or [b""]), []

    async def receive() -> Message:
        if kind == "websocket":
            return {"type": "websocket.connect"}
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Message) -> None:
        told.append(message)

    await app({"type": kind, "client": (host, 1), "path": "/", "headers": [], "method": "GET"}, receive, send)
    return told


async def test_who_is_within_its_share_waits_for_nothing(naps: Naps) -> None:
    paced = Paced(Busy(0.001), SHARE)
    for _ in range(10):
        assert (await asked(paced))[0]["status"] == 200
    assert naps.seconds == []


async def test_who_took_its_share_is_served_later_and_others_at_once(naps: Naps) -> None:
    counts = Counts()
    paced = Paced(busy := Busy(HTTP_BURST_SECONDS + 0.1), SHARE, counts)
    await asked(paced)
    busy.seconds = 0.0
    assert (await asked(paced))[0]["status"] == 200
    assert 0.05 / SHARE < naps.seconds[0] <= EARLY_SECONDS
    assert counts.limit_hits["http",] == 1
    waited = len(naps.seconds)
    assert (await asked(paced, "10.0.0.2"))[0]["status"] == 200
    assert len(naps.seconds) == waited


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_who_would_wait_for_too_long_is_refused_late(naps: Naps, kind: str) -> None:
    busy = Busy(HTTP_BURST_SECONDS + SHARE * EARLY_SECONDS + 0.3)
    paced = Paced(busy, SHARE)
    await asked(paced)
    start, end = await asked(paced, kind=kind)
    assert start["status"] == 429
    assert naps.seconds == [EARLY_SECONDS]
    data = json.loads(end["body"])["error"]["data"]
    assert (data["type"], data["name"], data["limit"]) == ("LimitExceeded", "http", SHARE)
    assert data["retryAfter"] > EARLY_SECONDS
    assert busy.served == 1


async def test_a_long_body_is_taken_at_the_pace_of_the_share(naps: Naps) -> None:
    paced = Paced(busy := Busy(HTTP_BURST_SECONDS + 0.02), SHARE)
    await asked(paced)
    busy.seconds = 0.0
    await asked(paced, body=[bytes(1 << 20)] * 30)
    assert len(naps.seconds) > 20
    assert busy.served == 2


def test_a_source_is_counted_until_it_would_wait_for_too_long() -> None:
    rates = SourceRates(10.0, 2.0)
    waits = [rates.wait("one") for _ in range(50)]
    assert waits[:2] == [0.0, 0.0]
    assert sum(wait <= EARLY_SECONDS for wait in waits) == pytest.approx(2 + 10 * EARLY_SECONDS, abs=2)
    assert max(waits) == pytest.approx(EARLY_SECONDS, abs=0.2)
    assert rates.wait("other") == 0.0


def test_who_goes_on_although_it_is_refused_is_to_rest() -> None:
    quota = Quota(0.001, 1.0)
    for number in range(1, REFUSALS_UNTIL_REST + 1):
        with pytest.raises(LimitExceeded):
            quota.take()
        assert quota.rest() == (OVER_LIMIT_REST_SECONDS if number == REFUSALS_UNTIL_REST else 0.0)
    assert quota.rest() == 0.0
