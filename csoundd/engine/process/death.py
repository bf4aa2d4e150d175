"""How an engine ended."""

from __future__ import annotations

import signal
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Death:
    """How an engine ended: by whom, what it was doing since when, and whether its host is there for another.

    ``since`` is a monotonic time; ``hung`` says that it would not have ended.
    """

    cause: str
    from_outside: bool
    running: int
    performing: bool
    since: float
    hung: bool = False
    host_lives: bool = False


def cause_of(status: int) -> str:
    """What the exit status of a host says: negative is the signal that ended it."""
    if status >= 0:
        return f"it exited with status {status}"
    try:
        return f"it was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"it was ended by signal {-status}"
