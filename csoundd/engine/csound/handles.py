"""Things that live in the engine and are named on the wire: whose they are, and when they are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from csoundd.errors import LimitExceeded, NotFound, StaleHandle, WrongState
from csoundd.limits import SESSION_HANDLES
from csoundd.messages import Handle

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """The object that a handle stands for, its owner, and how it is freed."""

    value: T
    session: str
    free: Callable[[], None]


class Handles:
    """The handles of one engine, ``limit`` of a session.

    Each belongs to the session that had it made, and nobody else can use it.
    """

    def __init__(self, epoch: int, limit: int = SESSION_HANDLES) -> None:
        self._limit = limit
        self.epoch = epoch
        self._held: dict[str, Held[object]] = {}
        self._counts: Counter[str] = Counter()
        self._made = 0

    def __len__(self) -> int:
        return len(self._held)

    def make(self, session: str | None, kind: str, value: object, free: Callable[[], None]) -> Handle:
        """A handle of ``session`` to ``value``; ``free`` is called when it goes.

        Raises WrongState without a session, LimitExceeded for one that holds too many.
        """
        session = _owner(session)
        if self._counts[session] >= self._limit:
            raise LimitExceeded(f"a session may hold at most {self._limit} handles", name="handles", limit=self._limit)
        self._made += 1
        self._counts[session] += 1
        name = f"{kind}:{self.epoch}.{self._made}"
        self._held[name] = Held(value, session, free)
        return Handle(name)

    def get(self, session: str | None, handle: object, kind: str, of: type[T]) -> T:
        """The object that ``handle``, one of ``session``, stands for.

        Raises StaleHandle for one of an earlier epoch or of a session that is over, NotFound for one that never was.
        """
        session = _owner(session)
        if not isinstance(handle, Handle) or not handle.id.startswith(f"{kind}:"):
            raise NotFound(f"this parameter takes the handle of a {kind}")
        held = self._held.get(handle.id)
        if held is None or held.session != session or not isinstance(held.value, of):
            raise StaleHandle(f"{handle.id} is not this session's, or is gone")
        return held.value

    def free(self, handle: Handle) -> None:
        """Let go of one handle."""
        held = self._held.pop(handle.id, None)
        if held is not None:
            self._counts[held.session] -= 1
            held.free()

    def release(self, session: str) -> None:
        """``session`` is over: let go of all that it held."""
        for name in [name for name, held in self._held.items() if held.session == session]:
            self.free(Handle(name))
        del self._counts[session]

    def clear(self, epoch: int) -> None:
        """A new epoch begins: everything goes."""
        for name in list(self._held):
            self.free(Handle(name))
        self.epoch = epoch


def _owner(session: str | None) -> str:
    if session is None:
        raise WrongState("handles belong to a session", hint="connect over WebSocket")
    return session
