"""The memory of the embedded engine, which code that is replaced takes and never gives back."""

from __future__ import annotations

from pathlib import Path

import pytest

from csoundd.daemon import INTERCEPTORS
from csoundd.engine.client.engine import Engine
from csoundd.engine.options import HostOptions
from csoundd.errors import EngineCrashed
from csoundd.limits import MIB
from csoundd.messages import MessagePrinted
from tests.backends.engines import needs_wasm
from tests.engine.listening import Heard, do

pytestmark = needs_wasm

MOST = 3000
FILTERS = "\n".join(f" a{number} butterlp a(1), 1000" for number in range(30))
CODE = f"instr 1\n{FILTERS}\nendin\n"


@pytest.mark.timeout(120)  # hundreds of compilations
async def test_an_engine_says_that_its_memory_runs_out_and_is_restored(tmp_path: Path) -> None:
    options = HostOptions("wasm", "step", str(tmp_path), max_memory=32 * MIB)
    async with Engine(options, INTERCEPTORS) as engine:
        heard = Heard(engine)
        await do(engine, "csound.compileOrc", CODE, True)
        await do(engine, "csound.start")
        await do(engine, "csound.setControlChannel", "kept", 3.0)
        for _ in range(MOST):
            try:
                await do(engine, "csound.compileOrc", CODE, True)
            except EngineCrashed:
                break
        else:
            pytest.fail("the memory never ran out")
        told = [event.text for event in heard.of(MessagePrinted) if "of its 32 MiB" in event.text]
        assert told
        for _ in range(3):
            assert await do(engine, "csound.compileOrc", CODE, True) == 0
        assert await do(engine, "csound.controlChannel", "kept") == [3.0, 0]
        assert engine.epoch == 2
