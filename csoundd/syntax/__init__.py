"""Csound's text: orchestras, scores, the sections of a CSD and lines of options, read as Csound reads them."""
