"""Queues of a fixed size, owned by the session.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Final, Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.shape import reader
from csoundd_client.values import Array, ArrayLike, Handle, Timing

_TUPLE_INT_ARRAY: Final = reader(tuple[int, Array])


class CircularBuffers(Namespace):
    """Queues of a fixed size, owned by the session."""

    def createCircularBuffer(self, numelem: int, elemsize: int = 0, **timing: Unpack[Timing]) -> Call[Handle]:
        """Make a buffer for ``numelem`` elements of ``elemsize`` bytes, 0 meaning those of one of Csound's numbers.

        Raises LimitExceeded for a buffer too large or one too many.
        """
        return self._request("csound.createCircularBuffer", [numelem, elemsize], timing)

    def readCircularBuffer(
        self, buffer: Handle, out: ArrayLike | None, numitems: int, **timing: Unpack[Timing]
    ) -> Call[tuple[int, Array]]:
        """Take up to ``numitems`` items out of a buffer: how many there were, and the items.

        ``out`` is what libcsound fills; here null does. An array says how much room there is: with less than
        ``numitems`` nothing is read.
        """
        return self._request("csound.readCircularBuffer", [buffer, out, numitems], timing, _TUPLE_INT_ARRAY)

    def peekCircularBuffer(
        self, buffer: Handle, out: ArrayLike | None, numitems: int, **timing: Unpack[Timing]
    ) -> Call[tuple[int, Array]]:
        """Look at up to ``numitems`` items of a buffer without taking them; in all else as readCircularBuffer."""
        return self._request("csound.peekCircularBuffer", [buffer, out, numitems], timing, _TUPLE_INT_ARRAY)

    def writeCircularBuffer(
        self, buffer: Handle, data: ArrayLike, numitems: int, **timing: Unpack[Timing]
    ) -> Call[int]:
        """Put the first ``numitems`` of ``data`` into a buffer: how many it had room for.

        It is always one short of its size. With fewer data than ``numitems`` nothing is written.
        """
        return self._request("csound.writeCircularBuffer", [buffer, data, numitems], timing)

    def flushCircularBuffer(self, buffer: Handle, **timing: Unpack[Timing]) -> Call[None]:
        """Empty a buffer."""
        return self._request("csound.flushCircularBuffer", [buffer], timing)

    def destroyCircularBuffer(self, buffer: Handle, **timing: Unpack[Timing]) -> Call[None]:
        """Free a buffer; its handle is stale from then on."""
        return self._request("csound.destroyCircularBuffer", [buffer], timing)
