"""Playing, pausing and ending.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.dropin.blocking import Blocking
from csoundd_client.values import Handle


class Transport(Blocking):
    """Playing, pausing and ending."""

    def join(self) -> int:
        """Answer when the performance is over: more than 0 at its end or when it was stopped, less for an error.

        Nobody else waits for it, and any number of clients may.
        """
        return self._wait("thread.join", [])

    def status(self) -> int:
        """0 while the performance is not over, then more than 0, or less after an error."""
        return self._ask("thread.status", [])

    def isRunning(self) -> bool:
        """Whether there is a performance that plays or could go on: false once it is over."""
        return self._ask("thread.isRunning", [])

    def csoundPtr(self) -> Handle:
        """The handle of the engine that it performs, the same as ``csound.csound``."""
        return self._ask("thread.csoundPtr", [])
