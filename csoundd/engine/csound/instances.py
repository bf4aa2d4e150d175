"""The instances that sound, read where Csound keeps them: its API has no list of them.

Csound links the active instances into a chain that begins and ends in its own structure. What an instance looks like
is part of the interface for plug-ins (``INSDS`` in csoundCore.h), and so the same for all builds of a version. Where
the chain begins is not; it is found by its own signature: the first instance points back to it, and to Csound.

It is read on the performance thread between two cycles, when nothing changes it.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from csoundd.engine.csound.backend import CSOUND_7, Sounding

Copy = Callable[[int, int], bytes]
"""So many bytes at an address; empty, or fewer, where there is no memory."""

MOST: Final = 1024
"""How many instances are read at most."""

MOST_FIELDS: Final = 64
FIELD: Final = 16
"""A p-field is a pointer to its type, padded to 8 bytes, and a float."""

SEARCHED: Final = 128 * 1024
"""How much of Csound's own structure is searched for the beginning of the chain."""

LONGEST_NAME: Final = 256
TEXTS: Final = 4096
TEXT_MARK: Final = 0x7FF8
"""The high bits of a p-field that stands for a text: no number that Csound computes has them by itself."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The offsets of an instance's members, in bytes, and of those of the definition it points to.

    ``chain`` is where the chain began in the build that this was measured on: looked at first, and not relied on.
    """

    pointer: str
    next: int
    previous: int
    midi: int
    number: int
    definition: int
    releasing: int
    ends: int
    csound: int
    texts: int
    p1: int
    fields: int
    name: int
    chain: int


LAYOUT_6: Final = Layout("<Q", 32, 40, 80, 96, 104, 116, 128, 144, 336, 368, 88, 192, 20784)
"""Measured on 6.18.1, 64 bits."""

LAYOUT_7: Final = Layout("<Q", 40, 48, 88, 104, 112, 124, 136, 144, 456, 488, 88, 192, 3736)
"""Measured on 7.0.0, 64 bits."""

LAYOUT_EMBEDDED: Final = Layout("<I", 20, 24, 44, 52, 56, 64, 80, 88, 284, 328, 56, 132, 15248)
"""Measured on 7.0.0-beta29, WebAssembly."""


class _Seen(NamedTuple):
    """The values that do not change as long as an instance sounds."""

    key: tuple[float, float]
    instrument: float | str
    fields: tuple[float | str | None, ...]


