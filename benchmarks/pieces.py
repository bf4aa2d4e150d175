"""What the benchmarks play: eight voices through a filter each, the load of a small synthesizer; and silence."""

from __future__ import annotations

from typing import Final

HEADER: Final = "sr = 48000\nksmps = 64\nnchnls = 2\n0dbfs = 1\n"

VOICE: Final = """
instr 1
  kCutoff chnget "cutoff"
  aSaw vco2 0.05, p4
  aLow moogladder aSaw, 800 + kCutoff * 2000, 0.3
  out aLow, aLow
endin
"""

VOICES: Final = tuple(110 * 1.25**number for number in range(8))

PLAYED: Final = f"""{HEADER}{VOICE}
chn_k "cutoff", 3
chnset 0.25, "cutoff"
""" + "".join(f"schedule 1, 0, -1, {pitch:g}\n" for pitch in VOICES)

SILENCE: Final = HEADER


def scored(seconds: float) -> str:
    """A CSD whose eight voices sound for ``seconds``."""
    notes = "".join(f"i 1 0 {seconds:g} {pitch:g}\n" for pitch in VOICES)
    return (
        "<CsoundSynthesizer>\n<CsOptions>\n</CsOptions>\n"
        f"<CsInstruments>\n{HEADER}{VOICE}</CsInstruments>\n"
        f"<CsScore>\n{notes}e\n</CsScore>\n</CsoundSynthesizer>\n"
    )
