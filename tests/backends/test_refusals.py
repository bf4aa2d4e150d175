"""The methods that an engine cannot serve: few, and each refusal says why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from csoundd.api import METHODS
from csoundd.errors import Unsupported
from tests.backends.engines import EngineIn
from tests.engine.listening import do

MOST = {"native:7": 2, "native:6": 8, "wasm": 4}
WHO = re.compile("csound[A-Z]|the native engine")
"""A reason names the C function that is missing, or the engine that has what is."""


async def test_few_methods_are_refused_and_each_with_a_reason(
    engine_in: EngineIn, engine_name: str, tmp_path: Path
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        refused = engine.hello.unsupported
        assert len(refused) <= MOST[engine_name]
        assert set(refused) <= set(METHODS)
        assert all(WHO.search(reason) for reason in refused.values())


async def test_a_refused_call_is_answered_with_the_reason(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step") as engine:
        for method, reason in engine.hello.unsupported.items():
            with pytest.raises(Unsupported, match=re.escape(reason)):
                await do(engine, method)