class Instances:
    """Reads the chain of the Csound at the address ``csound``.

    ``copy`` reads memory that is known to be there, ``probe`` such as may not be.
    """

    def __init__(self, csound: int, layout: Layout, copy: Copy, probe: Copy) -> None:
        self._csound, self._layout, self._copy, self._probe = csound, layout, copy, probe
        self._chain: int | None = None
        self._width = struct.calcsize(layout.pointer)
        self._block = layout.p1 + 3 * FIELD
        self._seen: dict[int, _Seen] = {}

    def sounding(self) -> list[Sounding] | None:
        """The active instances in the order that they are performed in, None where they cannot be read."""
        chain = self._chain if self._chain is not None else self._found()
        if chain is None:
            return None
        layout, seen = self._layout, {}
        found: list[Sounding] = []
        address = self._pointer_at(chain + layout.next)
        while address and len(found) < MOST:
            block = self._copy(address, self._block)
            p1, p2 = _double(block, layout.p1), _double(block, layout.p1 + FIELD)
            old = self._seen.get(address)
            if old is None or old.key != (p1, p2):
                old = self._looked_at(address, block, (p1, p2))
            seen[address] = old
            ours = not block[layout.releasing] and not self._pointer(block, layout.midi)
            if ours and self._number(block) > 0:
                # A note that is tied to, or ends and begins in one cycle, has the same address and p-fields, but p2.
                found.append(Sounding((address, p2), old.instrument, _double(block, layout.ends), old.fields))
            address = self._pointer(block, layout.next)
        self._seen = seen
        return found

    def count(self, most: int) -> int:
        """How many instances are active, counted up to ``most``, those that are being released among them."""
        chain = self._chain if self._chain is not None else self._found()
        address = self._pointer_at(chain + self._layout.next) if chain is not None else 0
        found = 0
        while address and found < most:
            found += 1
            address = self._pointer_at(address + self._layout.next)
        return found

    def _found(self) -> int | None:
        """The address at which the chain begins, None where that cannot be told, as while nothing sounds."""
        layout = self._layout
        expected = self._csound + layout.chain
        if self._begins(expected):
            self._chain = expected
            return expected
        if self._pointer_at(expected + layout.next) == 0:
            return expected
        own = self._probe(self._csound, SEARCHED)
        for place in range(0, len(own) - self._width, self._width):
            chain = self._csound + place - layout.next
            if self._pointer(own, place) > TEXTS and self._begins(chain):
                self._chain = chain
                return chain
        return None

    def _begins(self, chain: int) -> bool:
        layout = self._layout
        first = self._pointer_at(chain + layout.next)
        block = self._probe(first, self._block) if first > TEXTS and first % self._width == 0 else b""
        if len(block) < self._block:
            return False
        return self._pointer(block, layout.previous) == chain and self._pointer(block, layout.csound) == self._csound

    def _looked_at(self, address: int, block: bytes, key: tuple[float, float]) -> _Seen:
        layout = self._layout
        definition = self._pointer(block, layout.definition)
        (count,) = struct.unpack("<i", self._copy(definition + layout.fields, 4))
        size = min(max(0, count - 3), MOST_FIELDS) * FIELD
        more = self._copy(address + self._block, size) if size else b""
        name = self._text(self._pointer_at(definition + layout.name))
        return _Seen(key, _instrument(key[0], name), self._fields(more, self._pointer(block, layout.texts)))

    def _fields(self, more: bytes, texts: int) -> tuple[float | str | None, ...]:
        """The p-fields from p4 on. Texts stand behind one another, and are known by their place."""
        there = self._probe(texts, TEXTS).split(b"\0") if texts else []
        fields: list[float | str | None] = []
        for place in range(0, len(more), FIELD):
            low, high, mark = struct.unpack_from("<IHH", more, place)
            index = low | high
            if mark != TEXT_MARK:
                fields.append(_double(more, place))
            else:
                fields.append(there[index].decode(errors="replace") if index < len(there) else None)
        return tuple(fields)

    def _text(self, address: int) -> str:
        return self._probe(address, LONGEST_NAME).split(b"\0")[0].decode(errors="replace") if address else ""

    def _number(self, block: bytes) -> int:
        number: int = struct.unpack_from("<h", block, self._layout.number)[0]
        return number

    def _pointer(self, block: bytes, place: int) -> int:
        pointer: int = struct.unpack_from(self._layout.pointer, block, place)[0]
        return pointer

    def _pointer_at(self, address: int) -> int:
        block = self._probe(address, self._width)
        return self._pointer(block, 0) if len(block) == self._width else 0


def _double(block: bytes, place: int) -> float:
    value: float = struct.unpack_from("<d", block, place)[0]
    return value


def _instrument(p1: float, name: str) -> float | str:
    """p1 as an event takes it: numbers of named instruments are given anew by every compiler."""
    if not name:
        return p1
    fraction = f"{p1 - int(p1):.6f}".rstrip("0")[2:]
    return f"{name}.{fraction}" if fraction else name


def own_memory() -> Copy | None:
    """Reads memory of this process, and nothing where there is none; None where the system has no way to do that."""
    try:
        descriptor = os.open("/proc/self/mem", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None

    def probe(address: int, size: int) -> bytes:
        try:
            return os.pread(descriptor, size, address)
        except (OSError, OverflowError):
            return b""

    return probe


def native_instances(csound: int, version: int) -> Instances | None:
    """Those of a Csound in this process, None where they cannot be read."""
    probe = own_memory()
    if probe is None or struct.calcsize("P") != struct.calcsize("<Q"):
        return None
    return Instances(csound, LAYOUT_7 if version >= CSOUND_7 else LAYOUT_6, ctypes.string_at, probe)
