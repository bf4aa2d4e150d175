"""``lockChannel``: for a moment only one session writes to a channel. The engine is never locked.

While there are locks the table of calls asks :meth:`ChannelLocks.check_call` before each call, else nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Final

from csoundd.api.channels import Bus
from csoundd.engine.csound.backend import Backend
from csoundd.engine.csound.channels import named
from csoundd.engine.csound.handles import Handles
from csoundd.errors import NotFound, WrongState
from csoundd.limits import LOCK_SECONDS

WRITES: Final = frozenset(
    {
        "channel.write",
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


@dataclass(frozen=True, slots=True)
class ChannelLock:
    """The session that alone may write, and until when (monotonic)."""

    session: str
    until: float


class ChannelLocks:
    """The locks of one engine."""

    def __init__(self, handles: Handles) -> None:
        self._handles = handles
        self.held: dict[str, ChannelLock] = {}
        """By the name of the channel."""

    def lock(self, session: str | None, channel: str) -> None:
        """Let only ``session`` write to ``channel``. Raises WrongState while another has it."""
        if session is None:
            raise WrongState("a lock belongs to a session", hint="connect over WebSocket")
        self._check(session, channel)
        self.held[channel] = ChannelLock(session, monotonic() + LOCK_SECONDS)

    def unlock(self, session: str | None, channel: str) -> None:
        """End the lock of ``session``, if it still has one."""
        lock = self.held.get(channel)
        if lock is not None and lock.session == session:
            del self.held[channel]

    def release(self, session: str) -> None:
        """The session is over."""
        self.held = {name: lock for name, lock in self.held.items() if lock.session != session}

    def clear(self) -> None:
        """Csound was reset: the channels are gone."""
        self.held.clear()

    def check_call(self, session: str | None, method: str, args: list[object]) -> None:
        """Raise WrongState where a call of ``session`` would write to a channel that another one has locked."""
        if method == "channel.set":
            for name in args[0] if isinstance(args[0], dict) else ():
                self._check(session, name)
        elif method in WRITES:
            self._check(session, named(args[0], self._handles, session))

    def _check(self, session: str | None, channel: str) -> None:
        lock = self.held.get(channel)
        if lock is None or lock.session == session:
            return
        left = lock.until - monotonic()
        if left <= 0:
            del self.held[channel]
            return
        raise WrongState(f"the channel {channel!r} is locked by another session", hint=f"for {left:.2f} s at most")


class HostLocks(Bus):
    """``lockChannel`` and ``unlockChannel``, the same over every backend."""

    def __init__(self, backend: Backend, locks: ChannelLocks) -> None:
        self._backend, self._locks = backend, locks

    def lockChannel(self, channel: str, *, session: str | None = None) -> None:
        if not self._backend.kind(channel):
            raise NotFound(f"there is no channel named {channel!r}", channel=channel)
        self._locks.lock(session, channel)

    def unlockChannel(self, channel: str, *, session: str | None = None) -> None:
        self._locks.unlock(session, channel)
