"""Circular buffers, which fill the script's own arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from csoundd_client.dropin.blocking import Blocking
from csoundd_client.values import Array, Handle


class Buffers(Blocking):
    """Reading and writing circular buffers; the arrays are of the type that fits the buffer's elements."""

    def readCircularBuffer(self, buffer: Handle, out: Array, numitems: int) -> int:
        """Take up to ``numitems`` items into ``out``: how many there were, 0 where ``out`` is too small."""
        return self._filled("csound.readCircularBuffer", buffer, out, numitems)

    def peekCircularBuffer(self, buffer: Handle, out: Array, numitems: int) -> int:
        """Copy up to ``numitems`` items into ``out``, which stay in the buffer."""
        return self._filled("csound.peekCircularBuffer", buffer, out, numitems)

    def _filled(self, method: str, buffer: Handle, out: Array, numitems: int) -> int:
        if len(out) < numitems:
            return 0
        count, items = self._do(method, [buffer, None, numitems])
        out[:count] = items[:count]
        return int(count)

    def writeCircularBuffer(self, buffer: Handle, data: Any, numitems: int) -> int:
        """Put the first ``numitems`` of ``data`` into a buffer: how many it had room for."""
        if len(data) < numitems:
            return 0
        accepted: int = self._do("csound.writeCircularBuffer", [buffer, np.asarray(data)[:numitems], numitems])
        return accepted
