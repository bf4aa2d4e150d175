"""The module inside Csound's browser package, rewritten: the exports that a host needs, and faster opcodes.

The package's script holds the WebAssembly module as one base64 text of a zlib stream. Its linker kept the whole of
Csound's C API and the names of all functions, but exports only what the browser's own code calls; the rest is exported
here, before anything else is done to the module.

Fills of memory are made into loops, in functions that call nothing else. An opcode clears the samples of its cycle
before a note's beginning and after its end. To wasmtime such a fill is a call, over which no floating-point register
survives; its register allocator then keeps what the opcode's own loop works with in memory, whether the call is ever
made or not. Without that call a piece of ``poscil`` takes a seventh less time; in functions with other calls nothing is
won (docs/upstream-faults.md#wasmtime-fills).
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from csoundd.errors import EngineUnavailable


def leb(code: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number at ``at``, and where it ends; of a signed one only the end is right."""
    value = shift = 0
    while True:
        byte = code[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that there is more
            return value, at
        shift += 7


class Reader:
    """Reads WebAssembly's encoding."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self) -> int:
        """An unsigned LEB128 number."""
        value, self.at = leb(self.data, self.at)
        return value

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        self.at += size
        return self.data[self.at - size : self.at]

    def name(self) -> str:
        """A counted text."""
        return self.read(self.number()).decode()

    def more(self) -> bool:
        """Whether anything is left."""
        return self.at < len(self.data)


def number(value: int) -> bytes:
    """``value`` as unsigned LEB128."""
    encoded = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits in each byte
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


LOOP, CALL, CALL_INDIRECT = 0x03, 0x10, 0x11
PREFIX: Final = 0xFC
COPY, FILL = 0xFC0A, 0xFC0B

_NUMBERS: Final = {
    **dict.fromkeys((0x02, 0x03, 0x04, 0x06, 0x07, 0x08, 0x09, 0x0C, 0x0D, 0x10, 0x18), 1),
    **dict.fromkeys(range(0x20, 0x27), 1),
    **dict.fromkeys(range(0x28, 0x3F), 2),
    **dict.fromkeys((0x3F, 0x40, 0x41, 0x42, 0xD0, 0xD2), 1),
    CALL_INDIRECT: 2,
}
"""How many LEB128 numbers follow an opcode, where any do: blocks, branches, calls, variables, memory, constants."""

_PREFIXED: Final = {8: 2, 9: 1, 10: 2, 11: 1, 12: 2, 13: 1, 14: 2, 15: 1, 16: 1, 17: 1}
_BYTES: Final = {0x43: 4, 0x44: 8}
_TABLE_BRANCH, _SELECT = 0x0E, 0x1C
_UNKNOWN: Final = frozenset({0xFB, 0xFD, 0xFE})
"""Prefixes of what this module has no use for: references, vectors, threads."""


class Instruction(NamedTuple):
    """``opcode`` has the number after a prefix in its lower byte; ``operand`` is the first number that follows it."""

    start: int
    end: int
    opcode: int
    operand: int


def instructions(code: bytes, at: int, end: int) -> Iterator[Instruction]:
    """The instructions in ``code`` from ``at`` to ``end``. Raises ValueError for one that it cannot step over."""
    while at < end:
        start, opcode = at, code[at]
        at, count = at + 1, _NUMBERS.get(opcode, 0)
        operand = 0
        if opcode == PREFIX:
            suffix, at = leb(code, at)
            opcode, count = opcode << 8 | suffix, _PREFIXED.get(suffix, 0)
        elif opcode in (_TABLE_BRANCH, _SELECT):
            listed, at = leb(code, at)
            count = listed + (opcode == _TABLE_BRANCH)
        elif opcode in _BYTES:
            at += _BYTES[opcode]
        elif opcode in _UNKNOWN:
            raise ValueError(f"an instruction with the prefix {opcode:#x}")
        for index in range(count):
            value, at = leb(code, at)
            operand = operand if index else value
        yield Instruction(start, at, opcode, operand)


TYPES, FUNCTIONS, CODE = 1, 3, 10
"""The sections that are read, and the one that is written."""

LOCALIZE: Final = "csoundLocalizeString"
"""Called before an error is returned by an indirect call; nothing of an opcode's work is kept over that."""

NOWHERE: Final = -1
FILL_BYTES: Final = b"\xfc\x0b"
I32, I64 = b"\x7f", b"\x7e"
EIGHT_BYTES: Final = b"\x42\x81\x82\x84\x88\x90\xa0\xc0\x80\x01"
"""The constant 0x0101010101010101: times a byte, eight of it."""


def looped(parts: Mapping[int, bytes], names: Mapping[str, int]) -> bytes:
    """The code section, with the fills that are worth it made into loops. ``parts`` are the sections by number."""
    params = list(_params(parts[TYPES]))
    functions, code = Reader(parts[FUNCTIONS]), Reader(parts[CODE])
    count = code.number()
    functions.number()
    written = bytearray(number(count))
    for _ in range(count):
        body, type_index = code.read(code.number()), functions.number()
        if FILL_BYTES in body:
            body = _without_fills(body, params[type_index], names.get(LOCALIZE, NOWHERE))
        written += number(len(body)) + body
    return bytes(written)


def _params(content: bytes) -> Iterator[int]:
    """The number of parameters of each type of function."""
    reader = Reader(content)
    for _ in range(reader.number()):
        reader.read(1)
        count = reader.number()
        reader.read(count)
        yield count
        reader.read(reader.number())


def _without_fills(body: bytes, params: int, localize: int) -> bytes:
    reader = Reader(body)
    groups = [(reader.number(), reader.read(1)) for _ in range(reader.number())]
    steps = list(instructions(body, reader.at, len(body)))
    if not _worth_it(steps, localize):
        return body
    first = params + sum(count for count, _ in groups)
    loop = _loop(first, first + 1, first + 2)
    written = bytearray(number(len(groups) + 2))
    for count, kind in (*groups, (2, I32), (1, I64)):
        written += number(count) + kind
    at = reader.at
    for step in steps:
        if step.opcode == FILL:
            written += body[at : step.start] + loop
            at = step.end
    return bytes(written + body[at:])


def _worth_it(steps: list[Instruction], localize: int) -> bool:
    """Whether it has a loop of its own, and no call but a fill or one for the sake of an error."""
    opcodes = [step.opcode for step in steps]
    called = [step.operand for step in steps if step.opcode == CALL]
    errors = called.count(localize)
    lonely = len(called) == errors and opcodes.count(CALL_INDIRECT) <= errors and COPY not in opcodes
    return lonely and LOOP in opcodes and FILL in opcodes


def _loop(to: int, end: int, pattern: int) -> bytes:
    """The loop in place of a fill: its operands are the address, the byte and the size; the arguments are locals."""
    get_to, get_end, get_pattern = (b"\x20" + number(local) for local in (to, end, pattern))
    set_to, set_end, set_pattern = (b"\x21" + number(local) for local in (to, end, pattern))
    i32_add, i32_const, branch, branch_if_over = b"\x6a", b"\x41", b"\x0c\x00", b"\x0d\x01"
    block, loop, ends = b"\x02\x40", b"\x03\x40", b"\x0b\x0b"
    size_to_end = set_end + b"\xad\x42\xff\x01\x83" + EIGHT_BYTES + b"\x7e" + set_pattern + set_to
    size_to_end += get_to + get_end + i32_add + set_end
    less_than_eight = get_end + get_to + b"\x6b" + i32_const + b"\x08\x49"
    eight = get_to + get_pattern + b"\x37\x00\x00" + get_to + i32_const + b"\x08" + i32_add + set_to
    none_left = get_end + get_to + b"\x46"
    one = get_to + get_pattern + b"\x3c\x00\x00" + get_to + i32_const + b"\x01" + i32_add + set_to
    eights = block + loop + less_than_eight + branch_if_over + eight + branch + ends
    return size_to_end + eights + block + loop + none_left + branch_if_over + one + branch + ends


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
    reader.read(len(HEADER))
    while reader.more():
        kind = reader.read(1)[0]
        yield kind, reader.read(reader.number())


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
        kind, size = reader.read(1)[0], reader.number()
        if kind == FUNCTION_NAMES:
            pairs = ((reader.number(), reader.name()) for _ in range(reader.number()))
            return {name: index for index, name in pairs}
        reader.read(size)
    return {}


def exports(content: bytes, names: dict[str, int]) -> bytes:
    """The export section with everything added that it lacks."""
    reader = Reader(content)
    there = [(reader.name(), reader.read(1)[0], reader.number()) for _ in range(reader.number())]
    exported = {name for name, _, _ in there}
    wanted = sorted(name for name in names if name.startswith("csound") or name in ALLOCATION)
    added = [(name, FUNCTION, names[name]) for name in wanted]
    every = there + [entry for entry in (*added, *BEYOND_FUNCTIONS) if entry[0] not in exported]
    written = (number(len(name)) + name.encode() + bytes([kind]) + number(index) for name, kind, index in every)
    return number(len(every)) + b"".join(written)
