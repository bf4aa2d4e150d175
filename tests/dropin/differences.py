"""Where the drop-in answers otherwise than libcsound, and why."""

from __future__ import annotations

import fnmatch
from typing import Final

DECLARED: Final[tuple[tuple[str, str, str, str], ...]] = ()
"""Patterns of a call with its state, of libcsound's outcome and of ours, and the reason."""


def reason(case: str, theirs: str, ours: str) -> str | None:
    """Why a call differs, None where nobody has said so."""
    for name, their, our, why in DECLARED:
        if fnmatch.fnmatch(case, name) and fnmatch.fnmatch(theirs, their) and fnmatch.fnmatch(ours, our):
            return why
    return None
