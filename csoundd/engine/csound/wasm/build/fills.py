"""Fills of memory made into loops, in functions that call nothing else.

An opcode clears the samples of its cycle before a note's beginning and after its end. To wasmtime such a fill is a
call, over which no floating-point register survives; its register allocator then keeps what the opcode's own loop works
with in memory, whether the call is ever made or not. Without that call a piece of ``poscil`` takes a seventh less time;
in functions with other calls nothing is won (docs/upstream-faults.md#wasmtime-fills).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from csoundd.engine.csound.wasm.build.instructions import (
    CALL,
    CALL_INDIRECT,
    COPY,
    FILL,
    LOOP,
    Instruction,
    instructions,
)
from csoundd.engine.csound.wasm.build.leb import Reader, number

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
        body, type_index = code.take(code.number()), functions.number()
        if FILL_BYTES in body:
            body = _without_fills(body, params[type_index], names.get(LOCALIZE, NOWHERE))
        written += number(len(body)) + body
    return bytes(written)


def _params(content: bytes) -> Iterator[int]:
    """How many parameters each type of function has."""
    reader = Reader(content)
    for _ in range(reader.number()):
        reader.take(1)
        count = reader.number()
        reader.take(count)
        yield count
        reader.take(reader.number())


def _without_fills(body: bytes, params: int, localize: int) -> bytes:
    reader = Reader(body)
    groups = [(reader.number(), reader.take(1)) for _ in range(reader.number())]
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
    """What takes the place of a fill: its operands are the address, the byte and the size; the arguments are locals."""
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
