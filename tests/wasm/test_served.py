from __future__ import annotations

from pathlib import Path

import pytest

from csoundd.errors import Unsupported
from tests.backends.engines import needs_wasm
from tests.engine.listening import do
from tests.wasm.embedded import wasm_in

pytestmark = needs_wasm

REFUSED = {"csound.UDPServerStart", "csound.appendOpcode", "csound.loadPlugins", "csound.runUtility"}


async def test_only_what_is_documented_is_refused_and_each_with_a_reason(tmp_path: Path) -> None:
    async with wasm_in(tmp_path) as engine:
        assert set(engine.hello.unsupported) == REFUSED
        assert "yet" not in " ".join(engine.hello.unsupported.values())


async def test_the_version_is_7(tmp_path: Path) -> None:
    async with wasm_in(tmp_path) as engine:
        assert await do(engine, "csound.version") == 7000
        assert await do(engine, "csound.APIVersion") == 7000
        assert await do(engine, "csound.sizeOfMYFLT") == 8


@pytest.mark.parametrize("method", ["csound.runUtility", "csound.loadPlugins"])
async def test_a_refusal_names_the_engine_that_can(tmp_path: Path, method: str) -> None:
    async with wasm_in(tmp_path) as engine:
        with pytest.raises(Unsupported, match="the native engine"):
            await do(engine, method)
