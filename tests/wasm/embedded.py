"""An embedded engine for a test, and the orchestra's header."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from csoundd.daemon import INTERCEPTORS
from csoundd.engine.client.engine import Engine
from csoundd.engine.options import HostOptions
from csoundd.messages import Drive

HEADER = "sr = 48000\nksmps = 64\nnchnls = 2\nnchnls_i = 2\n0dbfs = 1\n"


@asynccontextmanager
async def wasm_in(folder: Path, drive: Drive = "step", **options: Any) -> AsyncIterator[Engine]:
    """An embedded engine whose workspace is ``folder``, with more HostOptions."""
    async with Engine(
        HostOptions(engine="wasm", drive=drive, workspace=str(folder), **options), INTERCEPTORS
    ) as engine:
        yield engine
