"""Circular buffers beside Csound, the same on every engine.

Its own live in memory that a reset frees behind the back of whoever holds them, and are reached through functions
that libcsound does not declare (docs/upstream-faults.md#libcsound-wrappers). A ring of ours behaves the same and has
neither fault.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from csoundd.api.audio import CircularBuffers
from csoundd.api.values import Array, Handle
from csoundd.engine.csound.handles import Handles
from csoundd.errors import InvalidParams, LimitExceeded
from csoundd.limits import CIRCULAR_BUFFER_BYTES, CIRCULAR_BUFFERS_BYTES

NUMBER_BYTES: Final = 8
TYPES: Final = {4: "<f4", NUMBER_BYTES: "<f8"}


class Buffer:
    """A queue of a fixed size; one place always stays empty, as in Csound's."""

    def __init__(self, items: int, width: int) -> None:
        self.kind = np.dtype(TYPES.get(width, f"({width},)u1"))
        self.scalar = np.dtype(TYPES.get(width, "u1"))
        self.width, self.size = width, items * width
        self._ring = np.zeros(items, self.kind)
        self._read = self._count = 0

    def peek(self, wanted: int) -> Array:
        """A copy of up to ``wanted`` items, which stay."""
        places = np.arange(self._read, self._read + min(wanted, self._count))
        return self._ring.take(places, axis=0, mode="wrap")

    def read(self, wanted: int) -> Array:
        """Up to ``wanted`` items, which are gone from here."""
        items = self.peek(wanted)
        self._read = (self._read + len(items)) % len(self._ring)
        self._count -= len(items)
        return items

    def put(self, items: Array) -> int:
        """Store as many of ``items`` as there is room for."""
        room = max(0, len(self._ring) - 1 - self._count)
        fitting, first = items[:room], self._read + self._count
        self._ring[np.arange(first, first + len(fitting)) % len(self._ring)] = fitting
        self._count += len(fitting)
        return len(fitting)

    def clear(self) -> None:
        """Forget everything."""
        self._count = 0


class RingBuffers(CircularBuffers):
    """Queues of a fixed size, owned by the session."""

    def __init__(self, handles: Handles) -> None:
        self._handles = handles
        self._bytes = 0

    def createCircularBuffer(self, numelem: int, elemsize: int = 0, *, session: str | None = None) -> Handle:
        width = elemsize or NUMBER_BYTES
        size = numelem * width
        if numelem < 1 or width < 1:
            raise InvalidParams("a buffer has at least one element of at least one byte")
        if size > CIRCULAR_BUFFER_BYTES or self._bytes + size > CIRCULAR_BUFFERS_BYTES:
            limit = CIRCULAR_BUFFER_BYTES if size > CIRCULAR_BUFFER_BYTES else CIRCULAR_BUFFERS_BYTES
            raise LimitExceeded(f"there is no room for a buffer of {size} bytes", name="buffer", limit=limit)
        handle = self._handles.make(session, "cbuf", Buffer(numelem, width), lambda: self._forget(size))
        self._bytes += size
        return handle

    def _forget(self, size: int) -> None:
        self._bytes -= size

    def _buffer(self, session: str | None, handle: Handle) -> Buffer:
        return self._handles.get(session, handle, "cbuf", Buffer)

    def readCircularBuffer(
        self, buffer: Handle, out: Array | None, numitems: int, *, session: str | None = None
    ) -> tuple[int, Array]:
        items = self._buffer(session, buffer).read(_room(out, numitems))
        return len(items), items

    def peekCircularBuffer(
        self, buffer: Handle, out: Array | None, numitems: int, *, session: str | None = None
    ) -> tuple[int, Array]:
        items = self._buffer(session, buffer).peek(_room(out, numitems))
        return len(items), items

    def writeCircularBuffer(self, buffer: Handle, data: Array, numitems: int, *, session: str | None = None) -> int:
        found = self._buffer(session, buffer)
        given = np.ascontiguousarray(data, found.scalar).reshape(-1)
        if numitems < 1 or given.nbytes < numitems * found.width:
            return 0
        items = given[: numitems * found.width // found.scalar.itemsize]
        return found.put(items if found.kind == found.scalar else items.reshape(numitems, found.width))

    def flushCircularBuffer(self, buffer: Handle, *, session: str | None = None) -> None:
        self._buffer(session, buffer).clear()

    def destroyCircularBuffer(self, buffer: Handle, *, session: str | None = None) -> None:
        self._buffer(session, buffer)
        self._handles.free(buffer)


def _room(out: Array | None, wanted: int) -> int:
    """The number of items to read: none where ``out`` says that there is no room for them."""
    room = wanted if out is None else len(np.atleast_1d(out))
    return wanted if 0 < wanted <= room else 0
