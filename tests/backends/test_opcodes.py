"""An engine lists its opcodes, in all their forms."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from csoundd.engine.client.engine import Engine
from tests.backends.engines import EngineIn
from tests.engine.listening import TONE, do


async def listed(engine: Engine) -> list[dict[str, str]]:
    return cast("list[dict[str, str]]", await do(engine, "opcode.list"))


async def test_each_form_of_an_opcode_is_listed_with_its_types(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        found = await listed(engine)
        assert len(found) > 1200
        assert {(form["outputs"], form["inputs"]) for form in found if form["name"] == "oscili"} >= {
            ("a", "kkjo"),
            ("k", "kkjo"),
            ("a", "aajo"),
        }
        assert ("", "y") in {(form["outputs"], form["inputs"]) for form in found if form["name"] == "out"}


async def test_names_are_those_that_an_orchestra_writes(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        assert not [form["name"] for form in await listed(engine) if "." in form["name"] or not form["name"]]


async def test_the_list_is_that_of_an_engine_that_plays_too(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        before = await listed(engine)
        assert await do(engine, "csound.compileOrc", TONE, True) == 0
        assert await do(engine, "csound.start") == 0
        assert {form["name"] for form in await listed(engine)} >= {form["name"] for form in before}
