"""Transport in terms of the Csound object, and the rates that hold while it performs.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import Handle, Timing


class Performance(Namespace):
    """Transport in terms of the Csound object, and the rates that hold while it performs."""

    def start(self, **timing: Unpack[Timing]) -> Call[int]:
        """Get Csound ready to perform: 0 when it is, also when it was before.

        What was compiled so far is merged, its score sorted. Playing and performing start by themselves.
        """
        return self._request("csound.start", [], timing)

    def stop(self, **timing: Unpack[Timing]) -> Call[None]:
        """End the performance; it cannot go on from there. The same as ``thread.stop`` and joining it."""
        return self._request("csound.stop", [], timing)

    def reset(self, **timing: Unpack[Timing]) -> Call[None]:
        """Forget everything: code, score, channels, tables, options. Every client of the daemon is affected.

        The engine is then in the state ``ready`` of a new epoch, in which older handles answer StaleHandle.
        """
        return self._request("csound.reset", [], timing)

    def perform(self, **timing: Unpack[Timing]) -> Call[int]:
        """Perform to the end of the score and answer then: 0 if it was stopped, 1 at the end, less than 0 for an error.

        Raises WrongState while the performance thread plays.
        """
        return self._request("csound.perform", [], timing)

    def performKsmps(self, **timing: Unpack[Timing]) -> Call[bool]:
        """Perform one cycle: false while there is more to come, true when the performance is over.

        Starts Csound where that has not happened. Raises WrongState in every drive but ``step``.
        """
        return self._request("csound.performKsmps", [], timing)

    def performanceThread(self, **timing: Unpack[Timing]) -> Call[Handle]:
        """A handle that stands for the performance thread. There is always one, always the same."""
        return self._request("csound.performanceThread", [], timing)

    def sleep(self, milliseconds: int, **timing: Unpack[Timing]) -> Call[None]:
        """Answer after so many milliseconds. Nobody else waits for it."""
        return self._request("csound.sleep", [milliseconds], timing)

    def sr(self, **timing: Unpack[Timing]) -> Call[float]:
        """Audio frames per second."""
        return self._request("csound.sr", [], timing)

    def kr(self, **timing: Unpack[Timing]) -> Call[float]:
        """Cycles per second: ``sr`` divided by ``ksmps``."""
        return self._request("csound.kr", [], timing)

    def ksmps(self, **timing: Unpack[Timing]) -> Call[int]:
        """Audio frames in one cycle."""
        return self._request("csound.ksmps", [], timing)

    def nchnls(self, **timing: Unpack[Timing]) -> Call[int]:
        """Channels of audio output."""
        return self._request("csound.nchnls", [], timing)

    def nchnlsInput(self, **timing: Unpack[Timing]) -> Call[int]:
        """Channels of audio input: as many as there are outputs unless the orchestra sets ``nchnls_i``."""
        return self._request("csound.nchnlsInput", [], timing)

    def get0dBFS(self, **timing: Unpack[Timing]) -> Call[float]:
        """The sample value that means full scale in spin and spout."""
        return self._request("csound.get0dBFS", [], timing)

    def A4(self, **timing: Unpack[Timing]) -> Call[float]:
        """The frequency of the A above middle C, in Hz."""
        return self._request("csound.A4", [], timing)

    def currentTimeSamples(self, **timing: Unpack[Timing]) -> Call[int]:
        """Audio frames performed since the start of the performance."""
        return self._request("csound.currentTimeSamples", [], timing)
