"""``lockChannel``: for a moment only one session writes to a channel. The engine is never locked.

While there are leases the table of calls asks :meth:`Leases.guard` before each call; without one it asks nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final, cast

from csoundd.api.channel_info import Bus
from csoundd.engine.csound.backend import Backend
from csoundd.engine.csound.handles import Handles
from csoundd.engine.csound.references import named
from csoundd.errors import NotFound, WrongState
from csoundd.messages import Seconds

TERM: Final = Seconds(1.0)
"""How long a lease lasts unless it is given back."""

WRITES: Final = frozenset(
    {
        "csound.setControlChannel",
        "csound.setStringChannel",
        "csound.setAudioChannel",
        "csound.setControlChannelHints",
        "csound.setStringData",
        "csound.setPvsData",
        "csound.setArrayData",
    }
)
"""The methods that write to the channel that their first argument names."""

Guard = Callable[[str, list[object]], None]


@dataclass(frozen=True, slots=True)
class Lease:
    """Who alone may write, and until when (monotonic)."""

    session: str
    until: float


class Leases:
    """The leases of one engine. ``set_guard`` has every call asked for, or none."""

    def __init__(self, handles: Handles, set_guard: Callable[[Guard | None], None]) -> None:
        self._handles, self._set_guard = handles, set_guard
        self._leases: dict[str, Lease] = {}

    def take(self, channel: str) -> None:
        """Let only the present session write to ``channel``. Raises WrongState while another has it."""
        session = self._handles.session
        if session is None:
            raise WrongState("a lock belongs to a session", hint="connect over WebSocket")
        self._check(channel)
        self._leases[channel] = Lease(session, monotonic() + TERM)
        self._set_guard(self.guard)

    def give_back(self, channel: str) -> None:
        """End the present session's lease, if it still has one."""
        lease = self._leases.get(channel)
        if lease is not None and lease.session == self._handles.session:
            del self._leases[channel]
        self._rest()

    def release(self, session: str) -> None:
        """The session is over."""
        self._leases = {name: lease for name, lease in self._leases.items() if lease.session != session}
        self._rest()

    def clear(self) -> None:
        """Csound was reset: the channels are gone."""
        self._leases.clear()
        self._rest()

    def _rest(self) -> None:
        if not self._leases:
            self._set_guard(None)

    def guard(self, method: str, args: list[object]) -> None:
        """Raise WrongState where the call would write to a channel that another session has."""
        if method == "channel.set":
            for name in cast("dict[str, object]", args[0]):
                self._check(name)
        elif method in WRITES:
            self._check(named(args[0], self._handles))

    def _check(self, channel: str) -> None:
        lease = self._leases.get(channel)
        if lease is None or lease.session == self._handles.session:
            return
        left = lease.until - monotonic()
        if left <= 0:
            del self._leases[channel]
            self._rest()
            return
        raise WrongState(f"the channel {channel!r} is locked by another session", hint=f"for {left:.2f} s at most")


class HostLocks(Bus):
    """``lockChannel`` and ``unlockChannel``, the same over every backend."""

    def __init__(self, backend: Backend, leases: Leases) -> None:
        self._backend, self._leases = backend, leases

    def lockChannel(self, channel: str) -> None:
        if not self._backend.kind(channel):
            raise NotFound(f"there is no channel named {channel!r}", channel=channel)
        self._leases.take(channel)

    def unlockChannel(self, channel: str) -> None:
        self._leases.give_back(channel)
