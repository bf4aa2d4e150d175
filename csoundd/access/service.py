"""The methods ``token.*``, ``pairing.*`` and ``session.ticket``, for one caller."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from csoundd.access.audit import AuditLog
from csoundd.access.authenticator import Authenticator
from csoundd.access.pairing import Pairings
from csoundd.access.tickets import Vouchers
from csoundd.access.tokens import TokenRecord
from csoundd.api.tokens import Pairing, Tickets, Tokens
from csoundd.api.values import NewPairing, NewToken, PairingInfo, Ticket, TokenInfo
from csoundd.errors import InvalidParams
from csoundd.limits import LINK_CHARACTERS, TICKET_SECONDS
from csoundd.messages import Scope
from csoundd.ports import Caller

PAIRING_PATH: Final = "/pair"
"""The page that a link leads to."""

BaseUrl = Callable[[], str]


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
        token, record = self._authenticator.store.create(
            name, scope, channels=channels, read_channels=readChannels, lifetime=expires
        )
        self._audit.allowed(_named(self._caller), f"token.create {record.name} ({record.id}, {record.scope})")
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
        self._audit.allowed(_named(self._caller), f"token.revoke {record.name} ({record.id})")
        return told_of(record)


class PairingService(Pairing):
    """The pairings that are offered. ``base_url`` is where other machines reach the daemon; raises WrongState.

    A link is that address, the page and, as the fragment, which a browser sends to nobody, the secret. ``authority`` is
    the fingerprint of the daemon's own authority.
    """

    def __init__(
        self, pairings: Pairings, audit: AuditLog, base_url: BaseUrl, authority: str | None, caller: Caller
    ) -> None:
        self._pairings, self._audit, self._base_url = pairings, audit, base_url
        self._authority, self._caller = authority, caller

    async def create(  # noqa: PLR0913, PLR0917 - as declared
        self,
        name: str = "phone",
        scope: Scope = "control",
        channels: builtins.list[str] | None = None,
        readChannels: builtins.list[str] | None = None,  # noqa: N803 - as declared
        expires: float | None = None,
        url: str | None = None,
    ) -> NewPairing:
        """Offer a pairing."""
        base = self._base_url() if url is None else _base_of(url)
        secret, pairing = self._pairings.offer(
            name, scope, channels=channels, read_channels=readChannels, lifetime=expires
        )
        self._audit.allowed(_named(self._caller), f"pairing.create {pairing.name} ({pairing.id}, {pairing.scope})")
        link = f"{base}{PAIRING_PATH}#{secret}"
        return NewPairing(pairing.id, link, _qr_code(link), pairing.seconds, self._authority)

    async def list(self) -> builtins.list[PairingInfo]:
        """The pairings there are."""
        return [
            PairingInfo(
                id=pairing.id,
                name=pairing.name,
                scope=pairing.scope,
                channels=pairing.limits.get("channels"),
                readChannels=pairing.limits.get("read_channels"),
                seconds=pairing.seconds,
                token=None if pairing.record is None else told_of(pairing.record),
            )
            for pairing in self._pairings.all()
        ]

    async def cancel(self, pairing: str) -> None:
        """Have a link be good no more."""
        cancelled = self._pairings.cancel(pairing)
        self._audit.allowed(_named(self._caller), f"pairing.cancel {cancelled.name} ({cancelled.id})")


class TicketService(Tickets):
    """Tickets for the caller."""

    def __init__(self, tickets: Vouchers, caller: Caller) -> None:
        self._tickets, self._caller = tickets, caller

    async def ticket(self, path: str) -> Ticket:
        """A ticket for one GET."""
        if not path.startswith("/") or "?" in path or "#" in path:
            raise InvalidParams("path: should be the path of a URL, as /listen.wav", parameter="path")
        return Ticket(self._tickets.issue(self._caller.grant, path), TICKET_SECONDS)


def _named(caller: Caller) -> str:
    grant = caller.grant
    return f"{grant.name} ({grant.token})" if grant.token is not None else "somebody without a token"


def _base_of(url: str) -> str:
    """``url`` as the beginning of a link, without an end. Raises InvalidParams for what a browser cannot open."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or parts.username is not None or parts.query or parts.fragment or not url.isprintable():
        raise InvalidParams("url: should be as https://synth.example or https://synth.example/studio", parameter="url")
    if len(url) > LINK_CHARACTERS:
        raise InvalidParams(f"url: should be at most {LINK_CHARACTERS} characters", parameter="url")
    return url.rstrip("/")


def _qr_code(link: str) -> str:
    """A QR code of ``link`` as SVG, dark on light whatever is behind it, as big as the page makes it."""
    import segno  # noqa: PLC0415 - needed when a device is paired, which is seldom

    code = segno.make(link, error="m", micro=False)
    return str(code.svg_inline(border=4, light="#fff", dark="#000", omitsize=True, title="a QR code"))


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
