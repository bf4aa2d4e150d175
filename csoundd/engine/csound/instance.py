"""What is the same of one instance on every engine: what the families that serve both ask of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from csoundd.engine.csound.backend import Running
from csoundd.engine.csound.commandline import OptionPolicy


class CsoundInstance(Running, Protocol):
    """One Csound, native or in a sandbox.

    What is in ``on_reset`` is called before every reset, what is in ``before_start`` before every start; ``has_score``
    is true once a CSD or a file has brought a score.
    """

    host_midi: bool
    option_policy: OptionPolicy
    before_start: list[Callable[[], None]]
    has_score: bool
    on_reset: list[Callable[[], None]]

    def set_option(self, word: str) -> int:
        """``csoundSetOption``."""

    def when_started(self, action: Callable[[], None]) -> None:
        """Do ``action`` now, or as soon as Csound has been started."""

    def say(self, text: str, attr: int) -> None:
        """Print ``text`` among Csound's messages."""

    def warn(self, text: str) -> None:
        """Print a warning of ours among Csound's messages."""
