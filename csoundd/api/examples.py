"""The orchestra that the examples of the reference run on."""

from __future__ import annotations

from typing import Final

ORCHESTRA: Final = """\
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1

gisine ftgen 1, 0, 1024, 10, 1

instr 1
  asig oscili p4, p5, 1
  out asig, asig
endin

instr Bell
  asig oscili 0.2, 880, 1
  out asig, asig
endin
"""
"""A table, a numbered and a named instrument; 48 kHz, 64 samples a cycle, two channels."""
