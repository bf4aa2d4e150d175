"""The engines that a suite runs on, each skipped where this machine has not got it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol

import pytest

from csoundd.engine.client.engine import Engine
from csoundd.engine.csound.wasm.build.install import ready
from csoundd.messages import Drive

HAS_7: Final = find_spec("cycsound") is not None
HAS_6: Final = any(map(find_library, ("csound64", "CsoundLib64")))
HAS_WASM: Final = ready() is not None

needs_7: Final = pytest.mark.skipif(not HAS_7, reason="no Csound 7 is here: pip install cycsound")
needs_6: Final = pytest.mark.skipif(not HAS_6, reason="no Csound 6 is here: on Debian, apt-get install libcsound64-6.0")
needs_native: Final = pytest.mark.skipif(not (HAS_6 or HAS_7), reason="no Csound library is here")
needs_wasm: Final = pytest.mark.skipif(not HAS_WASM, reason="csoundd engine install wasm")
"""For a module of tests about one engine alone."""

NATIVE_7: Final = pytest.param("native:7", marks=needs_7)
NATIVE_6: Final = pytest.param("native:6", marks=needs_6)
WASM: Final = pytest.param("wasm", marks=needs_wasm)
NATIVE: Final = (NATIVE_7, NATIVE_6)
ENGINES: Final = (*NATIVE, WASM)


native_only: Final = pytest.mark.parametrize("engine_name", NATIVE, indirect=True)
"""For a test of the suite about what the embedded engine has not; say why."""


class EngineIn(Protocol):
    """Opens the engine that the suite runs on in ``workspace``."""

    def __call__(
        self, workspace: Path, drive: Drive = "clock", options: tuple[str, ...] = ()
    ) -> AbstractAsyncContextManager[Engine]: ...
