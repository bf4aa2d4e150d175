"""Playing, pausing and ending.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import Handle, Timing


class Transport(Namespace):
    """Playing, pausing and ending."""

    def play(self, **timing: Unpack[Timing]) -> Call[None]:
        """Begin to perform, or go on after a pause, in the drive's own time. Starts Csound where need be.

        Raises EngineError where Csound does not start, WrongState when the performance is over and in drive ``step``.
        """
        return self._request("thread.play", [], timing)

    def pause(self, **timing: Unpack[Timing]) -> Call[None]:
        """Halt the performance between two cycles. Commands are still served."""
        return self._request("thread.pause", [], timing)

    def togglePause(self, **timing: Unpack[Timing]) -> Call[None]:
        """Pause if it plays, play if it does not. Raises WrongState when the performance is over."""
        return self._request("thread.togglePause", [], timing)

    def stop(self, **timing: Unpack[Timing]) -> Call[None]:
        """End the performance for good, for every client. ``csound.rewindScore`` or ``csound.reset`` begin anew."""
        return self._request("thread.stop", [], timing)

    def join(self, **timing: Unpack[Timing]) -> Call[int]:
        """Answer when the performance is over: more than 0 at its end or when it was stopped, less for an error.

        Nobody else waits for it, and any number of clients may.
        """
        return self._request("thread.join", [], timing)

    def status(self, **timing: Unpack[Timing]) -> Call[int]:
        """0 while the performance is not over, then more than 0, or less after an error."""
        return self._request("thread.status", [], timing)

    def isRunning(self, **timing: Unpack[Timing]) -> Call[bool]:
        """Whether there is a performance that plays or could go on: false once it is over."""
        return self._request("thread.isRunning", [], timing)

    def csoundPtr(self, **timing: Unpack[Timing]) -> Call[Handle]:
        """The handle of the engine that it performs, the same as ``csound.csound``."""
        return self._request("thread.csoundPtr", [], timing)
