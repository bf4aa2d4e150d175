"""Code into instruments, tables and score events.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from csoundd_client.dropin.blocking import Blocking


class Compiling(Blocking):
    """Code into instruments, tables and score events."""

    def compileOrc(self, orc: str, block: bool = True) -> int:
        """Compile orchestra code and merge it: new instruments are added, those of the same number or name replaced.

        Code outside instruments runs at once; with ``block`` false it runs at one of the next cycles, and the
        answer says only that the code is well-formed. Notes that sound keep the instrument they began with.
        """
        return self._do("csound.compileOrc", [orc, block])

    def compileOrcAsync(self, orc: str) -> int:
        """Compile orchestra code to be merged at one of the next cycles: compileOrc with ``block`` false."""
        return self._do("csound.compileOrcAsync", [orc])

    def compileOrcHeader(
        self,
        sr: int | None = None,
        nchnls: int = 2,
        nchnls_i: int | None = None,
        zerodbfs: float = 1.0,
        ksmps: int = 64,
        a4: float | None = None,
    ) -> None:
        """Set the orchestra's header, before the start: sample rate, cycle size, channels, full scale and tuning.

        What is null is left as it is, and options win over all of it. Raises InvalidParams for a value that is not
        above 0.
        """
        self._do("csound.compileOrcHeader", [sr, nchnls, nchnls_i, zerodbfs, ksmps, a4])

    def compileCsdText(self, code: str, block: bool = True) -> int:
        """Compile the text of a CSD, in all else as compileCsd does. Each of its tags stands on a line of its own."""
        return self._do("csound.compileCsdText", [code, block])

    def evalCode(self, code: str) -> float:
        """Run code at init time, as if outside any instrument, and answer with what its ``return`` returns.

        Not a number where the code does not compile.
        """
        return self._do("csound.evalCode", [code])
