"""From two npm packages to the module that wasmtime runs.

wasmtime knows only WebAssembly's final exceptions, and the module was built with their predecessor: binaryen
translates.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from csoundd.engine.csound.spec import Say
from csoundd.engine.csound.wasm.build.binary import embedded, opened
from csoundd.engine.csound.wasm.build.fetch import extracted, fetched, program
from csoundd.engine.csound.wasm.build.pins import BINARYEN, CSOUND, pinned
from csoundd.errors import EngineUnavailable

CONVERT_LIMIT: Final = 300.0
"""Seconds; it takes about five on an ordinary machine."""

CONVERSION: Final = ("-all", "--disable-compact-imports", "--translate-to-exnref", "-g")


def built(folder: Path, say: Say) -> Path:
    """The module, made in ``folder``. Raises EngineUnavailable where a step fails."""
    node = program("node")
    csound, binaryen = pinned(CSOUND), pinned(BINARYEN)
    say(f"fetching {csound.spec} and {binaryen.spec}")
    archive = fetched(csound, folder)
    script = extracted(archive, "dist/csound.js", folder)
    tools = fetched(binaryen, folder)
    converter = extracted(tools, "bin/wasm-opt", folder)
    extracted(tools, "bin/package.json", folder)
    say("converting the module")
    raw = folder / "opened.wasm"
    raw.write_bytes(opened(embedded(script.read_text(encoding="utf-8"))))
    return _converted(node, converter, raw, folder / "converted.wasm")


def _converted(node: str, converter: Path, raw: Path, target: Path) -> Path:
    command = [node, str(converter), *CONVERSION, str(raw), "-o", str(target)]
    try:
        result = subprocess.run(  # noqa: S603 - a program whose hash was checked
            command, capture_output=True, text=True, timeout=CONVERT_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        raise EngineUnavailable(f"binaryen did not convert the module within {CONVERT_LIMIT:g} s") from None
    if result.returncode != 0 or not target.exists():
        raise EngineUnavailable("binaryen could not convert the module", hint=result.stderr.strip()[-300:] or None)
    return target
