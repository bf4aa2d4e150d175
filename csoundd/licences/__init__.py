"""The licences of the Csound that csoundd loads, as data: a notice that says what is in it, and the LGPL's text."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

TEXTS: Final = ("NOTICE.txt", "LGPL-2.1.txt")


def licences() -> str:
    """The notice, and after it the text of the licence."""
    return "\n\n".join((files(__package__) / name).read_text(encoding="utf-8") for name in TEXTS)
