"""The methods ``session.*`` for one caller."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

from csoundd.api.session import Session as SessionMethods
from csoundd.api.values import ClientInfo, Pong, ServerInfo, Welcome
from csoundd.errors import InvalidParams, WrongState
from csoundd.messages import RequestId, Scope, Seconds
from csoundd.ports import Caller, EngineClock
from csoundd.transport.session import SessionRegistry
from csoundd.values import PROTOCOL

Cancel = Callable[[str, RequestId], bool]
"""Has a session's call of that id wait no longer; whether there is such a call."""


@dataclass(frozen=True, slots=True)
class ServerHello:
    """What every client is told: who answers, and the server's limits by name."""

    server: ServerInfo
    limits: Mapping[str, float]


class SessionService(SessionMethods):
    """The caller's own session."""

    def __init__(
        self, registry: SessionRegistry, engine: EngineClock, greeting: ServerHello, caller: Caller, cancel: Cancel
    ) -> None:
        self._registry = registry
        self._engine = engine
        self._greeting = greeting
        self._caller = caller
        self._cancel = cancel

    async def hello(
        self,
        protocol: int,
        client: ClientInfo | None = None,
        token: str | None = None,
        receipts: bool = False,  # noqa: FBT001, FBT002 - as declared
        resume: str | None = None,
    ) -> Welcome:
        """Introduce the client, or take an earlier session up again. No token is asked for, so any will do."""
        del client, token
        if protocol != PROTOCOL:
            raise InvalidParams(f"protocol {protocol} is not spoken here", supported=[PROTOCOL])
        session = self._registry.get(self._session)
        if resume is not None:
            session = self._registry.resume(session, resume)
        session.receipts = receipts
        limits = dict(self._greeting.limits)
        scopes: list[Scope] = [scope for scope in get_args(Scope) if scope in session.scopes]
        return Welcome(PROTOCOL, self._greeting.server, self._engine.info(), session.id, scopes, limits)

    async def ping(self, t: float) -> Pong:
        """Compare clocks."""
        return Pong(t, Seconds(time.time()), self._engine.sample())

    async def cancel(self, id: int | float | str) -> bool:  # noqa: A002, PYI041 - as declared
        """Have a call wait no longer."""
        return self._cancel(self._session, id)

    @property
    def _session(self) -> str:
        if self._caller.id is None:
            raise WrongState("there is no session over HTTP", hint="connect over WebSocket")
        return self._caller.id
