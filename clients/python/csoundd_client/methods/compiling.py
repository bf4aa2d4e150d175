"""Code into instruments, tables and score events.

Generated from csoundd's declared API by ``make protocol``; not to be edited.
"""

from __future__ import annotations

from typing import Unpack

from csoundd_client.call import Call
from csoundd_client.namespace import Namespace
from csoundd_client.values import Timing


class Compiling(Namespace):
    """Code into instruments, tables and score events."""

    def compileOrc(self, orc: str, block: bool = True, **timing: Unpack[Timing]) -> Call[int]:
        """Compile orchestra code and merge it: new instruments are added, those of the same number or name replaced.

        Code outside instruments runs at once; with ``block`` false it runs at one of the next cycles, and the
        answer says only that the code is well-formed. Notes that sound keep the instrument they began with.
        """
        return self._request("csound.compileOrc", [orc, block], timing)

    def compileOrcAsync(self, orc: str, **timing: Unpack[Timing]) -> Call[int]:
        """Compile orchestra code to be merged at one of the next cycles: compileOrc with ``block`` false."""
        return self._request("csound.compileOrcAsync", [orc], timing)

    def compileOrcHeader(
        self,
        sr: int | None = None,
        nchnls: int = 2,
        nchnls_i: int | None = None,
        zerodbfs: float = 1.0,
        ksmps: int = 64,
        a4: float | None = None,
        **timing: Unpack[Timing],
    ) -> Call[None]:
        """Set the orchestra's header, before the start: sample rate, cycle size, channels, full scale and tuning.

        What is null is left as it is, and options win over all of it. Raises InvalidParams for a value that is not
        above 0.
        """
        return self._request("csound.compileOrcHeader", [sr, nchnls, nchnls_i, zerodbfs, ksmps, a4], timing)

    def compileCsd(self, path: str, block: bool = True, **timing: Unpack[Timing]) -> Call[int]:
        """Compile a CSD of the workspace.

        Before the start its options count and its score is a score, with an end. Afterwards its options are
        ignored and its score's events are played as if they came from outside, and nothing ends. ``block``
        false does not wait for the compiler, where the engine can do that.

        Raises Forbidden for a path outside the workspace.
        """
        return self._request("csound.compileCsd", [path, block], timing)

    def compileCsdText(self, code: str, block: bool = True, **timing: Unpack[Timing]) -> Call[int]:
        """Compile the text of a CSD, in all else as compileCsd does. Each of its tags stands on a line of its own."""
        return self._request("csound.compileCsdText", [code, block], timing)

    def compileCommandLine(self, *args: str, **timing: Unpack[Timing]) -> Call[int]:
        """Do what the command ``csound`` does with these arguments, the command's name first, up to performing.

        Csound is started with it. Raises Forbidden for options that the daemon keeps for itself.
        """
        return self._request("csound.compileCommandLine", [*args], timing)

    def evalCode(self, code: str, **timing: Unpack[Timing]) -> Call[float]:
        """Run code at init time, as if outside any instrument, and answer with what its ``return`` returns.

        Not a number where the code does not compile.
        """
        return self._request("csound.evalCode", [code], timing)
