"""Csound's text: orchestras, scores, the sections of a CSD and lines of options, read as Csound reads them."""

from typing import Final

UNDECODED: Final = "surrogateescape"
"""How text is decoded that Csound is to have byte for byte, and encoded again: not all of it is UTF-8.

A piece of the days of Latin-1 may name a file in it, or just its author. The API itself takes no such text.
"""
