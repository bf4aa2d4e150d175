"""The engines that a suite runs on, each skipped where this machine has not got it."""

from __future__ import annotations

from ctypes.util import find_library
from typing import Final

import pytest

from csoundd.engine.embedded.cache import ready

HAS_NATIVE: Final = any(map(find_library, ("csound64", "CsoundLib64")))
HAS_WASM: Final = ready() is not None

NATIVE: Final = pytest.param("native", marks=pytest.mark.skipif(not HAS_NATIVE, reason="no Csound library is here"))
WASM: Final = pytest.param("wasm", marks=pytest.mark.skipif(not HAS_WASM, reason="csoundd engine install wasm"))
ENGINES: Final = (NATIVE, WASM)

needs_wasm: Final = pytest.mark.skipif(not HAS_WASM, reason="csoundd engine install wasm")
"""For a module of tests about the embedded engine alone."""
