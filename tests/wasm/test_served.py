from __future__ import annotations

from pathlib import Path

from tests.backends.engines import needs_wasm
from tests.engine.listening import do
from tests.wasm.embedded import wasm_in

pytestmark = needs_wasm

REFUSED = {"csound.UDPServerStart", "csound.appendOpcode", "csound.loadPlugins", "csound.runUtility"}


async def test_only_what_cannot_be_is_refused(tmp_path: Path) -> None:
    async with wasm_in(tmp_path) as engine:
        assert set(engine.hello.unsupported) == REFUSED


async def test_the_version_is_7(tmp_path: Path) -> None:
    async with wasm_in(tmp_path) as engine:
        assert await do(engine, "csound.version") == 7000
        assert await do(engine, "csound.APIVersion") == 7000
        assert await do(engine, "csound.sizeOfMYFLT") == 8


async def test_there_are_no_devices(tmp_path: Path) -> None:
    async with wasm_in(tmp_path) as engine:
        assert await do(engine, "csound.modules") == []
        assert await do(engine, "csound.module", 0) == ["", "", -1]
        assert await do(engine, "csound.audioDevList", True) == []
        assert await do(engine, "csound.midiDevList", False) == []
