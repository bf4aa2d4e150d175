"""What is the same of one instance on every engine: what the families that serve both ask of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from csoundd.engine.backends.backend import Points
from csoundd.messages import Frames, Seconds


class CsoundInstance(Protocol):
    """One Csound, native or in a sandbox."""

    version: int
    started: bool
    host_midi: bool
    on_reset: list[Callable[[], None]]

    @property
    def sr(self) -> float:
        """Frames per second."""

    @property
    def ksmps(self) -> int:
        """Frames in a cycle."""

    @property
    def nchnls(self) -> int:
        """Channels of output."""

    @property
    def zerodbfs(self) -> float:
        """Full scale."""

    def start(self) -> int:
        """``csoundStart``, if Csound is not started; its code."""

    def score_time(self) -> Seconds:
        """The score time."""

    def samples(self) -> Frames:
        """Csound's own count of performed samples."""

    def spout(self) -> Points:
        """The output buffer, ``[ksmps, nchnls]``."""

    def spin(self) -> Points:
        """The input buffer, ``[ksmps, nchnls_i]``."""

    def set_option(self, word: str) -> int:
        """``csoundSetOption``."""

    def warn(self, text: str) -> None:
        """Print a warning of ours among Csound's messages."""

    def printed(self) -> list[tuple[str, int]]:
        """What was printed since the last call: text and message attribute."""

    def reset(self) -> None:
        """``csoundReset``, and what it takes away put back."""

    def close(self) -> None:
        """Write out what the orchestra holds open, and free Csound."""
