"""What parts expect of one another: each interface is declared here once, and the composition root provides it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from csoundd.messages import Command, Done, EngineEvent, Incoming, RequestId, Response, Scope, Seconds

Answer = Callable[[Response | list[Response]], None]
"""Told of the answer to a request, or of all those to a batch."""


class Caller(Protocol):
    """On whose behalf a call is made; ``id`` is None where there is no session."""

    @property
    def id(self) -> str | None:
        """The session."""

    @property
    def scopes(self) -> frozenset[Scope]:
        """What the caller may do."""

    @property
    def receipts(self) -> bool:
        """Whether replies are to say where calls landed."""


class Dispatcher(Protocol):
    """Answers requests, and says who may do what. The only place where permission is asked."""

    def dispatch(self, caller: Caller, incoming: Incoming, answer: Answer) -> None:
        """Have ``incoming`` done. Never raises; ``answer`` is called once, or never where no answer is wanted."""

    def permit(self, caller: Caller, scope: Scope, what: str) -> None:
        """Raise Forbidden, which names ``what``, if ``caller`` lacks ``scope``."""

    def cancel(self, session: str, request: RequestId) -> bool:
        """Have what waits of the calls that ``session`` made under the id ``request`` answer Cancelled."""


class EnginePort(Protocol):
    """The engine, as those see it who follow its channels."""

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

    def seconds_of_score(self) -> Seconds:
        """The score time at the last cycle."""
