"""Pieces for the daemon to play."""

from __future__ import annotations

from typing import Final

HEADER: Final = """
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
"""

TONE: Final = (
    HEADER
    + """
chn_k "freq", 3
chn_S "name", 3
chn_a "tone", 3
instr 1
  kfreq chnget "freq"
  asig oscili 0.3, kfreq
  chnset asig, "tone"
  outs asig, asig * 0.5
endin
schedule(1, 0, -1)
"""
)
"""A sine without end at the frequency of the channel ``freq``, the right side at half the level."""

SILENT: Final = HEADER + "instr 1\nendin\nschedule(1, 0, -1)\n"

CSD: Final = """<CsoundSynthesizer>
<CsInstruments>
{orchestra}
</CsInstruments>
<CsScore>
{score}
</CsScore>
</CsoundSynthesizer>
"""


def csd(orchestra: str, score: str = "i1 0 z") -> str:
    """A CSD of an orchestra and a score."""
    return CSD.format(orchestra=orchestra, score=score)
