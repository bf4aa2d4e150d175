"""Queues of a fixed size, owned by the session.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.dropin.blocking import Blocking
from csoundd_client.values import Handle


class CircularBuffers(Blocking):
    """Queues of a fixed size, owned by the session."""

    def createCircularBuffer(self, numelem: int, elemsize: int = 0) -> Handle:
        """Make a buffer for ``numelem`` elements of ``elemsize`` bytes, 0 meaning those of one of Csound's numbers.

        Raises LimitExceeded for a buffer too large or one too many.
        """
        return self._do("csound.createCircularBuffer", [numelem, elemsize])

    def flushCircularBuffer(self, buffer: Handle) -> None:
        """Empty a buffer."""
        self._do("csound.flushCircularBuffer", [buffer])

    def destroyCircularBuffer(self, buffer: Handle) -> None:
        """Free a buffer; its handle is stale from then on."""
        self._do("csound.destroyCircularBuffer", [buffer])
