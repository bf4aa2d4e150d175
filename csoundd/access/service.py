"""The methods ``token.*`` and ``session.ticket``, for one caller."""

from __future__ import annotations

import builtins

from csoundd.access.audit import AuditLog
from csoundd.access.authenticator import Authenticator
from csoundd.access.tickets import Vouchers
from csoundd.access.tokens import TokenRecord
from csoundd.api.tokens import Tickets, Tokens
from csoundd.api.values import NewToken, Ticket, TokenInfo
from csoundd.errors import InvalidParams
from csoundd.limits import GLOBS, TICKET_SECONDS
from csoundd.messages import Scope
from csoundd.ports import Caller


class TokenService(Tokens):
    """The tokens that ``authenticator`` knows. What is done to them is recorded."""

    def __init__(self, authenticator: Authenticator, audit: AuditLog, caller: Caller) -> None:
        self._authenticator, self._audit, self._caller = authenticator, audit, caller

    async def create(
        self,
        name: str,
        scope: Scope,
        channels: builtins.list[str] | None = None,
        readChannels: builtins.list[str] | None = None,  # noqa: N803 - as declared
        expires: float | None = None,
    ) -> NewToken:
        """Make a token."""
        for globs in (channels, readChannels):
            if globs is not None and len(globs) > GLOBS:
                raise InvalidParams(f"a token may be limited to {GLOBS} globs at most")
        token, record = self._authenticator.store.create(
            name, scope, channels=channels, read_channels=readChannels, lifetime=expires
        )
        self._audit.allowed(self._who, f"token.create {record.name} ({record.id}, {record.scope})")
        told = told_of(record)
        return NewToken(
            token, told.id, told.name, told.scope, told.channels, told.readChannels, told.created, told.expires
        )

    async def list(self) -> builtins.list[TokenInfo]:
        """The tokens there are."""
        return [told_of(record) for record in self._authenticator.store.records()]

    async def revoke(self, token: str) -> TokenInfo:
        """Have a token be good no more."""
        record = self._authenticator.revoke(token)
        self._audit.allowed(self._who, f"token.revoke {record.name} ({record.id})")
        return told_of(record)

    @property
    def _who(self) -> str:
        grant = self._caller.grant
        return f"{grant.name} ({grant.token})" if grant.token is not None else "somebody without a token"


class TicketService(Tickets):
    """Tickets for the caller."""

    def __init__(self, tickets: Vouchers, caller: Caller) -> None:
        self._tickets, self._caller = tickets, caller

    async def ticket(self, path: str) -> Ticket:
        """A ticket for one GET."""
        if not path.startswith("/") or "?" in path or "#" in path:
            raise InvalidParams("path: should be the path of a URL, as /listen.wav", parameter="path")
        return Ticket(self._tickets.issue(self._caller.grant, path), TICKET_SECONDS)


def told_of(record: TokenRecord) -> TokenInfo:
    """What a client is told of a token."""
    return TokenInfo(
        id=record.id,
        name=record.name,
        scope=record.scope,
        channels=None if record.channels is None else list(record.channels),
        readChannels=None if record.read_channels is None else list(record.read_channels),
        created=record.created,
        expires=record.expires,
    )
