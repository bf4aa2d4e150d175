from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.live.daemon import Daemon, serving
from tests.live.foreign import CODECS, Client, Codec, connected
from tests.live.pieces import TONE


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes longer than ten seconds")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.live)
            item.add_marker(pytest.mark.native)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon for all tests that leave it as it was, or reset it."""
    with serving(tmp_path_factory.mktemp("shared")) as daemon:
        yield daemon


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon of the test's own."""
    with serving(tmp_path) as own:
        yield own


@pytest.fixture(params=CODECS, ids=lambda codec: codec.name)
def codec(request: pytest.FixtureRequest) -> Codec:
    chosen: Codec = request.param
    return chosen


@pytest.fixture
async def client(shared: Daemon, codec: Codec) -> AsyncIterator[Client]:
    """A client of the shared daemon, in each codec; the engine is clean."""
    async with connected(shared.url, codec) as connection:
        await connection.call("csound.reset")
        yield connection


@pytest.fixture
async def playing(client: Client) -> Client:
    """The same, with a sine of 440 Hz playing."""
    await played(client)
    return client


async def played(client: Client, frequency: float = 440.0) -> None:
    """Have ``client`` compile and play the sine."""
    assert await client.call("csound.compileOrc", TONE) == 0
    assert await client.call("csound.setControlChannel", "freq", frequency) is None
    assert await client.call("thread.play") is None
