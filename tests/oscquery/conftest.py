"""The server that the tests of OSCQuery speak to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.oscquery.serving import ListingEngine, Query, serving


@pytest.fixture
async def query() -> AsyncIterator[Query]:
    async with serving() as everything:
        yield everything


@pytest.fixture
def engine(query: Query) -> ListingEngine:
    return query.engine
