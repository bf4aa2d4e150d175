"""The module inside Csound's browser package, given the exports that a host needs.

The package's script holds the WebAssembly module as one base64 text of a zlib stream. Its linker kept the whole of
Csound's C API and the names of all functions, but exports only what the browser's own code calls; the rest is exported
here, before anything else is done to the module.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from typing import Final

from csoundd.engine.csound.wasm.build.fills import CODE, looped
from csoundd.engine.csound.wasm.build.leb import Reader, number
from csoundd.errors import EngineUnavailable

HEADER: Final = b"\0asm\x01\0\0\0"
EMBEDDED: Final = re.compile(r"""["'`]([A-Za-z0-9+/=]{100000,})["'`]""")
CUSTOM, EXPORTS = 0, 7
FUNCTION, MEMORY, GLOBAL = 0, 2, 3
FUNCTION_NAMES: Final = 1
ALLOCATION: Final = frozenset({"malloc", "calloc", "realloc", "free"})
BEYOND_FUNCTIONS: Final = (("memory", MEMORY, 0), ("__stack_pointer", GLOBAL, 0))
"""WASI looks for the memory by name; the stack pointer is the module's first global."""


def embedded(script: str) -> bytes:
    """The module that the browser package's script carries. Raises EngineUnavailable where there is none."""
    found = EMBEDDED.search(script)
    module = zlib.decompress(base64.b64decode(found[1])) if found else b""
    if not module.startswith(HEADER):
        raise EngineUnavailable("the npm package holds no WebAssembly module where it used to")
    return module


def sections(module: bytes) -> Iterator[tuple[int, bytes]]:
    """The number and content of each section."""
    reader = Reader(module)
    reader.take(len(HEADER))
    while reader.more():
        kind = reader.take(1)[0]
        yield kind, reader.take(reader.number())


def opened(module: bytes) -> bytes:
    """``module`` with the whole of Csound's API exported, faster opcodes, and without its debugging sections."""
    parts = list(sections(module))
    names = next(
        function_names(content) for kind, content in parts if kind == CUSTOM and _custom_name(content) == "name"
    )
    changed = {EXPORTS: exports(dict(parts)[EXPORTS], names), CODE: looped(dict(parts), names)}
    written = bytearray(HEADER)
    for kind, content in parts:
        if kind == CUSTOM and _custom_name(content).startswith(".debug"):
            continue
        body = changed.get(kind, content)
        written += bytes([kind]) + number(len(body)) + body
    return bytes(written)


def _custom_name(content: bytes) -> str:
    return Reader(content).name()


def function_names(content: bytes) -> dict[str, int]:
    """The index of each function by its name, out of the name section."""
    reader = Reader(content)
    reader.name()
    while reader.more():
        kind, size = reader.take(1)[0], reader.number()
        if kind == FUNCTION_NAMES:
            pairs = ((reader.number(), reader.name()) for _ in range(reader.number()))
            return {name: index for index, name in pairs}
        reader.take(size)
    return {}


def exports(content: bytes, names: dict[str, int]) -> bytes:
    """The export section with everything added that it lacks."""
    reader = Reader(content)
    there = [(reader.name(), reader.take(1)[0], reader.number()) for _ in range(reader.number())]
    exported = {name for name, _, _ in there}
    wanted = sorted(name for name in names if name.startswith("csound") or name in ALLOCATION)
    added = [(name, FUNCTION, names[name]) for name in wanted]
    every = there + [entry for entry in (*added, *BEYOND_FUNCTIONS) if entry[0] not in exported]
    written = (number(len(name)) + name.encode() + bytes([kind]) + number(index) for name, kind, index in every)
    return number(len(every)) + b"".join(written)
