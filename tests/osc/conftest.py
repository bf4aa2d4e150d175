"""The server that most tests of OSC speak to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.osc.fakes import Client, FakeEngine, Served, served


@pytest.fixture
async def osc() -> AsyncIterator[Served]:
    async with served() as everything:
        yield everything


@pytest.fixture
def client(osc: Served) -> Client:
    return osc.client


@pytest.fixture
def engine(osc: Served) -> FakeEngine:
    return osc.engine
