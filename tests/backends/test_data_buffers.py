"""Circular buffers: queues that belong to a session, and leave nothing behind."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest

from csoundd.errors import InvalidParams, LimitExceeded, StaleHandle
from csoundd.messages import Handle
from tests.backends.engines import EngineIn
from tests.backends.sharing import Somebody
from tests.engine.listening import do

MANY = 10_000
READ = "csound.readCircularBuffer"
WRITE = "csound.writeCircularBuffer"


async def made(client: Somebody, items: int = 8, width: int = 0) -> Handle:
    return cast("Handle", await client.do("csound.createCircularBuffer", items, width))


async def taken(client: Somebody, buffer: Handle, count: int, method: str = READ) -> list[float]:
    items = cast("tuple[int, npt.NDArray[np.float64]]", await client.do(method, buffer, None, count))
    assert len(items[1]) == items[0]
    return cast("list[float]", items[1].tolist())


async def test_what_goes_in_comes_out_in_order(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        buffer = await made(client)
        for round_ in range(5):
            given = [round_ * 10.0 + place for place in range(5)]
            assert await client.do(WRITE, buffer, given, 5) == 5
            assert await taken(client, buffer, 5) == given


async def test_it_takes_one_less_than_its_size(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        buffer = await made(client, 4)
        assert await client.do(WRITE, buffer, [1.0, 2.0, 3.0, 4.0], 4) == 3
        assert await taken(client, buffer, 9) == [1.0, 2.0, 3.0]


async def test_a_look_takes_nothing(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        buffer = await made(client)
        await client.do(WRITE, buffer, [1.0, 2.0], 2)
        assert await taken(client, buffer, 2, "csound.peekCircularBuffer") == [1.0, 2.0]
        assert await taken(client, buffer, 2) == [1.0, 2.0]


async def test_a_flush_empties_it(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        buffer = await made(client)
        await client.do(WRITE, buffer, [1.0, 2.0], 2)
        await client.do("csound.flushCircularBuffer", buffer)
        assert await taken(client, buffer, 2) == []


@pytest.mark.parametrize(("width", "given"), [(4, [0.5, 0.25]), (1, [7, 9]), (3, [[1, 2, 3], [4, 5, 6]])])
async def test_items_are_as_wide_as_was_asked(
    engine_in: EngineIn, tmp_path: Path, width: int, given: list[float]
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        buffer = await made(client, 8, width)
        assert await client.do(WRITE, buffer, np.array(given), 2) == 2
        count, items = cast("tuple[int, npt.NDArray[np.float64]]", await client.do(READ, buffer, None, 2))
        assert (count, items.nbytes) == (2, 2 * width)
        assert np.reshape(items, np.shape(given)).tolist() == given


async def test_a_buffer_too_large_is_refused(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        with pytest.raises(LimitExceeded):
            await made(client, 1 << 30)
        with pytest.raises(InvalidParams):
            await made(client, 0)


async def test_a_destroyed_buffer_is_stale(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        buffer = await made(client)
        await client.do("csound.destroyCircularBuffer", buffer)
        with pytest.raises(StaleHandle):
            await taken(client, buffer, 1)


async def test_a_reset_frees_every_buffer(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        buffer = await made(client)
        await client.do("csound.reset")
        assert await do(engine, "host.handles") == 0
        with pytest.raises(StaleHandle):
            await taken(client, buffer, 1)


async def test_a_session_that_ends_frees_its_buffers(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await made(Somebody(engine, "first"))
        await made(Somebody(engine, "second"))
        engine.release("first")
        assert await do(engine, "host.handles") == 1


async def test_many_made_and_dropped_leave_memory_where_it_was(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        client = Somebody(engine)
        await dropped(client, MANY // 10)
        before = resident(engine.info().pid)
        await dropped(client, MANY)
        assert resident(engine.info().pid) < before * 1.05


async def dropped(client: Somebody, count: int) -> None:
    """Make, write to and destroy so many buffers, a hundred at a time."""
    for _ in range(count // 100):
        await asyncio.gather(*(drop_one(client) for _ in range(100)))


async def drop_one(client: Somebody) -> None:
    buffer = await made(client, 1024)
    await client.do(WRITE, buffer, [1.0] * 16, 16)
    await client.do("csound.destroyCircularBuffer", buffer)


def resident(pid: object) -> int:
    """Bytes of memory that a process really has."""
    pages = Path(f"/proc/{pid}/statm")
    if not pages.exists():
        pytest.skip("this system does not say how much memory a process has")
    return int(pages.read_text().split()[1])
