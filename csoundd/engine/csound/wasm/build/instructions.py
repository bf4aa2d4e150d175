"""The instructions of a function's body: where each begins and ends, which it is, and what it names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

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
            number, at = leb(code, at)
            opcode, count = opcode << 8 | number, _PREFIXED.get(number, 0)
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
