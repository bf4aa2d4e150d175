"""Compiling: orchestras, CSDs and single expressions, before the start or in the middle of a performance.

A return code of 0 is success. Why something did not compile stands on the stream ``messages``; ``orc.compile``
answers with diagnostics instead.
"""

from __future__ import annotations

from typing import Final

from csoundd.api.declare import COMPILE_DEADLINE, Call, Example, MethodGroup, method
from csoundd.api.values import CInt, Finite

CSD: Final = """\
<CsoundSynthesizer>
<CsInstruments>
instr 3
  asig oscili 0.1, 330, 1
  out asig, asig
endin
</CsInstruments>
<CsScore>
i 3 0 1
</CsScore>
</CsoundSynthesizer>
"""


class Compiling(MethodGroup):
    """Code into instruments, tables and score events."""

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(
            Example({"orc": "instr 2\n  asig pluck p4, p5, p5, 0, 1\n  out asig, asig\nendin\n"}, 0),
            Example({"orc": "instr 2\n  asig nosuchopcode 1\nendin\n"}, -1),
        ),
    )
    def compileOrc(self, orc: str, block: bool = True) -> int:
        """Compile orchestra code and merge it: new instruments are added, those of the same number or name replaced.

        Code outside instruments runs at once; with ``block`` false it runs at one of the next cycles, and the
        answer says only that the code is well-formed. Notes that sound keep the instrument they began with.
        """
        ...

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"orc": "giwave ftgen 2, 0, 1024, 7, -1, 1024, 1\n"}, 0),),
    )
    def compileOrcAsync(self, orc: str) -> int:
        """Compile orchestra code to be merged at one of the next cycles: compileOrc with ``block`` false."""
        ...

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"sr": 48000, "ksmps": 32}, None, fresh=True),),
    )
    def compileOrcHeader(
        self,
        sr: CInt | None = None,
        nchnls: CInt = 2,
        nchnls_i: CInt | None = None,
        zerodbfs: Finite = 1.0,
        ksmps: CInt = 64,
        a4: Finite | None = None,
    ) -> None:
        """Set the orchestra's header, before the start: sample rate, cycle size, channels, full scale and tuning.

        What is null is left as it is, and options win over all of it.
        """
        ...

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"path": "no such piece.csd"}, -1),),
    )
    def compileCsd(self, path: str, block: bool = True) -> int:
        """Compile a CSD of the workspace.

        Before the start its options count and its score is a score, with an end. Afterwards its options are
        ignored and its score's events are played as if they came from outside, and nothing ends. ``block``
        false does not wait for the compiler, where the engine can do that.

        Raises Forbidden for a path outside the workspace.
        """
        ...

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"code": CSD}, 0, fresh=True), Example({"code": CSD}, 0)),
    )
    def compileCsdText(self, code: str, block: bool = True) -> int:
        """Compile the text of a CSD, in all else as compileCsd does. Each of its tags stands on a line of its own."""
        ...

    @method(
        scope="compile",
        states=("ready",),
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"args": ["csound", "no such piece.csd"]}, -1, fresh=True),),
    )
    def compileCommandLine(self, *args: str) -> int:
        """Do what the command ``csound`` does with these arguments, the command's name first, up to performing.

        Csound is started with it. Raises Forbidden for options that the daemon keeps for itself.
        """
        ...

    @method(
        scope="compile",
        started=True,
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(
            Example({"code": "return 2 + 2"}, 4.0),
            Example({"code": "return gkdepth"}, {"$float": "nan"}, exact=False),
            Example({"code": "return gisize"}, 512.0, after=(Call("csound.compileOrc", ("gisize = 512",)),)),
        ),
    )
    def evalCode(self, code: str) -> float:
        """Run code at init time, as if outside any instrument, and answer with what its ``return`` returns.

        Not a number where the code does not compile.
        """
        ...
