"""What is the same of one instance on every engine: what the families that serve both ask of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from csoundd.engine.backends.backend import Running


class CsoundInstance(Running, Protocol):
    """One Csound, native or in a sandbox. What is in ``on_reset`` is called before every reset."""

    host_midi: bool
    on_reset: list[Callable[[], None]]

    def set_option(self, word: str) -> int:
        """``csoundSetOption``."""

    def warn(self, text: str) -> None:
        """Print a warning of ours among Csound's messages."""
