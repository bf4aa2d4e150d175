"""Transport in terms of the Csound object, and the rates that hold while it performs.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.dropin.blocking import Blocking


class Performance(Blocking):
    """Transport in terms of the Csound object, and the rates that hold while it performs."""

    def sleep(self, milliseconds: int) -> None:
        """Answer after so many milliseconds. Nobody else waits for it."""
        self._wait("csound.sleep", [milliseconds])

    def sr(self) -> float:
        """Audio frames per second."""
        return self._ask("csound.sr", [])

    def kr(self) -> float:
        """Cycles per second: ``sr`` divided by ``ksmps``."""
        return self._ask("csound.kr", [])

    def ksmps(self) -> int:
        """Audio frames in one cycle."""
        return self._ask("csound.ksmps", [])

    def nchnls(self) -> int:
        """Channels of audio output."""
        return self._ask("csound.nchnls", [])

    def nchnlsInput(self) -> int:
        """Channels of audio input: as many as there are outputs unless the orchestra sets ``nchnls_i``."""
        return self._ask("csound.nchnlsInput", [])

    def get0dBFS(self) -> float:
        """The sample value that means full scale in spin and spout."""
        return self._ask("csound.get0dBFS", [])

    def A4(self) -> float:
        """The frequency of the A above middle C, in Hz."""
        return self._ask("csound.A4", [])

    def currentTimeSamples(self) -> int:
        """Audio frames performed since the start of the performance."""
        return self._ask("csound.currentTimeSamples", [])
