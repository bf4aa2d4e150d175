"""The opcodes that the embedded engine has, and those of the native engine's that it lacks.

``python -m`` writes the opcodes to standard output as JSON.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from csoundd.engine.csound.backend import SandboxLimits
from csoundd.engine.csound.wasm.binding import WasmBinding
from csoundd.engine.csound.wasm.sandbox import Folders, MessageCollector, machine_in
from csoundd.syntax.csd import parse
from csoundd.syntax.lexer import Kind, significant

EXTENSIONS: Final = re.compile(
    r"FL\w+|la_[ik]_\w+|py(?:l?(?:run|exec|eval|call|assign|ini)|init)\w*|STK[A-Z]\w+|Jacko\w+|fluid[A-Z]\w+|link_\w+"
    r"|image\w+|faust\w+|hdf5\w+|websocket|chuap|jacktransport|mp3out"
)
"""Opcodes of plug-ins that are packages of their own on a native system."""


@cache
def lacking() -> frozenset[str]:
    """The opcodes that the native engine (Csound 6.18 as Debian packages it) has and this one has not."""
    return frozenset((files(__package__) / "lacking.txt").read_text(encoding="ascii").split())


def lacks(name: str) -> bool:
    """Whether this engine is known not to have an opcode of that name."""
    return name in lacking() or EXTENSIONS.fullmatch(name) is not None


def lacking_in(code: str) -> list[str]:
    """The opcodes that ``code`` names and this engine lacks."""
    csd = parse(code)
    words = {token.text for token in significant(csd.orchestra if csd.is_started else code) if token.kind is Kind.NAME}
    return sorted(filter(lacks, words))


def opcodes() -> list[str]:
    """The names of all opcodes of the installed engine. Raises EngineUnavailable where it is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        machine = machine_in(
            Folders(Path(folder), Path(folder)), MessageCollector(), lambda _trap: None, SandboxLimits()
        )
        return sorted({opcode.name for opcode in WasmBinding(machine).opcodes()})


if __name__ == "__main__":
    sys.stdout.write(json.dumps(opcodes()))
