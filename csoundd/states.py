"""The states of an engine: what each allows, and which may follow it.

The supervisor goes by this table, methods name their states by it, and the reference is made from those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from csoundd.messages import State


@dataclass(frozen=True, slots=True)
class Allowed:
    """The rules of one state.

    ``calls`` says that a host answers calls, ``performs`` that the performance goes on by itself or step by step, and
    ``next`` which states may follow. A state may always follow itself, in another epoch or for another reason.
    """

    calls: bool
    performs: bool
    next: frozenset[State]


_LIVE: Final[frozenset[State]] = frozenset({"ready", "playing", "paused", "ended"})
_GONE: Final[frozenset[State]] = frozenset({"offline", "starting"})
"""What may follow on any state in which there is a host: it dies, or another is wanted in its place."""

STATES: Final[dict[State, Allowed]] = {
    # No host: before the first, after one has died, once the daemon stops.
    "offline": Allowed(calls=False, performs=False, next=frozenset({"starting", "failed"})),
    # A host is loaded and brought to where the last one was.
    "starting": Allowed(calls=False, performs=False, next=_LIVE | {"offline", "failed"}),
    "ready": Allowed(calls=True, performs=False, next=_GONE | {"playing", "paused", "ended"}),
    "playing": Allowed(calls=True, performs=True, next=_GONE | {"ready", "paused", "ended"}),
    "paused": Allowed(calls=True, performs=False, next=_GONE | {"ready", "playing", "ended"}),
    # The score is over; csound.rewindScore and csound.reset make it ready.
    "ended": Allowed(calls=True, performs=False, next=_GONE | {"ready"}),
    # A crash loop: only engine.restart goes on.
    "failed": Allowed(calls=False, performs=False, next=_GONE),
}

ANY: Final[tuple[State, ...]] = tuple(STATES)
"""Every state: the front answers by itself."""

LIVE: Final[tuple[State, ...]] = tuple(state for state, allowed in STATES.items() if allowed.calls)
"""The states in which a host answers at all."""

STOPPED: Final[tuple[State, ...]] = tuple(state for state in LIVE if not STATES[state].performs)
"""The states in which nobody performs."""


def may_follow(state: State, after: State) -> bool:
    """Whether an engine that was in the state ``after`` may come to ``state``."""
    return state == after or state in STATES[after].next
