"""What OSC needs of the stages beside it, which the daemon hands to it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Protocol

from csoundd.messages import Command, Done, EngineEvent, Frames, RequestId, Seconds
from csoundd.transport.neighbours import Dispatcher


class EnginePort(Protocol):
    """What is asked of the engine."""

    def call(self, command: Command, done: Done) -> None:
        """Have ``command`` run; ``done`` is told of its outcome exactly once."""

    async def tap(self, tap: str, kind: str, options: dict[str, object]) -> dict[str, object]:
        """Have ``kind`` delivered under the name ``tap``, also by the hosts that follow."""

    def untap(self, tap: str) -> None:
        """End what ``tap`` began."""

    def listen(self, listener: Callable[[EngineEvent], None]) -> None:
        """Let ``listener`` hear every event from now on."""

    def release(self, session: str) -> None:
        """Free what ``session`` holds."""

    def info(self) -> dict[str, object]:
        """The members of ``engine.info``."""

    def format(self) -> dict[str, object]:
        """``{sr, ksmps, nchnls, zerodbfs}``, empty before the start."""

    def sample(self) -> Frames:
        """The first sample of the next cycle."""

    def seconds_of_score(self) -> Seconds:
        """The score time at the last cycle."""


class CancellingDispatcher(Dispatcher, Protocol):
    """Answers requests, unless they are cancelled before."""

    def cancel(self, session: str, request: RequestId) -> bool:
        """Have what waits of the calls that ``session`` made under the id ``request`` answer Cancelled."""


class Facts(Protocol):
    """What is true of a method beside its signature."""

    @property
    def served(self) -> str:
        """``engine`` or ``front``."""


class Method(Protocol):
    """A declared method of the API."""

    @property
    def name(self) -> str:
        """Its name on the wire, as ``csound.setControlChannel``."""

    @property
    def function(self) -> Callable[..., object]:
        """The declaration, whose annotations say what its parameters are."""

    @property
    def signature(self) -> inspect.Signature:
        """Its signature without ``self``."""

    @property
    def facts(self) -> Facts:
        """What else is true of it."""
