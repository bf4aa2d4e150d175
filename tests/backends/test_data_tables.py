"""Tables in slices: what a client writes the orchestra hears, and a crash does not undo it."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest

from csoundd.engine.client.engine import Engine
from csoundd.errors import InvalidParams, NotFound
from csoundd.messages import StateChanged
from tests.backends.engines import EngineIn
from tests.engine.listening import Heard, do

TABLES = """
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1
gifour ftgen 4, 0, 4, -2, 1, 2, 3, 4
gieight ftgen 1500, 0, 8, -2, 0
instr 1
  kpoint tab 2, 4
  chnset kpoint, "point"
endin
schedule(1, 0, -1)
"""


async def prepared(engine: Engine) -> None:
    assert await do(engine, "csound.compileOrc", TABLES, True) == 0
    assert await do(engine, "csound.start") == 0


async def points(engine: Engine, *args: object) -> list[float]:
    return cast("list[float]", cast("npt.NDArray[np.float64]", await do(engine, "table.get", *args)).tolist())


@pytest.mark.parametrize(
    ("start", "count", "slice_"), [(0, None, [1, 2, 3, 4]), (1, 2, [2, 3]), (3, None, [4]), (4, 0, [])]
)
async def test_a_slice_of_a_table_is_read(
    engine_in: EngineIn, tmp_path: Path, start: int, count: int | None, slice_: list[float]
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        assert await points(engine, 4, start, count) == slice_
        table = cast("npt.NDArray[np.float64]", await do(engine, "csound.table", 4, start, count))
        assert table.tolist() == slice_


@pytest.mark.parametrize(("start", "count"), [(-1, None), (0, 5), (5, None), (1, -1)])
@pytest.mark.parametrize("method", ["table.get", "csound.table"])
async def test_points_that_a_table_has_not_are_refused(
    engine_in: EngineIn, tmp_path: Path, method: str, start: int, count: int | None
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        with pytest.raises(InvalidParams, match="has 4 points"):
            await do(engine, method, 4, start, count)


async def test_the_orchestra_hears_what_was_written(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        await do(engine, "table.set", 4, [20.0, 30.0], 1)
        await do(engine, "csound.performKsmps")
        assert await do(engine, "csound.controlChannel", "point") == [30.0, 0]
        assert await points(engine, 4, 0, None) == [1.0, 20.0, 30.0, 4.0]


async def test_nothing_is_written_past_the_end(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        with pytest.raises(InvalidParams):
            await do(engine, "table.set", 4, [1.0, 1.0], 3)
        assert await points(engine, 4, 0, None) == [1.0, 2.0, 3.0, 4.0]


async def test_a_table_that_is_not_there_is_not_found(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        for method, args in (("get", (99, 0, None)), ("set", (99, [1.0], 0)), ("info", (99,))):
            with pytest.raises(NotFound, match="no table 99"):
                await do(engine, f"table.{method}", *args)
        assert await do(engine, "csound.table", 99, 0, None) is None


async def test_the_tables_are_listed(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        assert await do(engine, "table.list") == []
        await prepared(engine)
        await do(engine, "csound.compileOrc", "gilow ftgen 700, 0, 16, 10, 1", True)
        listed = cast("list[dict[str, int]]", await do(engine, "table.list"))
        assert [(each["table"], each["length"]) for each in listed] == [(4, 4), (700, 16), (1500, 8)]


async def test_a_table_tells_what_it_was_made_from(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        info = cast("dict[str, Any]", await do(engine, "table.info", 4))
        assert (info["table"], info["length"], info["args"].tolist()) == (4, 4, [-2.0, 1.0, 2.0, 3.0, 4.0])


async def test_what_was_written_is_there_again_after_a_crash(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        await prepared(engine)
        for start, data in ((0, [9.0]), (2, [7.0, 7.0]), (2, [5.0]), (0, [8.0])):
            await do(engine, "table.set", 4, data, start)
        heard = Heard(engine)
        os.kill(cast("int", engine.info().pid), signal.SIGKILL)
        await heard.until(lambda: any(event.event == "restored" for event in heard.of(StateChanged)))
        assert await points(engine, 4, 0, None) == [8.0, 2.0, 5.0, 7.0]
